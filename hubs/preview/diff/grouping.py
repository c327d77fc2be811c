"""Group judgements: equal ones of several hubs become one, and names of hubs become short."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hubs.preview.diff.judged import Judgement, Origin
from hubs.preview.diff.leaves import MISSING
from hubs.printable import printable
from hubs.settings.touches import Touches

THE_HUB = "HUB"
"""Stands for the name of each hub in a sentence about several hubs."""

_MAX_COMMUNITIES = 8
_ORDER = [*Touches, None]


@dataclass(frozen=True)
class Shared:
    """A judgement with the hubs that it concerns. Without hubs, it concerns the cluster or the registry.

    `sources`: the files and lines of all of them.
    """

    judgement: Judgement
    hubs: tuple[str, ...]
    sources: tuple[str, ...] = ()


def grouped(hubs: Iterable[tuple[str, Sequence[Judgement]]], stack: Sequence[Judgement]) -> list[Shared]:
    """Return each judgement once, dangerous ones first, then by what they touch. `hubs`: each hub's name and its own.

    Judgements are equal if they differ only in the hub's own name. In a judgement of several hubs, `HUB` stands for it.
    """
    same: dict[str, list[tuple[str, Judgement]]] = {}
    for name, judgements in (("", stack), *hubs):
        for judgement in judgements:
            same.setdefault(_key(judgement, name), []).append((name, judgement))
    found = []
    for members in same.values():
        names = tuple(dict.fromkeys(name for name, _ in members if name))
        sources = tuple(dict.fromkeys(judgement.source for _, judgement in members if judgement.source))
        name, judgement = members[0]
        found.append(Shared(judgement if len(names) < 2 else without_name(judgement, name), names, sources))
    return ordered(found)


def ordered(judgements: Iterable[Shared]) -> list[Shared]:
    """Return the judgements with the dangerous ones first: what deletes files and images, then by what they touch."""

    def place(one: Shared) -> tuple[int, bool, int]:
        found = one.judgement
        return -found.level, found.origin is not Origin.DECOMMISSION, _ORDER.index(found.touches)

    return sorted(judgements, key=place)


def without_name(judgement: Judgement, hub: str) -> Judgement:
    """Return the judgement with `HUB` in its sentences instead of the hub's name (`ocean/prod`, `ocean-prod`)."""
    return replace(
        judgement,
        path=cut_name(judgement.path, hub),
        subject=cut_name(judgement.subject, hub),
        effect=cut_name(judgement.effect, hub),
        sentence=cut_name(judgement.sentence, hub),
    )


def short_names(hubs: Sequence[str], every: Sequence[str]) -> str:
    """Return `ocean (staging, prod), climate (prod)`, or `all 4 hubs` if these are all hubs of the stack."""
    if len(every) > 2 and len(hubs) > 1:
        others = [name for name in every if name not in hubs]
        if not others:
            return f"all {len(every)} hubs"
        if len(others) <= len(every) // 10:
            return f"all {len(every)} hubs except {short_names(others, ())}"
    communities: dict[str, list[str]] = {}
    for name in hubs:
        community, _, hub = name.partition("/")
        communities.setdefault(community, []).append(hub)
    shown = [
        printable(community) + (f" ({', '.join(map(printable, names))})" if any(names) else "")
        for community, names in list(communities.items())[:_MAX_COMMUNITIES]
    ]
    count = sum(map(len, list(communities.values())[_MAX_COMMUNITIES:]))
    return ", ".join(shown) + (f" and {count} more hub{'s' if count > 1 else ''}" if count else "")


def _key(judgement: Judgement, hub: str) -> str:
    """Return a text that is equal for judgements that say the same of their hubs."""
    cut = without_name(judgement, hub) if hub else judgement
    values = [None if value is MISSING else [value] for value in (judgement.old, judgement.new)]
    said = [cut.level, cut.touches and cut.touches.name, cut.path, cut.subject, cut.effect, cut.sentence, values]
    return json.dumps(said, sort_keys=True, default=repr)


def cut_name(text: str, hub: str) -> str:
    """Return the text with `HUB` instead of the hub's name: `ocean/prod`, `ocean-prod`."""
    names = "|".join(re.escape(name) for name in {hub, hub.replace("/", "-")})
    return re.sub(rf"(?<![\w.-])(?:{names})(?![\w])", THE_HUB, text)
