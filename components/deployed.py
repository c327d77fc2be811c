"""Read what is deployed from the state, hub by hub, so that it is also known after an update that failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi

from components.kept import images_mark
from hubs.settings.moves import Deployed, DeployedHub
from hubs.values.home import claim_of, is_claim_name
from hubs.values.namespace import DOMAIN, KEY, WHEN_REMOVED

HUB = "imagebuilding:hub:ImagebuildingHub"
DECOMMISSIONS = "imagebuilding:hub:Decommissions"
NAMESPACE = "kubernetes:core/v1:Namespace"
VOLUME = "kubernetes:core/v1:PersistentVolume"
RELEASE = "kubernetes:helm.sh/v3:Release"
REPOSITORY = "gcp:artifactregistry/repository:Repository"
PROVIDER = "pulumi:providers:kubernetes"
STACK = "pulumi:pulumi:Stack"

NAMESPACES = "namespaces"
"""Output of DECOMMISSIONS."""

Outputs = Mapping[str, Any]
Parts = Mapping[tuple[str, str], Outputs]
"""Outputs by type and name of the resource."""


async def resources() -> dict[str, Outputs]:
    """Return the outputs of each resource in this stack's state, by URN. Empty before the first update."""
    # The engine answers once it has saved the stack's own resource. Nothing else is registered yet, so that it does not
    # save the state while it is read. With the state in a local folder, such a read can find an empty file.
    root = pulumi.runtime.get_root_resource()
    assert root is not None, "only called by a program"  # noqa: S101
    await root.urn.future()
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    # The outputs of the stack are saved only if an update succeeds as a whole, so a StackReference would not do.
    found = await pulumi.runtime.invoke_async("pulumi:pulumi:readStackResourceOutputs", {"stackName": name})
    return {urn: item.get("outputs") or {} for urn, item in ((found or {}).get("outputs") or {}).items()}


def deployed(state: Mapping[str, Outputs]) -> Deployed:
    """Return what is deployed, from the outputs of all resources by URN."""
    parts = {_split(urn): outputs for urn, outputs in state.items()}
    clusters = {name for kind, name in parts if kind == PROVIDER and not name.startswith("default")}
    announced: set[str] = set()
    confirmed: set[str] = set()
    for (kind, _), outputs in parts.items():
        if kind == DECOMMISSIONS:
            announced.update(outputs.get(NAMESPACES) or ())
        elif kind == STACK:
            hubs = (outputs.get("hubs") or {}).values()
            confirmed.update(hub["namespace"] for hub in hubs if hub.get("decommission"))
    found = {name: _hub(name, parts, clusters) for kind, name in parts if kind == HUB}
    return Deployed(found, frozenset(clusters), frozenset(announced), frozenset(confirmed))


def _split(urn: str) -> tuple[str, str]:
    """Return type and name of a resource: `urn:pulumi:STACK::PROJECT::PARENTS$TYPE::NAME`."""
    _, _, kinds, name = urn.split("::", 3)
    return kinds.split("$")[-1], name


def _hub(slug: str, parts: Parts, clusters: Iterable[str]) -> DeployedHub:
    recorded, metadata = parts[HUB, slug], parts.get((NAMESPACE, slug), {}).get("metadata") or {}
    marks = metadata.get("annotations") or {}
    repositories = [parts.get((REPOSITORY, f"{cluster}-{slug}")) for cluster in clusters]
    repository = next(filter(None, repositories), None)
    return DeployedHub(
        key=marks.get(KEY),
        namespace=metadata.get("name"),
        home=_home(slug, parts),
        recorded_home=recorded.get("home"),
        domain=marks.get(DOMAIN) or recorded.get("domain"),
        namespace_when_removed=marks.get(WHEN_REMOVED),
        images_when_removed=images_mark(repository.get("description")) if repository is not None else None,
        repository=repository,
    )


def _home(slug: str, parts: Parts) -> str | None:
    """Return the place of the home directories that the deployed servers mount, as `Home.place`. None if there are no
    servers, or if the hub's own `values` say where they are."""
    storage = ((parts.get((RELEASE, slug), {}).get("values") or {}).get("singleuser") or {}).get("storage") or {}
    kind, claim = storage.get("type"), (storage.get("static") or {}).get("pvcName") or ""
    if kind in _PLACES:
        return _PLACES[kind]
    if kind != "static" or not is_claim_name(claim):
        return None
    spec = parts.get((VOLUME, f"{slug}-{claim}"), {}).get("spec") or {}
    nfs = spec.get("nfs") or {}
    disk = parts.get((RELEASE, f"{slug}-home"), {}).get("values") or {}
    volume = next((disk[cloud].get("volumeId") for cloud in ("eks", "gke") if cloud in disk), None)
    places = [
        parts[HUB, slug].get("home"),
        f"nfs {nfs.get('server')}:{nfs.get('path')}",
        f"disk {volume}",
        f"disk {volume}:{str(nfs.get('path')).removeprefix('/')}",
    ]
    # The claim's name contains a digest of the place.
    return next((place for place in places if place and claim_of(place) == claim), f"claim {claim}")


_PLACES = {"dynamic": "volume", "none": "none"}
