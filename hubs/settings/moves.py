"""Compare the config with what is deployed, to refuse changes that would leave people's files behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hubs.settings.errors import Problem
from hubs.settings.hub import Hub
from hubs.settings.layers import Source, find
from hubs.settings.registry import ArtifactRegistry
from hubs.settings.stack import Stack

KEPT, DELETED = "kept", "deleted"
"""What becomes of a namespace or of images when their hub is removed from the config, as they are marked with it."""


def when_removed(hub: Hub) -> str:
    """Return what becomes of the hub's namespace and images when it is removed from the config."""
    return DELETED if hub.decommission else KEPT


def summary(hub: Hub) -> dict[str, Any]:
    """Return the facts about a hub that the stack's outputs record."""
    return {"namespace": hub.namespace, "home": hub.home.place, "domain": hub.domain, "decommission": hub.decommission}


@dataclass(frozen=True)
class DeployedHub:
    """What is deployed of one hub, whether or not the update that deployed it has succeeded."""

    key: str | None = None
    """`<community>/<hub>`. None if it was deployed before 0.2.0."""
    namespace: str | None = None
    home: str | None = None
    """Place of the home directories that its servers mount, as `Home.place`. None if unknown."""
    recorded_home: str | None = None
    """The same, as the last update recorded it that completed this hub."""
    domain: str | None = None
    namespace_when_removed: str | None = None
    """KEPT, DELETED, or None if it is not marked, because it was deployed before 0.2.0."""
    images_when_removed: str | None = None
    """The same for the images in `repository`."""
    repository: Mapping[str, Any] | None = field(default=None, repr=False)
    """Outputs of the resource that holds the images, where the program made it."""

    @property
    def marks(self) -> set[str | None]:
        """What becomes of namespace and images when the hub is removed: one mark, unless an update was interrupted."""
        namespace = {self.namespace_when_removed} if self.namespace is not None else set()
        return namespace | ({self.images_when_removed} if self.repository is not None else set())


@dataclass(frozen=True)
class Deployed:
    """What the state contains before an update."""

    hubs: Mapping[str, DeployedHub] = field(default_factory=dict)
    """By slug."""
    clusters: frozenset[str] = frozenset()
    """Names of clusters that resources belong to: one, or none before the first update."""
    announced: frozenset[str] = frozenset()
    """Namespaces of hubs with `decommission` in the last update that began."""
    confirmed: frozenset[str] = frozenset()
    """Namespaces of hubs with `decommission` in the last update that succeeded."""

    def deletable(self, slug: str) -> bool:
        """Return whether a removed hub is deleted: its namespace and images are marked for it, the last successful
        update said so, and no update has begun since without `decommission`."""
        hub = self.hubs[slug]
        return hub.marks == {DELETED} and hub.namespace in self.announced & self.confirmed


def planned(stack: Stack) -> Deployed:
    """Return what would be deployed after a successful update with these settings."""
    hubs = {
        hub.slug: DeployedHub(
            hub.key,
            hub.namespace,
            hub.home.place,
            hub.home.place,
            hub.domain,
            when_removed(hub),
        )
        for hub in stack.hubs
    }
    leaving = frozenset(hub.namespace for hub in stack.hubs if hub.decommission)
    return Deployed(hubs, frozenset({stack.cluster.name}), leaving, leaving)


def departed(stack: Stack, deployed: Deployed) -> Iterator[tuple[str, DeployedHub]]:
    """Yield the slugs of hubs that are deployed, but no longer in the config, and what is deployed of them."""
    kept = {hub.slug for hub in stack.hubs}
    yield from ((slug, hub) for slug, hub in deployed.hubs.items() if slug not in kept)


def refusals(stack: Stack, deployed: Deployed) -> list[Problem]:
    """Return the changes that are refused, each with a safe alternative."""
    problems = list(_renamed_cluster(stack, deployed))
    for hub in stack.hubs:
        before = deployed.hubs.get(hub.slug)
        if before is None:
            problems += _renamed(stack, hub, deployed)
        else:
            problems += [*_moved(stack, hub, before), *_other_repository(stack, hub, before)]
    return problems


def _moved(stack: Stack, hub: Hub, before: DeployedHub) -> Iterator[Problem]:
    home = before.recorded_home if _own_storage(hub) else before.home or before.recorded_home
    for setting, was, now in (("namespace", before.namespace, hub.namespace), ("home", home, hub.home.place)):
        if was in (None, now):
            continue
        if was != getattr(hub.moved_from, setting):
            message = (
                f"is {now}, but the deployed hub has {was}, where people's files are. Change it back,"
                f" or copy the files and write moved_from: {{{setting}: {was!r}}}"
            )
            yield stack.problem(hub, (setting,), message)
        elif setting == "namespace" and before.namespace_when_removed != KEPT:
            message = (
                f"can't move yet: the update would delete the old namespace {was}, because it is not marked as kept."
                " Change it back, and run an update without decommission first"
            )
            yield stack.problem(hub, (setting,), message)


def _other_repository(stack: Stack, hub: Hub, before: DeployedHub) -> Iterator[Problem]:
    """Problem: the registry would replace or drop a repository that the state lets the engine delete."""
    was = before.repository
    if was is None or before.images_when_removed == KEPT:
        return
    settings = stack.registry
    same = (
        isinstance(settings, ArtifactRegistry)
        and (was.get("location"), was.get("project")) == (settings.location, settings.image_project(stack))
        and was.get("kmsKeyName") == settings.kms_key
    )
    if not same:
        message = (
            f"can't change yet: the update would delete the images of {hub.key}, because its repository"
            f" {was.get('repositoryId')} is not marked as kept. Change it back, and run an update without decommission"
            " first"
        )
        yield Problem(find(stack.tree, ("registry",)), "imagebuilding:registry", message)


def _own_storage(hub: Hub) -> bool:
    """Return whether the hub's own `values` replace where the home directories are."""
    storage: Any = hub.values.get("jupyterhub", {})
    for key in ("singleuser", "storage"):
        storage = storage.get(key) if isinstance(storage, dict) else None
    return isinstance(storage, dict) and not {"type", "static"}.isdisjoint(storage)


def _renamed_cluster(stack: Stack, deployed: Deployed) -> Iterator[Problem]:
    """Problem: another `cluster.name`, which would replace every resource and leave all built images behind."""
    if deployed.clusters and stack.cluster.name not in deployed.clusters:
        was = " and ".join(sorted(deployed.clusters))
        message = f"is {stack.cluster.name}, but the hubs are deployed with {was}. Change it back"
        yield Problem(find(stack.tree, ("cluster", "name")), "imagebuilding:cluster.name", message)


def _renamed(stack: Stack, hub: Hub, deployed: Deployed) -> Iterator[Problem]:
    """Problem: a hub that is not deployed has the domain or namespace of one that was removed from the config."""
    for slug, before in departed(stack, deployed):
        same = [name for name in ("domain", "namespace") if getattr(before, name) == getattr(hub, name)]
        if same:
            start = f"{hub.community}-"
            old = before.key or slug.replace(start, f"{hub.community}/", 1)
            community, _, name = old.rpartition("/")
            short = name if community == hub.community else old
            ours = f"imagebuilding:secrets.{hub.community}.{hub.name}"
            theirs = f"imagebuilding:secrets.{old.replace('/', '.')}"
            message = (
                f"has the {same[0]} of {old}, which is deployed but no longer in the config. To rename a hub, write"
                f" renamed_from: {short} into it, and move the secrets that are in {theirs} to {ours}. To replace it"
                " by a new hub, remove it, update, and then add the new one"
            )
            yield Problem(find(stack.trees[hub.key], (same[0],)), hub.key, message)
            return


def departures(stack: Stack, deployed: Deployed) -> list[Problem]:
    """Warnings: hubs that were removed from the config, and what this update does to them."""
    found = []
    for slug, before in departed(stack, deployed):
        community = (before.key or "").partition("/")[0]
        source = Source(f"stacks/{stack.name}/{community}.yaml" if community else f"stacks/{stack.name}")
        where = f"its namespace {before.namespace}" if before.namespace else "its namespace"
        if deployed.deletable(slug):
            images = " and its images are" if before.repository is not None else " is"
            effect = f"{where} with all files in it{images} deleted (decommission)"
        else:
            what = " and its images" if before.home == "none" else ", people's files and images"
            effect = f"it stops; {where}{what} are kept"
            if DELETED in before.marks:
                effect += _WHY_KEPT
        found.append(Problem(source, before.key or slug, f"was removed from the config: {effect}"))
    return found


_WHY_KEPT = (
    ". decommission was set, but not by the last update, or that one failed: to delete the hub, add it again with"
    " decommission: true, run an update that succeeds, and then remove it"
)
