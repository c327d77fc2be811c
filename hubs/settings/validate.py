"""From pydantic's errors to problems with file, line and words for people."""

from __future__ import annotations

import difflib
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hubs.settings.errors import Problem, SettingsError
from hubs.settings.layers import Node, Path, find, plain

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "string_type": "must be text (numbers and true/false need quotes)",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "missing": "is missing",
    "too_short": "must not be empty",
    "union_tag_not_found": "needs a type",
}


def validate(model: type[Model], node: Node, path: Path = (), **extra: Any) -> Model:
    """The model made from the tree, or SettingsError with every problem in it.

    `path` is where the tree stands, for the words of errors. `extra` are fields that no file says.
    """
    try:
        return model.model_validate({**plain(node, keep_null=True), **extra})
    except ValidationError as error:
        problems = [_problem(model, node, path, dict(item)) for item in error.errors()]
        # A setting that takes whole numbers and others says both where it got neither.
        numbers = {(item.source, item.path) for item in problems if item.message == _EXPECTED["float_type"]}
        whole = _EXPECTED["int_type"]
        raise SettingsError(
            [item for item in problems if item.message != whole or (item.source, item.path) not in numbers]
        ) from None


def _problem(model: type[BaseModel], node: Node, path: Path, error: dict[str, Any]) -> Problem:
    location = _real(error["loc"], node, missing=error["type"] == "missing")
    where = ".".join(map(str, (*path, *location)))
    return Problem(find(node, location), where, _message(model, error))


def _real(location: Path, node: Node, *, missing: bool) -> Path:
    """Without the steps that pydantic adds for unions: those that aren't in the tree, but for a key that is missing."""
    result: list[str | int] = []
    current: Node | None = node
    for index, step in enumerate(location):
        value = current.value if current is not None else None
        inside = (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        )
        if inside:
            current = value[step]  # type: ignore[index]
        elif not missing or index < len(location) - 1:
            continue
        result.append(step)
    return tuple(result)


def _message(model: type[BaseModel], error: dict[str, Any]) -> str:
    kind = error["type"]
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(model, error["loc"])
    if kind == "union_tag_invalid":
        return f"type must be one of {context['expected_tags']}".replace("'", "")
    if kind == "too_long":
        return f"must have no more than {context['max_length']}"
    if kind == "literal_error":
        return f"must be {context['expected']}".replace("'", "")
    if kind == "value_error":
        return str(context["error"])
    return _EXPECTED.get(kind) or error["msg"][0].lower() + error["msg"][1:]


def _unknown(model: type[BaseModel], location: Path) -> str:
    known = sorted(_fields(model, location[:-1]))
    # Never a hint that would let everyone in.
    harmless = [key for key in known if key != "allow_all"]
    close = difflib.get_close_matches(str(location[-1]), harmless, n=1)
    if close:
        return f"unknown key; did you mean {close[0]}?"
    return f"unknown key; known are {', '.join(known)}" if known else "unknown key"


def _fields(model: Any, location: Path) -> set[str]:
    """Keys that the model at `location` knows. Walks annotations; empty where it can't tell."""
    models = [model]
    for step in location:
        found: list[Any] = []
        for candidate in models:
            fields = candidate.model_fields
            field = fields.get(step) or next((f for f in fields.values() if f.alias == step), None)
            if field is not None:
                found.extend(_models(field.annotation))
            elif any(_tag(candidate) == step for _ in (0,)):
                found.append(candidate)
        models = found or models
    return {field.alias or name for candidate in models for name, field in candidate.model_fields.items()}


def _tag(model: Any) -> Any:
    field = model.model_fields.get("type")
    return field.annotation.__args__[0] if field is not None and hasattr(field.annotation, "__args__") else None


def _models(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in getattr(annotation, "__args__", ()) for model in _models(argument)]
