"""Escape text that people wrote, so that it stays on one line and can't change a terminal. Needs only Python."""

from __future__ import annotations

import unicodedata

LONGEST = 1000
"""Characters of one line of an error or a warning."""


def printable(text: str) -> str:
    """Return `text` with control, format and unassigned characters, line breaks and lone surrogates escaped.

    They would move the cursor, start a line, or show text in another order. `\\x1b` stands for ESC, as in Python.
    """
    if text.isprintable():
        return text
    return "".join(_escaped(character) if is_hidden(character) else character for character in text)


def is_hidden(character: str) -> bool:
    """Return whether a character is one that `printable` escapes."""
    return unicodedata.category(character)[0] == "C" or character in "\u2028\u2029"


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return `text` as one printable line. A longer one loses its middle: what is wrong and what to do stay."""
    text = printable(text)
    if len(text) <= longest:
        return text
    note = f" … ({len(text) - longest} more characters) … "
    head = (longest - len(note)) * 2 // 3
    return text[:head] + note + text[len(text) - (longest - len(note) - head) :]


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
