"""All groups of settings, and values to try for each of their settings, from examples and types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from hubs.settings.charts import Chart
from hubs.settings.cluster import Cluster
from hubs.settings.hub import Hub
from hubs.settings.marks import groups, models_in
from hubs.settings.registry import Registry
from hubs.settings.secrets import HubSecrets


def reachable() -> list[type[BaseModel]]:
    """Return all models that a file can set, in the order in which they are found."""
    waiting: list[type[BaseModel]] = [Cluster, *models_in(Registry), Chart, Hub, HubSecrets]
    found: dict[type[BaseModel], None] = {}
    while waiting:
        model = waiting.pop(0)
        if model not in found:
            found[model] = None
            waiting += [inner for field in model.model_fields.values() for inner in models_in(field.annotation)]
    return list(found)


def fields_of(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the fields that a file can set."""
    for name, field in model.model_fields.items():
        if name not in getattr(model, "set_elsewhere", ()):
            yield name, field


def values_of(field: FieldInfo) -> list[Any]:
    """Return valid values of a field: its default, its examples, others of its type, and null if it can be null."""
    kind: Any = field.annotation
    found = [] if field.is_required() else [field.get_default(call_default_factory=True)]
    found += field.examples or []
    if kind is Any:
        found += ["one", "another"]
    for inner in (kind, *get_args(kind)):
        if get_origin(inner) is Literal:
            found += get_args(inner)
        elif inner is bool:
            found += [True, False]
        elif inner is type(None):
            found.append(None)
        elif get_origin(inner) in (list, dict):
            found.append((get_origin(inner) or list)())
    found += [other for value in list(found) for other in _like(value)]
    adapter: TypeAdapter[Any] = TypeAdapter(Annotated[kind, *field.metadata] if field.metadata else kind)
    result: list[Any] = []
    for value in found:
        try:
            valid = adapter.validate_python(value)
        except ValidationError:
            continue
        if not any(valid == other and type(valid) is type(other) for other in result):
            result.append(valid)
    return result


def _like(value: Any) -> Iterator[Any]:
    """Yield values that are like another one."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield from (value * 2, max(value // 2, 1))
    elif isinstance(value, str):
        yield re.sub(r"[0-9]", lambda digit: str((int(digit[0]) + 1) % 10), value, count=1)
        yield re.sub(r"[a-z]", lambda letter: "b" if letter[0] == "a" else "a", value, count=1)
        yield f"{value}x"
    elif isinstance(value, list) and value:
        yield [*value[1:], *list(_like(value[0]))[1:2]]
        yield [*value, *list(_like(value[0]))[1:2]]


def base(model: type[BaseModel], **given: Any) -> BaseModel:
    """Return a group of settings with defaults, and the best example of what it must have."""
    values = {}
    for name, field in model.model_fields.items():
        if name in given:
            values[name] = given[name]
        elif field.is_required():
            found = values_of(field)
            inner = groups(field)
            values[name] = found[0] if found else base(inner[0]) if inner else None
        else:
            values[name] = field.get_default(call_default_factory=True)
    return model.model_construct(**values)
