"""A cluster: what all its hubs share. `imagebuilding:cluster` in the stack's file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hubs.settings.base import ClusterName, Labels, Nodes, Quantity, Strict, Toleration

NODE_PURPOSE = "hub.jupyter.org/node-purpose"


def _tolerations(purpose: str) -> list[Toleration]:
    # Both spellings: some clouds refuse the slash in a taint's key.
    return [
        Toleration(key=key, operator="Equal", value=purpose, effect="NoSchedule")
        for key in ("hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated")
    ]


class CoreNodes(Nodes):
    """Nodes for hub, proxy and BinderHub. Default: `hub.jupyter.org/node-purpose: core` and its taints."""

    selector: Labels = {NODE_PURPOSE: "core"}
    tolerations: list[Toleration] = _tolerations("core")


class UserNodes(Nodes):
    """Nodes for people's servers and for builds. Default: `hub.jupyter.org/node-purpose: user` and its taints."""

    selector: Labels = {NODE_PURPOSE: "user"}
    tolerations: list[Toleration] = _tolerations("user")


class Ingress(Strict):
    """How hubs are reached from outside."""

    class_name: str
    """Name of the IngressClass, such as `nginx`."""
    cluster_issuer: str | None = None
    """cert-manager's ClusterIssuer that makes the certificates. Without one, hubs are served over plain HTTP
    unless something before the ingress ends TLS."""
    annotations: dict[str, str] = {}
    """Further annotations of each hub's Ingress."""


class Operators(Strict):
    """People who run the hubs: beside whom each community names."""

    admins: list[str] = []
    """User names that administrate every hub."""
    allow: list[str] = []
    """Who else may log in to every hub, in the words of that authenticator's `allow`."""


def _version(value: str) -> str:
    parts = value.removeprefix("v").split(".")
    if len(parts) not in (2, 3) or not all(part.isdigit() for part in parts):
        raise ValueError("must be a Kubernetes version such as 1.33.0, in quotes")
    return ".".join([*parts, "0"][:3])


class Cluster(Strict):
    """The cluster that a stack stands for."""

    name: ClusterName
    provider: Literal["gcp", "aws", "other"] = "other"
    demonstration: bool = False
    """Marks a stack nobody's work depends on: it may use `auth: {type: dummy}` and secrets that are not encrypted."""
    kubernetes_version: Annotated[str, AfterValidator(_version)] = "1.33.0"
    """What rendered previews assume; `pulumi up` asks the cluster itself."""
    core_nodes: CoreNodes = CoreNodes()
    user_nodes: UserNodes = UserNodes()
    ingress: Ingress | None = None
    """Without one, a hub has a ClusterIP Service only: reach it with `kubectl port-forward`."""
    storage_class: str | None = None
    """StorageClass of the hubs' databases and of people's volumes. Default: the cluster's own default."""
    user_scheduler: bool = True
    """zero-to-jupyterhub's scheduler that fills nodes one by one, so that empty ones can go away."""
    block_cloud_metadata: bool = True
    """Keep people's servers from the cloud's metadata server. Set false where they get their cloud identity from it."""
    build_cache: Quantity | None = "100Gi"
    """Limit of each node's Docker build cache: an emptyDir, whose pod is restarted with an empty cache when it is over.
    null keeps the cache on the node's disk without a limit, across restarts."""
    timeout: Annotated[int, Field(gt=0)] = 600
    """Seconds that an install or upgrade of one release may take before it is rolled back."""
    operators: dict[Literal["github", "cilogon", "google", "oidc", "shared-password", "dummy"], Operators] = {}
    """People who run the hubs, by type of `auth`, since each provider knows them by other names."""
    nodes_service_account: str | None = None
    """GCP: e-mail of the service account of the nodes, which is allowed to pull the hubs' images.
    Default: the project's Compute Engine default service account."""
