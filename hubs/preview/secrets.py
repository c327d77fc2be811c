"""Secrets in previews: never the value, at most its path."""

from __future__ import annotations

import re
from typing import Any

UNKNOWN = "[unknown]"
"""What only a cloud or cluster will tell."""

PLACEHOLDER = re.compile(r"\[secret [^\]]*\]")
"""What `Secret` looks like within a text."""


class Secret(str):
    """Text that stands for a secret and names where it is from: `[secret imagebuilding:secrets.ocean.auth...]`."""

    __slots__ = ()

    def __new__(cls, path: str) -> Secret:
        return super().__new__(cls, path if PLACEHOLDER.fullmatch(path) else f"[secret {path}]")


def named(value: Any) -> Secret:
    """The placeholder for a secret made of others, which names those; a value that names none is never shown."""
    paths = [found.removeprefix("[secret ").removesuffix("]") for found in PLACEHOLDER.findall(str(value))]
    return Secret(" and ".join(paths) or "value")


def masked(data: Any) -> Any:
    """`data` with each secret as the plain word `[secret]`."""
    if isinstance(data, dict):
        return {key: masked(value) for key, value in data.items()}
    if isinstance(data, list):
        return [masked(value) for value in data]
    return "[secret]" if isinstance(data, Secret) else data
