"""What values touch that occur in several places of the charts, with the same meaning."""

from __future__ import annotations

from hubs.preview.diff.rules import directions as d
from hubs.preview.diff.rules.rule import rule
from hubs.settings.touches import Touches

_REACH = "more pods and addresses can reach it"
_LEAVE = "it can reach more addresses"
_CLOSED = "what needs the closed connections fails"
_OPEN = "it can be reached from outside the cluster"
_GATE = "annotations decide who gets in, and where requests go"
_CODE = "other code runs beside the hub, with its network and its rights"
_TAG = "another version of the same program"

EVERYWHERE = (
    rule(
        "**.containerSecurityContext **.podSecurityContext **.securityContext",
        Touches.ISOLATION,
        "a program gets more rights on its node",
        d.fewer_context,
        subject="security context",
        otherwise="a program gets fewer rights on its node",
    ),
    rule(
        "**.extraPodSpec",
        Touches.ISOLATION,
        "a pod gets rights on its node or in the cluster",
        d.fewer_rights,
        subject="further configuration of pods",
    ),
    rule(
        "**.networkPolicy.enabled",
        Touches.NETWORK,
        "it can reach everything, and everything can reach it",
        d.unless_off,
        subject="network policy",
        otherwise=_CLOSED,
    ),
    rule(
        "**.networkPolicy.ingress",
        Touches.NETWORK,
        _REACH,
        d.fewer,
        subject="rules for incoming connections",
        otherwise=_CLOSED,
    ),
    rule(
        "**.networkPolicy.egress",
        Touches.NETWORK,
        _LEAVE,
        d.fewer,
        subject="rules for outgoing connections",
        otherwise=_CLOSED,
    ),
    rule(
        "**.networkPolicy.egressAllowRules.*",
        Touches.NETWORK,
        _LEAVE,
        d.unless(True, None),
        subject="rule for outgoing connections",
        otherwise=_CLOSED,
    ),
    rule(
        "**.networkPolicy.allowedIngressPorts",
        Touches.NETWORK,
        "more of its ports can be reached",
        d.fewer,
        subject="ports that can be reached",
        otherwise=_CLOSED,
    ),
    rule(
        "**.networkPolicy.interNamespaceAccessLabels",
        Touches.NETWORK,
        "pods in other namespaces can reach it",
        d.unless("accept"),
        subject="access from other namespaces",
        otherwise=_CLOSED,
    ),
    rule(
        "**.serviceAccount.name **.serviceAccount.annotations **.serviceAccountImagePuller",
        Touches.IDENTITY,
        "it gets the rights of another account, in the cluster or in the cloud",
        d.gone,
        subject="service account",
        otherwise="it loses the rights of its account",
    ),
    rule(
        "**.serviceAccount.create",
        Touches.AVAILABILITY,
        "without its account, it may not start",
        subject="service account",
    ),
    rule(
        "**.service.type",
        Touches.NETWORK,
        _OPEN,
        d.only("ClusterIP"),
        subject="type of the service",
        otherwise="it is reachable inside the cluster only",
    ),
    rule("**.service.annotations", Touches.NETWORK, _GATE, d.plain_annotations, subject="annotations of the service"),
    rule(
        "**.service.extraPorts **.service.externalIPs **.service.nodePorts **.service.nodePort "
        "**.service.ports.nodePort",
        Touches.NETWORK,
        _OPEN,
        d.fewer,
        subject="ports of the service",
        otherwise=_CLOSED,
    ),
    rule(
        "**.service.loadBalancerSourceRanges",
        Touches.NETWORK,
        "it can be reached from more addresses",
        d.narrower,
        subject="addresses that may connect",
        otherwise="it can be reached from fewer addresses",
    ),
    rule(
        "**.service.disableHttpPort",
        Touches.NETWORK,
        "it can be reached without encryption",
        d.unless(False),
        subject="closing the port without encryption",
    ),
    rule("**.service", Touches.AVAILABILITY, "whoever uses its address has to follow", subject="service"),
    rule("**.image.name **.image.repository", Touches.CODE, _CODE, d.same_repository, subject="image", otherwise=_TAG),
    rule("**.image.tag", Touches.CODE, _TAG, d.always, subject="version of the image", otherwise=_TAG),
    rule("**.image", Touches.AVAILABILITY, "how the image is pulled", subject="pulling of the image"),
    rule(
        "**.extraContainers **.initContainers **.extraInitContainers",
        Touches.CODE,
        _CODE,
        d.fewer_containers,
        subject="further containers",
        otherwise="a container is no longer there, or another version",
    ),
    rule("**.command **.args **.lifecycle", Touches.CODE, _CODE, d.gone, subject="command of the container"),
    rule(
        "**.extraVolumes",
        Touches.FILES,
        "its programs can read what is in these volumes",
        d.fewer_volumes,
        subject="further volumes",
        otherwise="what was mounted may no longer be there",
    ),
    rule(
        "**.extraVolumeMounts",
        Touches.FILES,
        "its programs see, or may change, other files",
        d.fewer_mounts,
        subject="further mounts",
        otherwise="what was mounted may no longer be there",
    ),
    rule("**.resources **.autoResizer", Touches.COST, "it restarts with another size", subject="memory and CPU"),
    rule(
        "**.nodeSelector **.tolerations **.extraTolerations **.affinity **.nodeAffinity",
        Touches.AVAILABILITY,
        "it runs on other nodes, or on none",
        subject="nodes",
    ),
    rule(
        "**.pdb **.replicas **.deploymentStrategy **.livenessProbe **.readinessProbe",
        Touches.AVAILABILITY,
        "how it restarts, and how often",
        subject="restarts",
    ),
    rule(
        "**.labels **.podLabels **.extraLabels",
        Touches.NETWORK,
        "network policies select pods by their labels",
        d.fewer_labels,
        subject="labels",
        otherwise="pods restart with other labels",
    ),
    rule(
        "**.annotations **.podAnnotations **.daemonsetAnnotations",
        Touches.NETWORK,
        _GATE,
        d.plain_annotations,
        subject="annotations",
        otherwise="pods may restart",
    ),
    rule("**.revisionHistoryLimit **.logLevel **.pullSecrets **.pullPolicy", Touches.NOTHING),
)
