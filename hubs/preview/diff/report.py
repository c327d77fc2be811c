"""A report on a stack as sections of text. It may come from the untrusted code of a pull request.

Uses only the standard library, because the workflow that writes comments installs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hubs.printable import printable

VERSION = 1
"""Version of the JSON format of `hubs diff`. It is incremented when a key is removed or changes its meaning."""


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
    """The report on a stack: summary line, dangers, sections."""

    stack: str
    summary: str
    dangers: tuple[str, ...]
    sections: tuple[Section, ...]

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Report:
        """Return the report from an entry of the JSON report, which is not trusted. Raises ValueError if invalid."""
        try:
            return cls(
                _words(plain["stack"]),
                _words(plain["summary"]),
                tuple(_words(danger) for danger in plain["dangers"]),
                tuple(
                    Section(_words(section["title"]), _lines(section["lines"]), _lines(section.get("more", ())))
                    for section in plain["sections"]
                ),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a valid report: {error!r}") from None


def _lines(texts: Any) -> tuple[str, ...]:
    return tuple(_line(text) for text in texts)


def _words(text: Any) -> str:
    """Return a line that is not empty."""
    if not _line(text).strip():
        raise TypeError("expected text, got nothing")
    return _line(text)


def _line(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"expected text, got {type(text).__name__}")
    return printable(text)
