"""The models of all settings as JSON schema, from which the schema files and the reference are generated."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from hubs.settings.charts import Charts
from hubs.settings.cluster import Cluster
from hubs.settings.hub import Hub
from hubs.settings.marks import mark_of
from hubs.settings.registry import Registry
from hubs.settings.secrets import HubSecrets
from hubs.settings.touches import Touches

Schema = dict[str, Any]

REFERENCE = "#/definitions/"
TOUCHES = "touches"
"""Key with what a setting touches, for the reference. Editors do not get it."""

_SECTIONS: dict[str, Any] = {
    "cluster": Cluster,
    "registry": Registry,
    "charts": Charts,
    "secrets": HubSecrets,
    "hub": Hub,
}


class _AsWritten(GenerateJsonSchema):
    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        """Keep the order: in examples, the most important key comes first."""
        return value

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Add the description of each setting, and what it touches."""
        result = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        for name, description in _descriptions(model).items():
            field = model.model_fields.get(name)
            if field is not None:
                result["properties"][field.alias or name]["description"] = description
        for name, field in model.model_fields.items():
            mark = mark_of(field)
            if mark is not None and mark.what not in (None, Touches.NOTHING):
                result["properties"][field.alias or name][TOUCHES] = mark.what.value
        return result


def _descriptions(model: type[BaseModel]) -> dict[str, str]:
    """Return the text below each setting of a model and its base classes, by the setting's name."""
    result: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            result |= _documented(base.__module__).get(base.__name__, {})
    return result


@cache
def _documented(module: str) -> dict[str, dict[str, str]]:
    """Return the text below each annotated name of each class of a module."""
    source = inspect.getsource(importlib.import_module(module))
    return {
        item.name: {
            setting.target.id: inspect.cleandoc(text.value.value)
            for setting, text in pairwise(item.body)
            if isinstance(setting, ast.AnnAssign)
            and isinstance(setting.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        }
        for item in ast.parse(source).body
        if isinstance(item, ast.ClassDef)
    }


def sections() -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Return the schema of each section of settings, and the definitions that the schemas refer to."""
    adapters = [(name, "validation", TypeAdapter(model)) for name, model in _SECTIONS.items()]
    found, rest = TypeAdapter.json_schemas(
        adapters,  # type: ignore[arg-type]
        ref_template=f"{REFERENCE}{{model}}",
        schema_generator=_AsWritten,
    )
    plain = {name: _tidy(schema) for name, schema in rest["$defs"].items()}
    definitions = {name: _explained(schema, plain) for name, schema in plain.items()}
    return {name: _tidy(schema) for (name, _), schema in found.items()}, definitions


def _explained(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """Add the descriptions that pydantic omits because they are the same as those of their models."""
    result = inner(schema, lambda item: _explained(item, definitions))
    for name, item in result.get("properties", {}).items():
        names = list(targets(item))
        if names and "description" not in item:
            model = definitions[names[0]]
            description = model.get("description") or model["anyOf"][-1]["description"]
            result["properties"][name] = {**item, "description": description}
    return result


def target(schema: Schema) -> str | None:
    """Return the name of the definition that a schema refers to, if any."""
    reference: str | None = schema.get("$ref")
    return reference.removeprefix(REFERENCE) if reference else None


def inner(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """Return the schema with `change` applied to each schema directly inside it."""
    result = dict(schema)
    for key in ("properties", "patternProperties"):
        if key in result:
            result[key] = {name: change(item) for name, item in result[key].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(result.get(key), dict):
            result[key] = change(result[key])
    if "anyOf" in result:
        result["anyOf"] = [change(item) for item in result["anyOf"]]
    return result


def _tidy(schema: Schema) -> Schema:
    """Return pydantic's schema in a simpler, more uniform form."""
    result = {key: value for key, value in schema.items() if key not in ("title", "discriminator", "oneOf", "gt")}
    if "oneOf" in schema:
        result["anyOf"] = schema["oneOf"]
    if "gt" in schema:
        result["exclusiveMinimum"] = schema["gt"]
    if "description" in result:
        paragraphs = result.pop("description").split("\n\n")
        text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
        result = {"description": text, **result}
    if "patternProperties" in result:
        ((pattern, values),) = result.pop("patternProperties").items()
        result |= {"additionalProperties": values, "propertyNames": {**result["propertyNames"], "pattern": pattern}}
    result = inner(result, _tidy)
    if "anyOf" in result:
        flat = [one for item in result["anyOf"] for one in (item["anyOf"] if set(item) == {"anyOf"} else [item])]
        numbers = {"type": "number"} in flat
        result["anyOf"] = [item for item in flat if not (numbers and item == {"type": "integer"})]
    if len(result.get("anyOf", ())) == 1:
        result |= result.pop("anyOf")[0]
    return result


def targets(schema: Schema, *, into_lists: bool = True) -> Iterator[str]:
    """Yield the names of all definitions that a schema refers to."""
    name = target(schema)
    if name is not None:
        yield name
    inside: list[Schema] = []
    inner(schema if into_lists else {**schema, "items": None}, lambda item: inside.append(item) or item)  # type: ignore[func-returns-value]
    for item in inside:
        yield from targets(item, into_lists=into_lists)
