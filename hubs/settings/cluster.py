"""The settings that all hubs of a cluster share: `imagebuilding:cluster` in the stack's file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hubs.settings.auth import UserName, administrators, people_of
from hubs.settings.base import ClusterName, Strict, example
from hubs.settings.egress import Egress
from hubs.settings.kubernetes import Annotations, Labels, Nodes, ObjectName, Toleration
from hubs.settings.sizes import Quantity
from hubs.settings.touches import BLOCK_METADATA, Touches, becomes, fewer, touches

NODE_PURPOSE = "hub.jupyter.org/node-purpose"


def _tolerations(purpose: str) -> list[Toleration]:
    # Both spellings: some clouds refuse the slash in a taint's key.
    return [
        Toleration(key=key, operator="Equal", value=purpose, effect="NoSchedule")
        for key in ("hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated")
    ]


class CoreNodes(Nodes):
    """Nodes for hub, proxy and BinderHub. Default: nodes with the label `hub.jupyter.org/node-purpose: core`, and
    the taints that Zero to JupyterHub recommends for them."""

    selector: Annotated[
        Labels,
        touches(
            Touches.AVAILABILITY,
            "hub, proxy and builds' service move to other nodes, or find none",
            subject="nodes of the hubs",
        ),
        example({NODE_PURPOSE: "core"}, {}),
    ] = {NODE_PURPOSE: "core"}
    """Labels that a node must have, all of them. `{}` is any node."""
    tolerations: Annotated[
        list[Toleration],
        touches(
            Touches.AVAILABILITY,
            "hub, proxy and builds' service move to other nodes, or find none",
            whole=True,
            subject="taints that the hubs tolerate",
        ),
    ] = _tolerations("core")
    """Taints that these pods tolerate."""


SERVER_NODES = touches(
    Touches.AVAILABILITY, "servers and builds start on other nodes, or find none", subject="nodes of servers and builds"
)
SERVER_TAINTS = replace(SERVER_NODES, whole=True, subject="taints that servers and builds tolerate")
"""The marks of `user_nodes`, of a cluster and of a hub."""


class UserNodes(Nodes):
    """Nodes for people's servers and for builds. Default: nodes with the label `hub.jupyter.org/node-purpose: user`,
    and the taints that Zero to JupyterHub recommends for them."""

    selector: Annotated[
        Labels,
        SERVER_NODES,
        example({NODE_PURPOSE: "user"}, {}),
    ] = {NODE_PURPOSE: "user"}
    """Labels that a node must have, all of them. `{}` is any node."""
    tolerations: Annotated[
        list[Toleration],
        SERVER_TAINTS,
    ] = _tolerations("user")
    """Taints that these pods tolerate."""


_GATES = re.compile(
    r"allow|auth|backend|block|cidr|cors|deny|external|group|host|internal|limit-whitelist|load-balancer|permanent|proxy-pass"
    r"|redirect|rewrite|scheme|secret|secur|server-alias|service|snippet|source|ssl|target|tls|upstream|waf|white"
)
"""Words in the names of annotations that decide who gets in, or where requests go. Not: sizes, times and buffers."""


_ADDRESSES = re.compile(r"(whitelist|allowlist|denylist)-source-range|inbound-cidrs")


def _no_gate(old: dict[str, str], new: dict[str, str]) -> bool:
    changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    # A list of addresses that was not there only restricts.
    changed -= {key for key in changed if key not in old and _ADDRESSES.fullmatch(key.partition("/")[2] or key)}
    return not any(_GATES.search(key.partition("/")[2] or key) for key in changed)


def _is_set(old: object, new: object) -> bool:
    return new is not None


class Ingress(Strict):
    """How people reach the hubs from outside the cluster."""

    class_name: Annotated[
        ObjectName,
        touches(
            Touches.AVAILABILITY,
            "people can't reach the hubs until this ingress controller serves them",
            subject="ingress class",
        ),
        example("nginx"),
    ]
    """Name of the IngressClass."""
    cluster_issuer: Annotated[
        ObjectName | None,
        touches(
            Touches.NETWORK,
            "the certificates come from another issuer",
            restricts=_is_set,
            subject="issuer of certificates",
            gained="certificates come from {}",
            lost="there are no certificates any more: passwords and cookies are not encrypted on their way",
        ),
        example("letsencrypt-prod"),
    ] = None
    """cert-manager's ClusterIssuer that issues the certificates. Default: hubs are served over plain HTTP, unless
    something in front of the ingress terminates TLS."""
    tls: Annotated[
        Literal["elsewhere"] | None,
        touches(
            Touches.NETWORK,
            restricts=becomes(None),
            subject="TLS",
            gained="unless something in front of the ingress encrypts connections, passwords are sent in plain text",
            lost="nothing in front of the ingress encrypts connections any more",
        ),
        example("elsewhere"),
    ] = None
    """`elsewhere`: something in front of the ingress terminates TLS, such as the cloud's load balancer, so that no
    `cluster_issuer` is needed."""
    annotations: Annotated[
        Annotations,
        touches(
            Touches.NETWORK,
            "they decide who reaches the hubs, and how",
            restricts=_no_gate,
            subject="annotations of the ingress",
            otherwise="how requests are handled, and which are refused",
        ),
        example({"nginx.ingress.kubernetes.io/proxy-body-size": "256m"}),
    ] = {}
    """Further annotations of each hub's Ingress."""


class Operators(Strict):
    """People who run the hubs, in addition to the admins that each community names."""

    admins: Annotated[
        list[UserName],
        administrators("operators"),
        example(["operator-kim"]),
    ] = []
    """User names of people who administer every hub."""
    allow: Annotated[
        list[str],
        people_of("operators' organizations and domains"),
        example(["earth-hubs:operators"]),
    ] = []
    """Who else may log in to every hub, written as in `auth.allow` of that login provider."""


def _version(value: str) -> str:
    parts = value.removeprefix("v").split(".")
    if len(parts) not in (2, 3) or not all(part.isdigit() for part in parts):
        raise ValueError("must be a Kubernetes version such as 1.33.0, in quotes")
    return ".".join([*parts, "0"][:3])


class Cluster(Strict):
    """The cluster of a stack."""

    name: Annotated[
        ClusterName,
        touches(
            Touches.FILES,
            "every resource gets another name, and the images that people built stay behind",
            subject="name of the cluster",
        ),
        example("earth"),
    ]
    """Name of the cluster. Names of images contain it. By convention the stack has the same name."""
    provider: Annotated[
        Literal["gcp", "aws", "other"],
        touches(Touches.AVAILABILITY, "it decides how disks are attached", subject="cloud of the cluster"),
    ] = "other"
    """Cloud that the cluster runs on. `home.disk` needs gcp or aws."""
    demonstration: Annotated[
        bool,
        touches(
            Touches.LOGIN,
            restricts=becomes(False),
            subject="mark of a demonstration",
            gained="the cluster is a demonstration now: hubs may let everyone in, and secrets may be plain text",
            lost="the cluster is no longer a demonstration",
        ),
    ] = False
    """Marks a stack that nobody's work depends on. It may use `auth: {type: dummy}` and secrets in plain text."""
    kubernetes_version: Annotated[
        str,
        touches(Touches.NOTHING, subject="Kubernetes version of previews"),
        AfterValidator(_version),
        example("1.33.4"),
    ] = "1.33.0"
    """Kubernetes version that rendered previews assume, in quotes. `pulumi up` asks the cluster itself."""
    core_nodes: CoreNodes = CoreNodes()
    """Nodes for hub, proxy and BinderHub. Default: nodes with the label `hub.jupyter.org/node-purpose: core`, and
    the taints that Zero to JupyterHub recommends for them."""
    user_nodes: UserNodes = UserNodes()
    """Nodes for people's servers and for builds. Default: nodes with the label `hub.jupyter.org/node-purpose: user`,
    and the taints that Zero to JupyterHub recommends for them."""
    ingress: Annotated[
        Ingress | None,
        touches(
            Touches.NETWORK,
            restricts=becomes(None),
            subject="ingress",
            gained="the hubs can be reached from outside of the cluster now",
            lost="the hubs can't be reached from outside of the cluster any more",
        ),
        example({"class_name": "nginx", "cluster_issuer": "letsencrypt-prod"}),
    ] = None
    """How people reach the hubs from outside the cluster. Default: a hub has only a ClusterIP Service, which
    `kubectl port-forward` reaches."""
    storage_class: Annotated[
        ObjectName | None,
        touches(
            Touches.AVAILABILITY,
            "new volumes are of this class; volumes that exist can't be changed",
            subject="storage class",
        ),
        example("premium-rwo"),
    ] = None
    """StorageClass of the hubs' databases and of users' volumes. Default: the cluster's default StorageClass."""
    user_scheduler: Annotated[
        bool,
        touches(
            Touches.COST,
            subject="scheduler that fills nodes one by one",
            gained="servers fill nodes one by one, so that empty nodes can be removed",
            lost="servers are spread over nodes, so that fewer nodes get empty and can be removed",
        ),
    ] = True
    """Use Zero to JupyterHub's scheduler, which fills nodes one by one so that the autoscaler can remove empty ones."""
    block_cloud_metadata: Annotated[bool, BLOCK_METADATA] = True
    """Block people's servers from the cloud's metadata server, which can give them the credentials of the node. Set
    it to false where servers get their own cloud identity from it, as with GKE's Workload Identity."""
    build_cache: Annotated[
        Quantity | None,
        touches(
            Touches.COST,
            "with less, builds start with an empty cache more often; with more, nodes run out of disk",
            subject="build cache on each node",
        ),
        example("200Gi"),
    ] = "40Gi"
    """Size limit of each hub's Docker build cache on each user node, an emptyDir. When it is exceeded, the build daemon
    restarts with an empty cache. All caches of a node have to fit on its disk, beside the images that people start: the
    default fits one on the disk of 100 GB that clouds commonly give a node. With null the cache is on the node's disk,
    has no limit, and survives restarts."""
    build_egress: Annotated[
        list[Egress],
        touches(
            Touches.NETWORK,
            restricts=fewer,
            whole=True,
            subject="addresses opened to builds",
            gained="builds may reach {} now",
            lost="builds can't reach {} any more",
        ),
        example([{"cidr": "10.20.0.5", "ports": [443]}]),
    ] = []
    """Addresses that builds may reach in addition to public ones and DNS, such as a package mirror or a registry in a
    private network."""
    timeout: Annotated[
        int,
        touches(Touches.AVAILABILITY, "updates that take longer are rolled back", subject="time for one update"),
        Field(gt=0),
        example(900),
    ] = 600
    """How many seconds the install or upgrade of one Helm release may take before it is rolled back."""
    operators: Annotated[
        dict[Literal["github", "cilogon", "google", "oidc", "shared-password", "dummy"], Operators],
        example({"github": {"admins": ["operator-kim"], "allow": ["earth-hubs:operators"]}}),
    ] = {}
    """People who run the hubs, by type of `auth`, because user names differ between login providers."""
    nodes_service_account: Annotated[
        str | None,
        touches(
            Touches.IDENTITY, "this account may pull the images of all hubs", subject="service account of the nodes"
        ),
        example("nodes@earth-hubs.iam.gserviceaccount.com"),
    ] = None
    """Google Cloud: e-mail address of the nodes' service account, which gets permission to pull the hubs' images.
    Default: the project's Compute Engine default service account."""
