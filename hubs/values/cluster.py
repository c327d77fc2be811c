"""Values that follow from the cluster: storage, the metadata server, and the ingress."""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values.provenance import reads


@reads("cluster.block_cloud_metadata", "block_cloud_metadata")
def cloud_metadata(stack: Stack, hub: Hub) -> dict[str, Any]:
    """Whether the cloud's metadata server is blocked for people's servers."""
    block = stack.cluster.block_cloud_metadata if hub.block_cloud_metadata is None else hub.block_cloud_metadata
    # Without the rule of the policy, the setting has no effect where the cluster enforces policies.
    policy = {"egressAllowRules": {"cloudMetadataServer": not block}}
    return {"singleuser": {"cloudMetadata": {"blockWithIptables": block}, "networkPolicy": policy}}


@reads("cluster.storage_class")
def database(stack: Stack) -> dict[str, Any]:
    """The storage class of the hub's database."""
    storage_class = stack.cluster.storage_class
    return {"hub": {"db": {"pvc": {"storageClassName": storage_class}}}} if storage_class else {}


@reads("cluster.ingress", "domain")
def ingress(stack: Stack, hub: Hub) -> dict[str, Any]:
    """The Ingress of the hub's domain, with a certificate if there is an issuer."""
    settings = stack.cluster.ingress
    if settings is None:
        return {"ingress": {"enabled": False}}
    issuer = {"cert-manager.io/cluster-issuer": settings.cluster_issuer} if settings.cluster_issuer else {}
    tls = [{"hosts": [hub.domain], "secretName": "https-auto-tls"}] if settings.cluster_issuer else []
    return {
        "ingress": {
            "enabled": True,
            "ingressClassName": settings.class_name,
            "hosts": [hub.domain],
            "annotations": {**issuer, **settings.annotations},
            "tls": tls,
        }
    }
