"""Round numbers in output for people. Deployed values are not rounded."""

from __future__ import annotations

from typing import Any


def rounded(data: Any) -> Any:
    """Return `data` with each fraction rounded to ten digits: 15.10964 instead of 15.109639999999999."""
    if isinstance(data, float):
        return float(f"{data:.10g}")
    if isinstance(data, dict):
        return {key: rounded(value) for key, value in data.items()}
    return [rounded(value) for value in data] if isinstance(data, list) else data
