"""A line of the tables that say what a value of a chart touches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hubs.preview.diff.rules.directions import Restricts
from hubs.settings.touches import Touches, touches


@dataclass(frozen=True)
class Rule:
    """What values touch, and how to say it.

    `names`: traits of a class, or patterns of chart paths. `mark` is None if nobody has judged them, on purpose.
    `subject`: in words; by default, the name. `otherwise`: the consequence of a change that only restricts.
    """

    names: tuple[str, ...]
    mark: touches | None
    subject: str = ""
    otherwise: str = ""
    together: bool = False
    """Changes of several of the names have one cause, and so are said once: where the database is, for example."""
    outage: bool = False
    """Nobody can use the hub afterwards: a change that does not only restrict is dangerous."""


def rule(
    names: str,
    what: Touches,
    effect: str = "",
    restricts: Restricts | None = None,
    *,
    subject: str = "",
    otherwise: str = "",
    together: bool = False,
    outage: bool = False,
) -> Rule:
    """Return the rule for `names`, which are separated by spaces."""
    return Rule(tuple(names.split()), touches(what, effect, restricts), subject, otherwise, together, outage)


def not_judged(names: str, subject: str = "") -> Rule:
    """Return the rule for names that nobody has judged, on purpose: they can mean anything."""
    return Rule(tuple(names.split()), None, subject)


def by_name(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Return the rules by each of their names. Raises ValueError for a name that has two."""
    found: dict[str, Rule] = {}
    for item in rules:
        for name in item.names:
            if name in found:
                raise ValueError(f"{name} has two rules")
            found[name] = item
    return found
