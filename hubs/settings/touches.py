"""What a setting touches: the first thing that a reviewer of a change has to know. Each setting is marked with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Touches(Enum):
    """What a change of a setting can affect."""

    LOGIN = "who may log in or administer"
    FILES = "people's files"
    NETWORK = "network"
    IDENTITY = "cloud identity"
    CODE = "code that runs with the hub's rights"
    ISOLATION = "isolation of builds and servers"
    AVAILABILITY = "availability"
    COST = "cost"
    APPEARANCE = "appearance"
    NOTHING = "nothing"


DANGEROUS = frozenset(
    {Touches.LOGIN, Touches.FILES, Touches.NETWORK, Touches.IDENTITY, Touches.CODE, Touches.ISOLATION}
)
"""A change of these is dangerous, unless it only restricts."""

CAREFUL = frozenset({Touches.AVAILABILITY, Touches.COST})
"""A change of these needs care. The others are routine."""


@dataclass(frozen=True)
class touches:
    """The mark of a setting, written beside its type: `Annotated[bool, touches(Touches.NETWORK, ...)]`.

    `effect` is the consequence for running people, as the end of a sentence. `restricts(old, new)` returns whether a
    change only restricts what people or servers may do, so that it is not dangerous. It gets the values that are in
    effect, defaults included. Without it, every change counts.
    """

    what: Touches
    effect: str = ""
    restricts: Callable[[Any, Any], bool] | None = None
