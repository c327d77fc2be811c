"""What the charts accept and set by default, as data, so that no chart is downloaded.

The data is written by `scripts/chart_schema.py` for the versions in Pulumi.yaml. Helm enforces the schemas when it
installs a release, which is late.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hubs.errors import unknown
from hubs.settings.layers import Node

_FOLDER = Path(__file__).parent / "chart_schemas"
_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping of keys to values",
    "array": "a list",
    "null": "null",
}
Steps = tuple[str, ...]
Found = Iterator[tuple[Steps, Node, str]]


@cache
def schema(chart: str) -> dict[str, Any] | None:
    """Return `version`, the schema of `values`, and `defaults` of a chart, or None for a chart without a schema."""
    path = _FOLDER / f"{chart}.json"
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found


def coalesced(chart: Any, given: Any) -> Any:
    """Merge like Helm's `CoalesceTables`: mappings merge, nulls remove the chart's default, other values replace it."""
    if not isinstance(chart, dict) or not isinstance(given, dict):
        return given
    result = {key: value for key, value in chart.items() if not (key in given and given[key] is None)}
    for key, value in given.items():
        if value is not None:
            result[key] = coalesced(chart.get(key), value)
    return result


def in_effect(chart: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a release with the chart's defaults below them, as far as they are known: those of the
    version in Pulumi.yaml."""
    facts = schema(chart)
    found: dict[str, Any] = coalesced(facts["defaults"] if facts is not None else {}, values)
    return found


def refused(schema: dict[str, Any], own: Node, program: Node, *, opaque: bool = False) -> Found:
    """Yield path, node and message of what the chart refuses in a hub's own values.

    `program`: the values below them. `opaque`: text may stand for any scalar, as the placeholder of a secret does.
    """
    yield from _refused(schema, own, program, (), opaque=opaque, default=True)


def names(schema: dict[str, Any], path: Iterable[str]) -> bool:
    """Return whether a chart's schema names every key of a path. The chart may have a default for such a value."""
    for key in path:
        schema = schema.get("properties", {}).get(key)
        if schema is None:
            return False
    return True


def _refused(
    schema: dict[str, Any], own: Node, program: Node | None, path: Steps, *, opaque: bool, default: bool
) -> Found:
    """`default`: the chart has a value at this path, so that a null removes it, and nothing required is missing."""
    types = schema.get("type")
    types = types if isinstance(types, list) else [types] if types else []
    value = own.value
    if types and not any(_is(value, kind, opaque=opaque) for kind in types):
        yield path, own, f"must be {' or '.join(_NAMES[kind] for kind in types)}"
    elif "enum" in schema and value not in schema["enum"] and not opaque:
        yield path, own, f"must be one of {', '.join(map(_shown, schema['enum']))}"
    elif "minimum" in schema and isinstance(value, (int, float)) and value < schema["minimum"]:
        yield path, own, f"must be at least {schema['minimum']}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _refused(
                schema.get("items") or {}, item, None, (*path, str(index)), opaque=opaque, default=False
            )
    elif isinstance(value, dict):
        yield from _keys(schema, own, program, path, opaque=opaque, default=default)


def _keys(
    schema: dict[str, Any], own: Node, program: Node | None, path: Steps, *, opaque: bool, default: bool
) -> Found:
    below = program.value if program is not None and isinstance(program.value, dict) else {}
    required, known = schema.get("required", []), schema.get("properties", {})
    for key, child in own.value.items():
        where, inside = _below(schema, key)
        if child.value is None and default:
            if key in required:
                yield (*path, key), child, "can't be removed: the chart needs it"
        elif where is None:
            yield (*path, key), child, unknown("is not a value of the chart", key, sorted(known))
        else:
            yield from _refused(where, child, below.get(key), (*path, key), opaque=opaque, default=default and inside)
    if not default:
        merged = {**below, **own.value}
        missing = [key for key in required if key not in merged]
        if missing:
            yield path, own, f"needs {', '.join(missing)}"
        if "one_of" in schema and sum(key in merged for key in schema["one_of"]) != 1:
            yield path, own, f"needs exactly one of {', '.join(schema['one_of'])}"


def _below(schema: dict[str, Any], key: str) -> tuple[dict[str, Any] | None, bool]:
    """Return the schema of a key, or None if the chart refuses it; and whether the chart knows the key by its name."""
    if key in schema.get("properties", {}):
        return schema["properties"][key], True
    for pattern, found in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return found, False
    other = schema.get("additionalProperties", True)
    return (None if other is False else other if isinstance(other, dict) else {}), False


def _is(value: Any, kind: str, *, opaque: bool) -> bool:
    if kind in _COLLECTIONS or value is None or isinstance(value, (dict, list)):
        return isinstance(value, _COLLECTIONS.get(kind, ()))
    if opaque or kind in ("string", "boolean"):
        return opaque or isinstance(value, str if kind == "string" else bool)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and (kind == "number" or float(value).is_integer())


_COLLECTIONS: dict[str, Any] = {"object": dict, "array": list, "null": type(None)}


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, str) and value else json.dumps(value)
