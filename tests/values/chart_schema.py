"""Merge values onto the chart's own and validate them against the chart's schema, as Helm does."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from hubs.values.chart_values import coalesced

JUPYTERHUB = ("jupyterhub-4.0.0-beta.4", "jupyterhub-4.x")
BINDERHUB = "binderhub-service-336"


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
