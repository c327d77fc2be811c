"""The settings that all hubs of a cluster share: `imagebuilding:cluster` in the stack's file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hubs.settings.auth import UserName
from hubs.settings.base import ClusterName, Strict, example
from hubs.settings.egress import Egress
from hubs.settings.kubernetes import Annotations, Labels, Nodes, ObjectName, Toleration
from hubs.settings.sizes import Quantity

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

    selector: Annotated[Labels, example({NODE_PURPOSE: "core"}, {})] = {NODE_PURPOSE: "core"}
    """Labels that a node must have, all of them. `{}` is any node."""
    tolerations: list[Toleration] = _tolerations("core")
    """Taints that these pods tolerate."""


class UserNodes(Nodes):
    """Nodes for people's servers and for builds. Default: nodes with the label `hub.jupyter.org/node-purpose: user`,
    and the taints that Zero to JupyterHub recommends for them."""

    selector: Annotated[Labels, example({NODE_PURPOSE: "user"}, {})] = {NODE_PURPOSE: "user"}
    """Labels that a node must have, all of them. `{}` is any node."""
    tolerations: list[Toleration] = _tolerations("user")
    """Taints that these pods tolerate."""


class Ingress(Strict):
    """How people reach the hubs from outside the cluster."""

    class_name: Annotated[ObjectName, example("nginx")]
    """Name of the IngressClass."""
    cluster_issuer: Annotated[ObjectName | None, example("letsencrypt-prod")] = None
    """cert-manager's ClusterIssuer that issues the certificates. Default: hubs are served over plain HTTP, unless
    something in front of the ingress terminates TLS."""
    tls: Annotated[Literal["elsewhere"] | None, example("elsewhere")] = None
    """`elsewhere`: something in front of the ingress terminates TLS, such as the cloud's load balancer, so that no
    `cluster_issuer` is needed."""
    annotations: Annotated[Annotations, example({"nginx.ingress.kubernetes.io/proxy-body-size": "256m"})] = {}
    """Further annotations of each hub's Ingress."""


class Operators(Strict):
    """People who run the hubs, in addition to the admins that each community names."""

    admins: Annotated[list[UserName], example(["operator-kim"])] = []
    """User names of people who administer every hub."""
    allow: Annotated[list[str], example(["earth-hubs:operators"])] = []
    """Who else may log in to every hub, written as in `auth.allow` of that login provider."""


def _version(value: str) -> str:
    parts = value.removeprefix("v").split(".")
    if len(parts) not in (2, 3) or not all(part.isdigit() for part in parts):
        raise ValueError("must be a Kubernetes version such as 1.33.0, in quotes")
    return ".".join([*parts, "0"][:3])


class Cluster(Strict):
    """The cluster of a stack."""

    name: Annotated[ClusterName, example("earth")]
    """Name of the cluster. Names of images contain it. By convention the stack has the same name."""
    provider: Literal["gcp", "aws", "other"] = "other"
    """Cloud that the cluster runs on. `home.disk` needs gcp or aws."""
    demonstration: bool = False
    """Marks a stack that nobody's work depends on. It may use `auth: {type: dummy}` and secrets in plain text."""
    kubernetes_version: Annotated[str, AfterValidator(_version), example("1.33.4")] = "1.33.0"
    """Kubernetes version that rendered previews assume, in quotes. `pulumi up` asks the cluster itself."""
    core_nodes: CoreNodes = CoreNodes()
    """Nodes for hub, proxy and BinderHub. Default: nodes with the label `hub.jupyter.org/node-purpose: core`, and
    the taints that Zero to JupyterHub recommends for them."""
    user_nodes: UserNodes = UserNodes()
    """Nodes for people's servers and for builds. Default: nodes with the label `hub.jupyter.org/node-purpose: user`,
    and the taints that Zero to JupyterHub recommends for them."""
    ingress: Annotated[Ingress | None, example({"class_name": "nginx", "cluster_issuer": "letsencrypt-prod"})] = None
    """How people reach the hubs from outside the cluster. Default: a hub has only a ClusterIP Service, which
    `kubectl port-forward` reaches."""
    storage_class: Annotated[ObjectName | None, example("premium-rwo")] = None
    """StorageClass of the hubs' databases and of users' volumes. Default: the cluster's default StorageClass."""
    user_scheduler: bool = True
    """Use Zero to JupyterHub's scheduler, which fills nodes one by one so that the autoscaler can remove empty ones."""
    block_cloud_metadata: bool = True
    """Block people's servers from the cloud's metadata server, which can give them the credentials of the node. Set
    it to false where servers get their own cloud identity from it, as with GKE's Workload Identity."""
    build_cache: Annotated[Quantity | None, example("200Gi")] = "40Gi"
    """Size limit of each hub's Docker build cache on each user node, an emptyDir. When it is exceeded, the build daemon
    restarts with an empty cache. All caches of a node have to fit on its disk, beside the images that people start: the
    default fits one on the disk of 100 GB that clouds commonly give a node. With null the cache is on the node's disk,
    has no limit, and survives restarts."""
    build_egress: Annotated[list[Egress], example([{"cidr": "10.20.0.5", "ports": [443]}])] = []
    """Addresses that builds may reach in addition to public ones and DNS, such as a package mirror or a registry in a
    private network."""
    timeout: Annotated[int, Field(gt=0), example(900)] = 600
    """How many seconds the install or upgrade of one Helm release may take before it is rolled back."""
    operators: Annotated[
        dict[Literal["github", "cilogon", "google", "oidc", "shared-password", "dummy"], Operators],
        example({"github": {"admins": ["operator-kim"], "allow": ["earth-hubs:operators"]}}),
    ] = {}
    """People who run the hubs, by type of `auth`, because user names differ between login providers."""
    nodes_service_account: Annotated[str | None, example("nodes@earth-hubs.iam.gserviceaccount.com")] = None
    """Google Cloud: e-mail address of the nodes' service account, which gets permission to pull the hubs' images.
    Default: the project's Compute Engine default service account."""
