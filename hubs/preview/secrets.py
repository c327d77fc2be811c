"""Placeholders for secrets in previews, which show at most a secret's path and never its value."""

from __future__ import annotations

import re
from typing import Any

UNKNOWN = "[unknown]"
"""Placeholder for a value that only a cloud provider or cluster can supply."""

PLACEHOLDER = re.compile(r"\[secret [^\[\]]*\]")
"""Matches a `Secret` inside a text."""


class Secret(str):
    """A placeholder for a secret that names its path: `[secret imagebuilding:secrets.ocean.auth...]`."""

    __slots__ = ()

    def __new__(cls, path: str) -> Secret:
        if PLACEHOLDER.fullmatch(path):
            return super().__new__(cls, path)
        return super().__new__(cls, f"[secret {path.replace('[', '(').replace(']', ')')}]")


def named(value: Any) -> Secret:
    """Return the placeholder for a secret that is derived from others, with their paths if `value` contains any."""
    paths = [found.removeprefix("[secret ").removesuffix("]") for found in PLACEHOLDER.findall(str(value))]
    return Secret(" and ".join(paths) or "value")


def masked(data: Any) -> Any:
    """Return `data` with each secret replaced by `[secret]`."""
    if isinstance(data, dict):
        return {key: masked(value) for key, value in data.items()}
    if isinstance(data, list):
        return [masked(value) for value in data]
    return "[secret]" if isinstance(data, Secret) else data
