"""Escape untrusted text for terminals and comments, and shorten long values."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from hubs.preview.diff.leaves import MISSING
from hubs.preview.rounding import rounded

MAX_SHOWN = 300


def printable(text: str) -> str:
    """Return `text` with control and format characters escaped, so that it stays on one line and changes nothing."""
    return "".join(
        character
        if unicodedata.category(character)[0] != "C" and character not in "\u2028\u2029"
        else _escaped(character)
        for character in text
    )


def shown(value: Any) -> str:
    """Return a value as short text: strings unquoted, anything else as JSON."""
    if value is MISSING:
        return "(nothing)"
    if isinstance(value, str) and value.strip():
        text = value
    else:
        text = json.dumps(rounded(value), ensure_ascii=False, sort_keys=True)
    text = printable(text)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 hub`, `2 hubs`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
