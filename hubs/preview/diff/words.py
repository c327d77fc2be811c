"""Values and counts as short text, safe for terminals and comments."""

from __future__ import annotations

import json
from typing import Any

from hubs.preview.diff.leaves import MISSING
from hubs.preview.rounding import rounded
from hubs.printable import printable

MAX_SHOWN = 300


def shown(value: Any) -> str:
    """Return a value as short text: strings unquoted, anything else as JSON."""
    text = whole(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"


def whole(value: Any) -> str:
    """Return a value as one line of text, however long: strings unquoted, anything else as JSON."""
    if value is MISSING:
        return "(nothing)"
    if isinstance(value, str) and value.strip():
        text = value
    else:
        text = json.dumps(rounded(value), ensure_ascii=False, sort_keys=True)
    return printable(text)


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 hub`, `2 hubs`."""
    return f"{count} {one if count == 1 else many or one + 's'}"
