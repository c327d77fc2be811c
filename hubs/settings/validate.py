"""Turn pydantic's errors into problems with file, line and a readable message."""

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
}
_LIMITS = {
    "greater_than": ("must be greater than", "gt"),
    "greater_than_equal": ("must be at least", "ge"),
    "less_than_equal": ("must be at most", "le"),
}


def validate(model: type[Model], node: Node, path: Path = (), **extra: Any) -> Model:
    """Return the model created from the tree. Raises SettingsError with every problem in the tree.

    `path` is where the tree is in its file, for error messages. `extra` are fields that no file sets.
    """
    try:
        return model.model_validate({**plain(node, keep_null=True), **extra})
    except ValidationError as error:
        found: list[dict[str, Any]] = [dict(item) for item in error.errors()]
        misspelt = {_meant(model, item["loc"]) for item in found if item["type"] == "extra_forbidden"}
        problems = [
            _problem(model, node, path, item)
            for item in found
            # A missing key that is only misspelt counts as one mistake.
            if not (item["type"] == "missing" and item["loc"] in misspelt)
        ]
        # A setting that accepts integers and floats reports both errors if the value is neither.
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
    """Return the location without the steps that pydantic adds for unions. These are the steps that are not in the
    tree, except for a missing key."""
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
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "extra_forbidden":
            message = _unknown(model, error["loc"])
        case "union_tag_invalid":
            message = f"type must be one of {context['expected_tags']}".replace("'", "")
        case "union_tag_not_found":
            tags = [str(_tag(member)) for member in _members(model, error["loc"])]
            message = f"needs a type: one of {', '.join(tags)}"
        case "too_long":
            message = f"must have at most {context['max_length']} item{'' if context['max_length'] == 1 else 's'}"
        case "literal_error":
            message = f"must be {context['expected']}".replace("'", "")
        case "value_error":
            message = str(context["error"])
        case _ if kind in _LIMITS:
            words, key = _LIMITS[kind]
            message = f"{words} {context[key]}"
        case _:
            message = _EXPECTED.get(kind) or error["msg"][0].lower() + error["msg"][1:]
    return message


def _unknown(model: type[BaseModel], location: Path) -> str:
    known = sorted(_fields(model, location[:-1]))
    meant = _meant(model, location)
    if meant is not None:
        return f"unknown key; did you mean {meant[-1]}?"
    return f"unknown key; valid keys: {', '.join(known)}" if known else "unknown key"


def _meant(model: type[BaseModel], location: Path) -> Path | None:
    """Return the location of the key that was probably meant by an unknown key."""
    # Never suggest a key that would let everyone in.
    harmless = [key for key in sorted(_fields(model, location[:-1])) if key != "allow_all"]
    close = difflib.get_close_matches(str(location[-1]), harmless, n=1)
    return (*location[:-1], close[0]) if close else None


def _fields(model: Any, location: Path) -> set[str]:
    """Return the keys that files can set in the model at `location`, or an empty set if it can't be found."""
    members = _members(model, location)
    return {
        field.alias or name
        for member in members
        for name, field in member.model_fields.items()
        if name not in getattr(member, "set_elsewhere", ())
    }


def _members(model: Any, location: Path) -> list[Any]:
    """Return the models that a value at `location` can have, according to the annotations."""
    models = [model]
    for step in location:
        found: list[Any] = []
        for candidate in models:
            fields = candidate.model_fields
            field = fields.get(step) or next((f for f in fields.values() if f.alias == step), None)
            if field is not None:
                found.extend(_models(field.annotation))
            elif _tag(candidate) == step:
                found.append(candidate)
        models = found or models
    return models


def _tag(model: Any) -> Any:
    field = model.model_fields.get("type")
    return field.annotation.__args__[0] if field is not None and hasattr(field.annotation, "__args__") else None


def _models(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in getattr(annotation, "__args__", ()) for model in _models(argument)]
