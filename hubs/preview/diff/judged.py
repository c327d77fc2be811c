"""A change as a reviewer sees it: what it touches, how dangerous it is, and what it means for running people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from hubs.preview.diff.leaves import MISSING
from hubs.preview.diff.words import shown
from hubs.settings.touches import CAREFUL, DANGEROUS, Touches


class Level(IntEnum):
    """How closely a change has to be read, in one word."""

    ROUTINE = 0
    CAREFUL = 1
    DANGEROUS = 2

    @property
    def word(self) -> str:
        """The word in reports: `routine`, `careful` or `dangerous`."""
        return self.name.lower()


class Origin(IntEnum):
    """Which judge found a change: the first ones are nearer to what a person wrote."""

    DECOMMISSION = 0
    """What is deleted or kept with the hub: always said, and first."""
    SETTING = 1
    VALUE = 2
    """A value of a chart."""
    OBJECT = 3
    """A resource of Pulumi, or an object that Helm renders."""


@dataclass(frozen=True)
class Judgement:
    """One judged change of a setting, a chart's value, a resource or a rendered object.

    `touches` is None if nobody has judged this path. `path` is that of a setting (`auth.admins`), of a chart's value
    (`values.jupyterhub.hub.db.type`), or names an object (`Deployment hub`). `subject` is the same in words. `old` and
    `new` are the values in effect, MISSING where there is none. `effect` is the consequence for running people, or
    empty. `source` is the file and line of the new value, or of the old one if it was removed. `sentence` says all of
    this where subject, values and effect, one after the other, would read badly: reports use `text`.
    """

    level: Level
    touches: Touches | None
    path: str
    subject: str
    old: Any = MISSING
    new: Any = MISSING
    effect: str = ""
    source: str = ""
    origin: Origin = Origin.SETTING
    sentence: str = ""

    @property
    def text(self) -> str:
        """The change in one sentence: its own one, or `subject: old → new: effect`, without values that are missing."""
        if self.sentence:
            return self.sentence
        values = [shown(value) for value in (self.old, self.new) if value is not MISSING]
        return ": ".join(part for part in (self.subject, " → ".join(values), self.effect) if part)


@dataclass(frozen=True)
class Judged:
    """What changed settings touch: `stack` what concerns the cluster and the registry, `hubs` the others, by the hub's
    name in the plan. `compared`: whether the settings of both revisions could be read."""

    stack: tuple[Judgement, ...] = ()
    hubs: Mapping[str, tuple[Judgement, ...]] = field(default_factory=dict)
    compared: bool = True


def level_of(touches: Touches | None, *, restricts: bool = False) -> Level:
    """Return the level of a change that touches this. What is not judged, and what only restricts, needs care."""
    if touches in DANGEROUS:
        return Level.CAREFUL if restricts else Level.DANGEROUS
    return Level.CAREFUL if touches is None or touches in CAREFUL else Level.ROUTINE
