"""A report on a stack, in words and lines. It may come from the untrusted code of a pull request.

Uses only the standard library, because the workflow that writes comments installs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from hubs.preview.diff.judged import Level
from hubs.printable import printable
from hubs.settings.touches import Touches

VERSION = 2
"""Version of the JSON format of `hubs diff`. It is incremented when a key is removed or changes its meaning."""

NOT_JUDGED = "not judged"
"""The word for a change of which nobody has said what it touches."""

SHORT = 15
"""Lines of a section that is shown open. Longer ones are folded."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Headline:
    """What changes for the hubs of a community, in a few words. `hubs`: their names, or `cluster`."""

    level: Level
    hubs: str
    text: str


@dataclass(frozen=True)
class Entry:
    """A judged change. `hubs`: names of the hubs that it concerns, or empty for the cluster and the registry.

    `title` is the change in a few words, without the values that `lines` contain, and `effect` its consequence.
    `sentence` is everything about it in one sentence. `lines` begin with `-`, `+`, `~` or a space. `source`: files and
    lines, separated by commas, or empty.
    """

    level: Level
    touches: Touches | None
    hubs: str
    title: str
    sentence: str
    effect: str = ""
    lines: tuple[str, ...] = ()
    source: str = ""

    @property
    def says_values(self) -> bool:
        """Whether the sentence contains the values, so that the lines would repeat them."""
        return all(line[2:].strip() in self.sentence for line in self.lines if line[:1] in ("-", "+"))

    @property
    def about(self) -> str:
        """What is touched, in words."""
        if self.touches is Touches.NOTHING:
            return "other changes"
        return NOT_JUDGED if self.touches is None else self.touches.value


@dataclass(frozen=True)
class Section:
    """Hubs with equal changes, or resources that hubs share: a title, and lines that begin with `+-~` or a space.

    `more`: further details.
    """

    title: str
    lines: tuple[str, ...]
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The report on a stack, in the order in which it is read.

    `level`: the highest level of what changes. `counts`: how much changes. `todos`: what to do before the update.
    `warnings`: warnings that are new. `pages`: options pages as text. `sections`: values and objects in detail.
    """

    stack: str
    level: Level
    headlines: tuple[Headline, ...]
    counts: str = ""
    judgements: tuple[Entry, ...] = ()
    todos: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    pages: tuple[Section, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def dangers(self) -> tuple[Entry, ...]:
        """The dangerous changes."""
        return tuple(entry for entry in self.judgements if entry.level == Level.DANGEROUS)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Report:
        """Return the report from an entry of the JSON report, which is not trusted. Raises ValueError if invalid."""
        try:
            return cls(
                _words(plain["stack"]),
                _level(plain["class"]),
                _all(plain["headlines"], _headline),
                _maybe(plain["counts"]),
                _all(plain["judgements"], _entry),
                _all(plain["todos"], _words),
                _all(plain["warnings"], _words),
                _all(plain["pages"], _section),
                _all(plain["sections"], _section),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a valid report: {error!r}") from None


def _headline(plain: Any) -> Headline:
    return Headline(_level(plain["level"]), _words(plain["hubs"]), _words(plain["text"]))


def _entry(plain: Any) -> Entry:
    touches = plain["touches"]
    return Entry(
        _level(plain["level"]),
        None if touches is None else Touches[_words(touches).upper()],
        _maybe(plain["where"]),
        _words(plain["title"]),
        _words(plain["sentence"]),
        _maybe(plain["effect"]),
        _all(plain["lines"], _line),
        _maybe(plain["source"]),
    )


def _section(plain: Any) -> Section:
    return Section(_words(plain["title"]), _all(plain["lines"], _line), _all(plain.get("more", ()), _line))


def _all(items: Any, read: Callable[[Any], _T]) -> tuple[_T, ...]:
    if not isinstance(items, (list, tuple)):
        raise TypeError(f"expected a list, got {type(items).__name__}")
    return tuple(read(item) for item in items)


def _level(word: Any) -> Level:
    return Level[_words(word).upper()]


def _words(text: Any) -> str:
    """Return a line that is not empty."""
    if not _line(text).strip():
        raise TypeError("expected text, got nothing")
    return _line(text)


def _maybe(text: Any) -> str:
    """Return a line, or an empty text if nothing in it is visible."""
    return _line(text) if _line(text).strip() else ""


def _line(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"expected text, got {type(text).__name__}")
    return printable(text)
