"""Merge values onto the chart's own and validate them against the chart's schema, as Helm does."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

JUPYTERHUB = ("jupyterhub-4.0.0-beta.4", "jupyterhub-4.x")
BINDERHUB = "binderhub-service-336"


def coalesced(chart: Any, given: Any) -> Any:
    """Merge like Helm's `CoalesceTables`: mappings merge, nulls remove the chart's default, other values replace it."""
    if not isinstance(chart, dict) or not isinstance(given, dict):
        return given
    result = {key: value for key, value in chart.items() if not (key in given and given[key] is None)}
    for key, value in given.items():
        if value is not None:
            result[key] = coalesced(chart.get(key), value)
    return result


def complaints(folder: Path, values: dict[str, Any]) -> list[str]:
    """Return the errors of `values` by the schema of the chart in `folder`, by path."""
    schema, defaults = _chart(folder)
    validator = jsonschema.Draft7Validator(schema)
    errors = validator.iter_errors(coalesced(defaults, values))
    return sorted(f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors)


@cache
def _chart(folder: Path) -> tuple[Any, Any]:
    text = (folder / "values.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return json.loads((folder / "values.schema.json").read_text(encoding="utf-8")), yaml.load(text, loader)
