"""What a setting touches: the first thing that a reviewer of a change has to know. Each setting is marked with it."""

from __future__ import annotations

import json
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


Direction = Callable[[Any, Any], bool]
"""Whether a change from one value to another goes in a certain direction."""


@dataclass(frozen=True)
class touches:
    """The mark of a setting, written beside its type: `Annotated[bool, touches(Touches.NETWORK, ...)]`.

    Every setting has one. Without `whole`, a setting that consists of other settings is judged by their marks; its own
    mark then says what it means that such a group (a profile, an identity provider) appears or disappears.
    `what` is None for what is passed on to a chart or to KubeSpawner: it is judged by its paths there.
    """

    what: Touches | None
    effect: str = ""
    """The consequence for running people, as the end of a sentence."""
    restricts: Direction | None = None
    """Whether a change only restricts what people or servers may do, so that it is less dangerous by one level. It gets
    the values that are in effect, defaults included. Without it, every change counts."""
    harmless: Direction | None = None
    """Whether a change touches nothing, in spite of `what`."""
    otherwise: str = ""
    """The consequence of a change that only restricts. Without it, `effect` is said for each change."""
    subject: str = ""
    """What it is, in words. Default: its path."""
    gained: str = ""
    """A sentence for items that are added, for a value where none was, or for true. `{}` stands for the items, and
    `{one|many}` for words that depend on their number."""
    lost: str = ""
    """The same for items that are removed, for a value that is removed, or for false."""
    empty: str = "none"
    """What an empty value means: `everyone`, for a list of groups."""
    outage: bool = False
    """Nobody can use the hub afterwards: a change that does not only restrict is dangerous."""
    whole: bool = False
    """Compare a group, or a list of groups, as one value, without the marks inside it."""


@dataclass(frozen=True)
class each:
    """What one of the groups of settings in a mapping or list is called: `profile {}`. `{}` stands for its name."""

    name: str


def fewer(old: Any, new: Any) -> bool:
    """Nothing is added: to a list, to a mapping, or to the items of its lists. A text is a list with one item."""
    return _items(new) <= _items(old)


def more(old: Any, new: Any) -> bool:
    """Nothing is removed."""
    return fewer(new, old)


def narrower(old: Any, new: Any) -> bool:
    """Like `fewer`, where an empty list, or none, means everything."""
    return bool(_items(new)) and (not _items(old) or fewer(old, new))


def becomes(*values: Any) -> Direction:
    """The new value is one of these."""
    return lambda _, new: any(new is value or new == value for value in values)


def lower(old: Any, new: Any) -> bool:
    """The number does not grow. 0 and None mean no limit."""
    return _limit(new) <= _limit(old)


def higher(old: Any, new: Any) -> bool:
    """The number does not get less. 0 and None mean no limit."""
    return lower(new, old)


def _limit(value: Any) -> float:
    return value if isinstance(value, int | float) and value else float("inf")


def _items(value: Any) -> set[str]:
    """Return the items of a list or mapping, so that two of them can be compared."""
    if value is None or value == "":
        return set()
    if isinstance(value, dict):
        return {f"{key}: {item}" for key, below in value.items() for item in _items(below) or {"(empty)"}}
    return {json.dumps(item, sort_keys=True, default=repr) for item in (value if isinstance(value, list) else [value])}


BLOCK_METADATA = touches(
    Touches.NETWORK,
    restricts=becomes(True),
    subject="block of cloud metadata",
    gained="cloud metadata is blocked: servers that need it for their cloud identity lose it",
    lost="cloud metadata is no longer blocked: servers can get the credentials of their node",
)
"""The mark of a cluster's setting and of a hub's."""
