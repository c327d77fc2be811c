"""A difference as text in parts: what every report is written from, also one that was sent by a stranger.

Needs nothing but Python: the workflow that writes comments installs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hubs.preview.diff.words import printable


@dataclass(frozen=True)
class Section:
    """Hubs that change alike, or what a stack shares: a title, and lines that begin with one of `+-~` or a space.

    `more`: lines for whoever wants to see all of it.
    """

    title: str
    lines: tuple[str, ...]
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What is to be said of a stack: the first line, dangers, sections."""

    stack: str
    summary: str
    dangers: tuple[str, ...]
    sections: tuple[Section, ...]

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Report:
        """From an entry of the JSON report. Raises ValueError when it is none; nothing in it is trusted."""
        try:
            return cls(
                _line(plain["stack"]),
                _line(plain["summary"]),
                tuple(_line(danger) for danger in plain["dangers"]),
                tuple(
                    Section(_line(section["title"]), _lines(section["lines"]), _lines(section.get("more", ())))
                    for section in plain["sections"]
                ),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a report: {error!r}") from None


def _lines(texts: Any) -> tuple[str, ...]:
    return tuple(_line(text) for text in texts)


def _line(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{type(text).__name__} instead of text")
    return printable(text)
