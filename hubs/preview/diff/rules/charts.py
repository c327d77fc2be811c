"""What the values of each chart touch."""

from __future__ import annotations

from collections.abc import Mapping

from hubs.preview.diff.rules import directions as d
from hubs.preview.diff.rules.hub import HUB, PROXY
from hubs.preview.diff.rules.rule import Rule, as_setting, not_judged, rule
from hubs.preview.diff.rules.servers import SINGLEUSER
from hubs.settings.cluster import Cluster
from hubs.settings.home import Disk
from hubs.settings.hub import Cull
from hubs.settings.touches import Touches

_OTHER_HOMES = "people find other home directories, or empty ones; nothing is copied"
_DATABASE = "the hub starts with another database: other users, servers, groups and tokens"
_TAG = "another version of the same program"

_JUPYTERHUB = (
    *SINGLEUSER,
    *HUB,
    *PROXY,
    rule(
        "imagePullSecret imagePullSecrets",
        Touches.AVAILABILITY,
        "private images may not start",
        subject="credentials for pulling images",
    ),
    rule(
        "rbac.create rbac",
        Touches.AVAILABILITY,
        "without its permissions in the cluster, the hub can't start servers",
        d.unless(False),
        subject="permissions of the hub in the cluster",
        otherwise="the hub gets its permissions in the cluster",
        outage=True,
    ),
    as_setting("cull.enabled", Cull, "enabled", d.unless_off),
    as_setting("cull.timeout", Cull, "timeout"),
    as_setting("cull.maxAge", Cull, "max_age"),
    as_setting("cull.every", Cull, "every"),
    rule(
        "cull.concurrency", Touches.COST, "how fast unused servers are looked for", subject="search for unused servers"
    ),
    rule(
        "cull.adminUsers",
        Touches.COST,
        "servers of administrators that nobody uses are no longer stopped",
        d.unless_off,
        subject="stopping of unused servers of administrators",
        otherwise="servers of administrators that nobody uses are stopped too",
    ),
    as_setting("cull.users", Cull, "users", d.unless_on),
    rule(
        "cull.removeNamedServers",
        Touches.AVAILABILITY,
        "named servers that nobody uses are removed from the hub's database, and their own volumes with them",
        d.unless_on,
        subject="deleting of unused named servers",
        otherwise="unused named servers are only stopped",
    ),
    as_setting("scheduling.userScheduler.enabled", Cluster, "user_scheduler"),
    rule(
        "scheduling scheduling.* scheduling.*.replicas",
        Touches.COST,
        "where servers run, and how many nodes are kept ready",
        subject="scheduling of servers",
    ),
    rule(
        "prePuller prePuller.hook.image.tag prePuller.pause.image.tag",
        Touches.COST,
        "how long images take to start, and what nodes store",
        subject="pulling of images in advance",
    ),
    rule(
        "fullnameOverride nameOverride",
        Touches.FILES,
        f"all objects get other names: {_DATABASE}",
        subject="names of the chart's objects",
    ),
    rule(
        "global.safeToShowValues",
        Touches.LOGIN,
        "secrets are shown when the chart is installed",
        d.unless_on,
        subject="showing of values",
    ),
    rule("debug enabled", Touches.NOTHING, subject="log"),
    # The program's own, which code in the hub reads.
    rule(
        "custom.imagebuilding.init_containers",
        Touches.ISOLATION,
        "what servers can't reach changes",
        subject="network restrictions of servers",
    ),
    rule(
        "custom.imagebuilding.mounts custom.imagebuilding.own",
        Touches.FILES,
        "who sees which directories changes",
        subject="shared directories",
    ),
    rule(
        "custom.imagebuilding.built custom.imagebuilding.private custom.imagebuilding.foreign",
        Touches.ISOLATION,
        "which images people may start changes",
        subject="images that people may start",
    ),
    rule("custom.imagebuilding", Touches.NOTHING, subject="order and nulls of profiles"),
    not_judged("custom custom.*", "values for the hub's own code and templates"),
    not_judged("global global.*", "values for other charts"),
)

_BINDERHUB_SERVICE = (
    rule(
        "extraConfig extraConfig.*",
        Touches.CODE,
        "this code runs in the build service, with its rights",
        subject="code of the build service",
    ),
    rule(
        "dockerApi.initContainers",
        Touches.ISOLATION,
        "privileged code on the nodes decides what builds can reach",
        subject="network restrictions of builds",
    ),
    rule(
        "dockerApi.securityContext dockerApi.podSecurityContext",
        Touches.ISOLATION,
        "the Docker daemon of builds gets other rights on its node",
        d.fewer_rights,
        subject="rights of the Docker daemon",
    ),
    rule(
        "dockerApi.extraArgs dockerApi.extraFiles",
        Touches.ISOLATION,
        "the Docker daemon of builds runs with other options: who uses it, and what builds reach, may change",
        subject="options of the Docker daemon",
    ),
    rule(
        "dockerApi.image.repository",
        Touches.ISOLATION,
        "another program has all rights on the nodes",
        d.same_repository,
        subject="image of the Docker daemon",
        otherwise=_TAG,
    ),
    rule(
        "dockerApi.image.tag",
        Touches.ISOLATION,
        _TAG,
        d.always,
        subject="version of the Docker daemon",
        otherwise="the Docker daemon of builds restarts, running builds fail",
    ),
    as_setting("dockerApi.storage", Cluster, "build_cache"),
    # The program has stricter policies of its own. Policies add up.
    rule(
        "networkPolicy.enabled",
        Touches.NETWORK,
        "builds can reach more addresses",
        d.unless_on,
        subject="the chart's own network policies",
    ),
    rule(
        "buildPodsDockerConfig buildPodsRegistryCredentials.server",
        Touches.IDENTITY,
        "the registry's password is sent to another address",
        d.gone,
        subject="registry of builds",
    ),
    rule(
        "buildPodsRegistryCredentials",
        Touches.AVAILABILITY,
        "builds can push images only with the right account",
        subject="account of builds at the registry",
    ),
    rule(
        "extraCredentials",
        Touches.IDENTITY,
        "the build service gets the rights of another account in the cloud",
        d.gone,
        subject="cloud account of the build service",
    ),
    rule(
        "extraEnv",
        Touches.CODE,
        "the build service reads it: it can change who may build and what runs",
        subject="variables of the build service",
    ),
    rule(
        "ingress.enabled",
        Touches.NETWORK,
        "the build service can be reached from outside, without the hub",
        d.unless_on,
        subject="ingress of the build service",
    ),
    rule("ingress", Touches.AVAILABILITY, "how the build service is reached", subject="ingress of the build service"),
    rule(
        "rbac",
        Touches.AVAILABILITY,
        "without its permissions in the cluster, the service can't build",
        subject="permissions of the build service in the cluster",
    ),
    rule(
        "fullnameOverride nameOverride",
        Touches.AVAILABILITY,
        "the hub does not find the build service",
        subject="names of the chart's objects",
    ),
    rule("enabled", Touches.NOTHING),
    not_judged("custom custom.*", "values for further code"),
    not_judged("global global.*", "values for other charts"),
)

_HOME_NFS = (
    rule("enabled", Touches.NOTHING),
    rule("eks gke openstack", Touches.FILES, _OTHER_HOMES, subject="disk of home directories"),
    as_setting("persistentVolume.size", Disk, "size"),
    rule(
        "persistentVolume",
        Touches.FILES,
        "an existing volume can't be changed: the update fails, or homes move",
        subject="volume of home directories",
    ),
    rule(
        "nfsServer.enableClientAllowlist",
        Touches.FILES,
        "every pod and node can mount all home directories",
        d.unless(False),
        subject="list of who may mount home directories",
        otherwise="others can't mount them",
    ),
    rule(
        "nfsServer.allowedClients",
        Touches.FILES,
        "more addresses can mount all home directories",
        d.fewer,
        subject="who may mount home directories",
        otherwise="others can't mount them",
    ),
    rule(
        "service.type",
        Touches.FILES,
        "everyone outside the cluster can mount all home directories",
        d.only("ClusterIP"),
        subject="address of the NFS server",
    ),
    rule(
        "quotaEnforcer.enabled",
        Touches.AVAILABILITY,
        "one person can fill the disk of all",
        subject="quota of home directories",
    ),
    rule(
        "quotaEnforcer.extraConfig",
        Touches.FILES,
        "this code runs with all home directories",
        d.gone,
        subject="code of the quota",
    ),
    rule(
        "extraContainers",
        Touches.FILES,
        "another program runs beside all home directories",
        d.fewer_containers,
        subject="further containers of the NFS server",
        otherwise="a container is no longer there, or another version",
    ),
    rule(
        "**.image.repository",
        Touches.FILES,
        "another program runs with all home directories",
        d.same_repository,
        subject="image",
        otherwise=_TAG,
    ),
    rule(
        "**.image.tag",
        Touches.FILES,
        _TAG,
        d.always,
        subject="version of the image",
        otherwise="the NFS server restarts, all home directories of the hub stall until it is back",
    ),
    rule("nodeExporter autoResizer", Touches.AVAILABILITY, subject="metrics and size of the disk"),
    rule("annotations", Touches.AVAILABILITY, subject="annotations of the NFS server"),
    rule(
        "fullnameOverride nameOverride",
        Touches.FILES,
        "servers do not find their home directories",
        subject="names of the chart's objects",
    ),
)

CHARTS: Mapping[str, tuple[Rule, ...]] = {
    "jupyterhub": _JUPYTERHUB,
    "binderhub-service": _BINDERHUB_SERVICE,
    "jupyterhub-home-nfs": _HOME_NFS,
}
"""The rules of each chart. Those of hubs.preview.diff.rules.everywhere apply to all of them."""
