"""Every setting with its type, default and meaning, read off the models."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hubs.settings.charts import Chart
from hubs.settings.cluster import Cluster
from hubs.settings.hub import Hub
from hubs.settings.registry import ArtifactRegistry, Oci, Quay
from hubs.settings.secrets import HubSecrets

_GIVEN = ("community", "name", "secrets")
"""Of a hub: what the file's name and place say, and what stands in the stack's file."""

SECTIONS: dict[str, tuple[str, tuple[type[BaseModel], ...]]] = {
    "imagebuilding:cluster": ("in stacks/Pulumi.<cluster>.yaml", (Cluster,)),
    "imagebuilding:registry": ("in stacks/Pulumi.<cluster>.yaml", (ArtifactRegistry, Quay, Oci)),
    "imagebuilding:charts": ("by name, in stacks/Pulumi.<cluster>.yaml, over those of Pulumi.yaml", (Chart,)),
    "imagebuilding:secrets": ("in stacks/Pulumi.<cluster>.yaml: for all hubs, a community, or a hub", (HubSecrets,)),
    "a community and its hubs": ("in stacks/<cluster>/<community>.yaml; imagebuilding:defaults likewise", (Hub,)),
}


def lines() -> Iterator[str]:
    """The reference, a line at a time."""
    told: set[type[BaseModel]] = set()
    for title, (where, models) in SECTIONS.items():
        yield f"{title}  ({where})"
        for model in models:
            yield from _model(model, 1, told)
        yield ""


def _model(model: type[BaseModel], depth: int, told: set[type[BaseModel]]) -> Iterator[str]:
    indent = "  " * depth
    if model in told:
        yield f"{indent}as above"
        return
    told.add(model)
    if "type" in model.model_fields:
        yield f"{indent}# {_first(model.__doc__)}"
    for name, field in model.model_fields.items():
        if model is Hub and name in _GIVEN:
            continue
        yield f"{indent}{field.alias or name}: {_type(field.annotation)}{_default(field)}"
        if field.description:
            yield from (f"{indent}    {line}" for line in field.description.splitlines())
        nested = list(_nested(field.annotation))
        for item in nested:
            if len(nested) == 1 and not field.description:
                yield f"{indent}    {_first(item.__doc__)}"
            yield from _model(item, depth + 2, told)


def _first(text: str | None) -> str:
    return " ".join((text or "").strip().split("\n\n")[0].split())


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "" if "Default:" in (field.description or "") else "  (required)"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or value in (None, [], {}):
        return ""
    data = (
        [item.model_dump(exclude_none=True) if isinstance(item, BaseModel) else item for item in value]
        if isinstance(value, list)
        else value
    )
    return f" = {json.dumps(data)}"


_NAMES: dict[Any, str] = {
    str: "text",
    int: "number",
    float: "number",
    bool: "true | false",
    type(None): "null",
    Any: "anything",
}


def _type(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " | ".join(map(str, arguments))
    if origin in (typing.Union, types.UnionType):
        return " | ".join(dict.fromkeys(map(_type, arguments)))
    if origin is not None:
        inner = _type(arguments[1 if origin is dict else 0])
        return {list: f"list of {inner}", dict: f"mapping to {inner}"}.get(origin, inner)
    return _NAMES.get(annotation, "mapping")


def _nested(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _nested(argument)
