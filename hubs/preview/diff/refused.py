"""Find changes that the update refuses, with the same rules as the update."""

from __future__ import annotations

from collections.abc import Mapping

from hubs.settings.moves import planned, refusals
from hubs.settings.stack import Stack


def refused(before: Stack, after: Stack) -> Mapping[str, Mapping[str, str]]:
    """Return why an update from the settings `before` to those `after` is refused.

    The keys are the hub's name in the plan and the setting: home, namespace, or empty for the hub itself. For a setting
    of the cluster, the first key is empty.
    """
    slugs = {hub.key: hub.slug for hub in after.hubs}
    found: dict[str, dict[str, str]] = {}
    for problem in refusals(after, planned(before)):
        key, _, setting = problem.path.partition(": ")
        if key not in slugs:
            setting = key.removeprefix("imagebuilding:")
        found.setdefault(slugs.get(key, ""), {})[setting] = problem.message
    return found
