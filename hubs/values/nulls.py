"""Nulls inside lists, which the Kubernetes provider can't compare.

pulumi-kubernetes (seen with 4.32 to 4.34) panics when a list in a release's values changes while a null stays in it
(`addPatchValueToDiff`: "An assertion has failed"). Nulls of mappings are no problem, and Helm needs those.
"""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]


def without_list_nulls(values: dict[str, Any]) -> tuple[dict[str, Any], list[Path]]:
    """`values` without the keys inside lists whose value is null, and the paths of those keys."""
    found: list[Path] = []
    return _clean(values, (), in_list=False, found=found), found


def _clean(data: Any, path: Path, *, in_list: bool, found: list[Path]) -> Any:
    if isinstance(data, list):
        return [_clean(item, (*path, index), in_list=True, found=found) for index, item in enumerate(data)]
    if not isinstance(data, dict):
        return data
    result = {}
    for key, value in data.items():
        if in_list and value is None:
            found.append((*path, key))
        else:
            result[key] = _clean(value, (*path, key), in_list=in_list, found=found)
    return result
