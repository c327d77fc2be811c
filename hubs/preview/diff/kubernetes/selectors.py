"""Label selectors as boxes: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubs.preview.diff.kubernetes.boxes import ANY, Box, Values, only


def selected(selector: Any, dimension: str) -> Box | None:
    """Return the labels that a selector selects, each label as a dimension `DIMENSION:KEY`. None: it selects nothing.

    An empty selector selects everything.
    """
    found: dict[str, Values] = {}

    def restrict(key: str, allowed: Values) -> None:
        name = f"{dimension}:{key}"
        found[name] = found.get(name, ANY) & allowed

    for key, value in ((selector or {}).get("matchLabels") or {}).items():
        restrict(str(key), only(str(value)))
    for rule in (selector or {}).get("matchExpressions") or []:
        values = frozenset(str(value) for value in rule.get("values") or [])
        by_operator = {
            "In": Values(values),
            "NotIn": Values(values, True),  # also objects without the label
            "Exists": Values(frozenset({None}), True),
            "DoesNotExist": only(None),
        }
        restrict(str(rule.get("key")), by_operator.get(str(rule.get("operator")), ANY))
    return found if all(found.values()) else None


def labelled(labels: Mapping[str, Any], dimension: str, keys: set[str]) -> Box:
    """Return the box of an object with these labels. `keys`: the labels that selectors look at."""
    return {f"{dimension}:{key}": only(str(labels[key]) if key in labels else None) for key in keys}


def keys_of(box: Box, dimension: str) -> set[str]:
    """Return the keys of the labels that a box restricts."""
    return {name.partition(":")[2] for name in box if name.partition(":")[0] == dimension}
