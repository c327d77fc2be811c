"""What each value of a chart touches, by its path: for `values`, which no setting describes.

The table of each chart covers its whole schema. A pattern is a path in which `*` stands for any key or list item, at
the end of a step for the rest of it, and it covers everything below it. One that begins with `**` applies wherever the
rest occurs, except in what has no form of its own. The pattern that reaches furthest into a path decides, first those
without `**`. What no pattern fits is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from hubs.preview.diff.judged import Judgement, Origin
from hubs.preview.diff.leaves import MISSING, Path, dotted
from hubs.preview.diff.rules import binder_config, hub_config
from hubs.preview.diff.rules.charts import CHARTS
from hubs.preview.diff.rules.directions import DEFAULTS
from hubs.preview.diff.rules.everywhere import EVERYWHERE
from hubs.preview.diff.rules.login import PARENTS
from hubs.preview.diff.rules.rule import Rule
from hubs.preview.diff.rules.spawner import SPAWNER
from hubs.preview.diff.setting_words import meaning, sentence
from hubs.settings.chart_parts import FREE
from hubs.settings.kubespawner import CHART, RENAMED, SECTIONS
from hubs.settings.touches import touches


@dataclass(frozen=True)
class Found:
    """The rule that decides about a path, and the part of the path that it is for: a value there is judged as one."""

    rule: Rule
    path: Path


@cache
def rule_for(chart: str, path: Path) -> Found | None:
    """Return the rule for a path in the values of a chart, or None if nobody has judged it."""
    if _is_trait(chart, path):
        return _trait(chart, path)
    best: tuple[tuple[int, bool, int], Found] | None = None
    for pattern, item in patterns(chart):
        end = _end(pattern, path)
        if end:
            rank = (end, pattern[0] != "**", -pattern.count("*"))
            if best is None or rank > best[0]:
                best = (rank, Found(item, path[:end]))
    return best[1] if best is not None else None


@cache
def patterns(chart: str) -> tuple[tuple[Path, Rule], ...]:
    """Return every pattern of a chart's table with its rule."""
    own = CHARTS.get(chart, ())
    return tuple((tuple(name.split(".")), item) for item in (*own, *EVERYWHERE) for name in item.names)


def _end(pattern: Path, path: Path) -> int:
    """Return how many steps of `path` a pattern covers, or 0 if it does not fit."""
    if pattern[0] == "**":
        rest = pattern[1:]
        for start in range(len(path)):
            if path[start - 1 : start] and path[start - 1] in FREE:
                return 0
            if _fits(rest, path[start:]):
                return start + len(rest)
        return 0
    return len(pattern) if _fits(pattern, path) else 0


def _fits(pattern: Path, path: Path) -> bool:
    return len(path) >= len(pattern) and all(
        at.startswith(step[:-1]) if step.endswith("*") else step == at for step, at in zip(pattern, path, strict=False)
    )


_OVERRIDE = "kubespawner_override"
_TRAIT_AT = {tuple(path.split(".")): trait for trait, path in CHART.items()} | {
    ("cmd",): "cmd",
    ("defaultUrl",): "default_url",
    ("extraTolerations",): "tolerations",
    ("storage", "extraVolumes"): "volumes",
    ("storage", "extraVolumeMounts"): "volume_mounts",
    ("image", "pullSecrets"): "image_pull_secrets",
}
_TRAIT_AT.pop(("profileList",))
"""Traits of KubeSpawner by their path in `singleuser`."""


_CONFIG = {
    "jupyterhub": ("hub", "config"),
    "binderhub-service": ("config",),
    "jupyterhub-home-nfs": ("quotaEnforcer", "config"),
}
"""Where each chart takes the traits of classes."""


def _is_trait(chart: str, path: Path) -> bool:
    """Return whether a value sets a trait of a class: its name then decides, and no pattern."""
    config = _CONFIG.get(chart, ())
    if config and path[: len(config)] == config and len(path) > len(config) + 1:
        return True
    return chart == "jupyterhub" and path[:1] == ("singleuser",) and (_OVERRIDE in path[:-1] or bool(_at(path)))


def _trait(chart: str, path: Path) -> Found | None:
    if path[:1] == ("singleuser",):
        steps = _at(path)
        return _spawner(path[: path.index(_OVERRIDE) + 2]) if not steps else _spawner(path[: 1 + len(steps)], steps)
    name, place = path[len(_CONFIG[chart])], path[: len(_CONFIG[chart]) + 2]
    if chart != "jupyterhub":
        return _inherited(name, place, binder_config.TRAITS, binder_config.PARENTS)
    if name in SECTIONS or name.endswith("Spawner"):
        overrides = "spawner_override" in path[len(place) : -1]
        return _spawner(path[: path.index("spawner_override") + 2] if overrides else place)
    if name == "BinderSpawnerMixin":  # of spawners that servers of BinderHub's pages have
        return _inherited(name, place, binder_config.TRAITS, {})
    return _inherited(_class(name), place, hub_config.TRAITS, PARENTS)


def _at(path: Path) -> Path:
    """Return the path in `singleuser` that sets a trait, or an empty one."""
    return next((steps for steps in _TRAIT_AT if path[1 : 1 + len(steps)] == steps), ())


def _class(name: str) -> str:
    """Return a class whose traits a section of the configuration has: an unknown authenticator's are those of all."""
    known = name in hub_config.TRAITS or not name.endswith("Authenticator")
    return name if known else "OAuthenticator" if "OAuth" in name else "Authenticator"


def _inherited(
    name: str, path: Path, traits: Mapping[str, Mapping[str, Rule]], parents: Mapping[str, str]
) -> Found | None:
    place: str | None = name
    while place is not None:
        found = traits.get(place, {}).get(path[-1])
        if found is not None:
            return Found(found, path)
        place = parents.get(place)
    return None


def _spawner(path: Path, steps: Path = ()) -> Found | None:
    trait = _TRAIT_AT[steps] if steps else RENAMED.get(path[-1], path[-1])
    return Found(SPAWNER[trait], path) if trait in SPAWNER else None


def judge(chart: str, path: Path, old: Any, new: Any, *, found: Found | None = None, source: str = "") -> Judgement:
    """Return what a change of a chart's value means. `old` and `new` are in effect, MISSING where there is none."""
    found = found or rule_for(chart, path)
    judgement = judge_by(found.rule if found is not None else None, ("values", chart, *path), old, new)
    return replace(judgement, source=source)


def judge_override(trait: str, old: Any, new: Any, *, path: Sequence[str] = (), source: str = "") -> Judgement:
    """Return what a change of a trait of KubeSpawner means, as in a `kubespawner_override` of a profile.

    `path` is that of the setting, such as `("profiles", "cpu", "kubespawner_override", "uid")`.
    """
    name = RENAMED.get(trait, trait)
    return replace(judge_by(SPAWNER.get(name), tuple(path) or (trait,), old, new), source=source, origin=Origin.SETTING)


def judge_by(item: Rule | None, path: Path, old: Any, new: Any) -> Judgement:
    """Return the judgement of a change by a rule, or the one that nobody has judged the path."""
    where = dotted(path[2:] if path[:1] == ("values",) else path)
    mark = item.mark if item is not None else touches(None)
    sides = [None if side is MISSING else side for side in (old, new)]
    what, level, effect = meaning(mark, *sides)
    if what is None:
        subject, effect = f"{mark.subject}, {where}" if mark.subject else where, "not judged"
        return Judgement(level, None, dotted(path), subject, old, new, effect, origin=Origin.VALUE)
    subject = f"{mark.subject} ({where})" if mark.subject else where
    if item is not None and item.of_setting:
        subject = mark.subject or where
    said = sentence(mark, subject, old, new, effect) if mark.gained or mark.lost else ""
    return Judgement(level, what, dotted(path), subject, old, new, effect, origin=Origin.VALUE, sentence=said)


def is_same(item: Rule | None, old: Any, new: Any) -> bool:
    """Return whether two values mean the same, because one of them is the default of a switch."""
    direction = item.mark.restricts if item is not None else None
    if direction not in DEFAULTS:
        return False
    before, after = (DEFAULTS[direction] if side in (MISSING, None) else side for side in (old, new))
    return bool(before == after)
