"""Judge the traits of KubeSpawner that profiles, their choices and their images override."""

from __future__ import annotations

from collections.abc import Iterator

from hubs.preview.diff.chart_paths import judge_override
from hubs.preview.diff.judged import Judgement, Level
from hubs.preview.diff.leaves import MISSING
from hubs.settings.hub import Hub
from hubs.settings.layers import Path, find
from hubs.settings.overrides import overrides
from hubs.settings.stack import Stack


def override_judgements(old: Stack | None, was: Hub | None, new: Stack, now: Hub) -> Iterator[Judgement]:
    """Yield what changed overrides of a hub's profiles mean. Of a profile, choice or image that is new, only dangers:
    that it is there is said with it. Nothing is said of those that disappear. None stands for a hub that was not there.
    """
    before, after = _traits(was) if was is not None else {}, _traits(now)
    for place, (path, traits) in after.items():
        known = before.get(place)
        for name in dict.fromkeys([*traits, *(known[1] if known else ())]):
            value, earlier = traits.get(name, MISSING), known[1].get(name, MISSING) if known else MISSING
            if value == earlier and type(value) is type(earlier):
                continue
            tree, steps = new.trees[now.key], (*path, name)
            if name not in traits and old is not None:
                tree, steps = old.trees[now.key], path
            one = judge_override(name, earlier, value, path=(*map(str, place), name), source=str(find(tree, steps)))
            if known or one.level is Level.DANGEROUS:
                yield one


def _traits(hub: Hub) -> dict[Path, tuple[Path, dict[str, object]]]:
    """Return the overrides by their path with the profile's slug, each with its path in the file."""
    slugs: dict[str | int, str] = {key: profile.slug_in(key) for key, profile in hub.named_profiles}
    return {
        (item.path[0], slugs[item.path[1]], *item.path[2:]): (item.path, dict(item.traits)) for item in overrides(hub)
    }
