"""Remove nulls inside lists, which the Kubernetes provider can't compare.

pulumi-kubernetes (4.32 to 4.34) panics if a list in a release's values changes and contains a null
(`addPatchValueToDiff`: "An assertion has failed"). Nulls of mappings outside of lists are supported, and Helm needs
them.
"""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]


def without_list_nulls(values: dict[str, Any]) -> tuple[dict[str, Any], list[Path]]:
    """Return `values` without keys inside lists whose value is null, and the paths of the removed keys."""
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
