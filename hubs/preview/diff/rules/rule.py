"""A line of the tables that say what a value of a chart touches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import BaseModel

from hubs.preview.diff.rules.directions import Restricts
from hubs.settings.marks import mark_of
from hubs.settings.touches import Touches, touches


@dataclass(frozen=True)
class Rule:
    """What values touch, and how to say it.

    `names`: traits of a class, or patterns of chart paths. `mark` touches None if nobody has judged them, on purpose.
    Its subject is by default the name.
    """

    names: tuple[str, ...]
    mark: touches
    together: bool = False
    """Changes of several of the names have one cause, and so are said once: where the database is, for example."""
    of_setting: bool = False
    """The mark is that of a setting, so that the same sentence is said wherever people write it."""


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
    harmless: Restricts | None = None,
) -> Rule:
    """Return the rule for `names`, which are separated by spaces."""
    mark = touches(what, effect, restricts, harmless, subject=subject, otherwise=otherwise, outage=outage)
    return Rule(tuple(names.split()), mark, together)


def as_setting(
    names: str,
    model: type[BaseModel],
    setting: str,
    restricts: Restricts | None = None,
    *,
    harmless: Restricts | None = None,
) -> Rule:
    """Return the rule for `names` that mean the same as a setting: with the setting's mark.

    `restricts` and `harmless` are in place of the mark's where the chart's value has another form or default.
    """
    mark = mark_of(model.model_fields[setting])
    if mark is None:
        raise ValueError(f"{model.__name__}.{setting} has no mark")
    changed = replace(mark, restricts=restricts or mark.restricts, harmless=harmless or mark.harmless)
    return Rule(tuple(names.split()), changed, of_setting=True)


def not_judged(names: str, subject: str = "") -> Rule:
    """Return the rule for names that nobody has judged, on purpose: they can mean anything."""
    return Rule(tuple(names.split()), touches(None, subject=subject))


def by_name(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Return the rules by each of their names. Raises ValueError for a name that has two."""
    found: dict[str, Rule] = {}
    for item in rules:
        for name in item.names:
            if name in found:
                raise ValueError(f"{name} has two rules")
            found[name] = item
    return found
