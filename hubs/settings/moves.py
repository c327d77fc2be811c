"""Compare the config with what is deployed, to refuse changes that would leave people's files behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubs.settings.errors import Problem
from hubs.settings.hub import Hub
from hubs.settings.layers import Source, find
from hubs.settings.stack import Stack


def summary(hub: Hub) -> dict[str, Any]:
    """Return the facts about a hub that the stack's outputs record, for the next update to compare with."""
    return {"namespace": hub.namespace, "home": hub.home.place, "domain": hub.domain, "decommission": hub.decommission}


def refusals(stack: Stack, deployed: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Return the changes that are refused, each with a safe alternative. `deployed` has the
    `summary` of each hub of the last update, by hub key, and `image_prefix` if it is known."""
    problems = _renamed_cluster(stack, deployed)
    for hub in stack.hubs:
        before = deployed.get(hub.key)
        if before is None:
            problems += _renamed(stack, hub, deployed)
            continue
        for setting, now in (("namespace", hub.namespace), ("home", hub.home.place)):
            was = before.get(setting)
            if was not in (None, now, getattr(hub.moved_from, setting)):
                message = (
                    f"is {now}, but the deployed hub has {was}, where people's files are. Change it back,"
                    f" or copy the files and write moved_from: {{{setting}: {was!r}}}"
                )
                problems.append(stack.problem(hub, (setting,), message))
    return problems


def _renamed_cluster(stack: Stack, deployed: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Problem: another `cluster.name`, which would replace every resource and leave all built images behind."""
    for hub in stack.hubs:
        was = str(deployed.get(hub.key, {}).get("image_prefix") or "")
        start, _, end = stack.registry.image_prefix(stack, hub).rpartition(stack.prefix(hub))
        end = f"-{hub.slug}{end}"
        name = was.removeprefix(start).removesuffix(end)
        if was.startswith(start) and was.endswith(end) and name not in ("", stack.cluster.name):
            message = f"is {stack.cluster.name}, but {hub.key} is deployed with {name}. Change it back"
            return [Problem(find(stack.tree, ("cluster", "name")), "imagebuilding:cluster.name", message)]
    return []


def _renamed(stack: Stack, hub: Hub, deployed: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    kept = {other.key for other in stack.hubs}
    for key, before in deployed.items():
        if key not in kept and before.get("domain") == hub.domain:
            message = (
                f"has the domain of {key}, which is deployed but no longer in the config. To rename a hub: remove"
                " both names and update (its files are kept), then add the new name with namespace: "
                f"{before['namespace']}"
            )
            return [Problem(find(stack.trees[hub.key], ("domain",)), hub.key, message)]
    return []


def departures(stack: Stack, deployed: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Warnings: hubs that were removed from the config, and what happens to them."""
    kept = {hub.key for hub in stack.hubs}
    found = []
    for key, before in deployed.items():
        if key not in kept:
            community = key.split("/")[0]
            what = " and its images" if before.get("home") == "none" else ", people's files and images"
            effect = (
                f"its namespace {before['namespace']} with all files in it and its images are deleted (decommission)"
                if before.get("decommission")
                else f"it stops; its namespace {before['namespace']}{what} are kept"
            )
            source = Source(f"stacks/{stack.name}/{community}.yaml")
            found.append(Problem(source, key, f"was removed from the config: {effect}"))
    return found
