"""Find changes that the update refuses, with the same rules as the update."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def refused(stack: str, old: Path, new: Path) -> Mapping[str, Mapping[str, str]] | None:
    """Return why an update from the settings in the tree `old` to those in the tree `new` is refused.

    The keys are the hub's name in the plan and the setting (home, namespace, or empty for the hub itself). Returns None
    if this program can't read the settings of a tree, for example of an older version.
    """
    from hubs.preview.values import load_with_placeholders
    from hubs.settings.errors import SettingsError
    from hubs.settings.moves import refusals, summary

    try:
        before, after = load_with_placeholders(stack, old), load_with_placeholders(stack, new)
    except (SettingsError, OSError):
        return None
    found: dict[str, dict[str, str]] = {}
    for problem in refusals(after, {hub.key: summary(hub) for hub in before.hubs}):
        key, _, setting = problem.path.partition(": ")
        found.setdefault(after.hub(key).slug, {})[setting] = problem.message
    return found
