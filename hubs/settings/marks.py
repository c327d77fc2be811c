"""Find the marks of settings in their models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hubs.settings.touches import touches


def mark_of(field: FieldInfo) -> touches | None:
    """Return the mark of a field of a model, or None if it has none."""
    return next((item for item in field.metadata if isinstance(item, touches)), None)


def models_in(kind: Any) -> Iterator[type[BaseModel]]:
    """Yield the groups of settings that a type consists of: itself, or inside a list, a mapping or a choice."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inner in get_args(kind):
        yield from models_in(inner)


def groups(field: FieldInfo) -> tuple[type[BaseModel], ...]:
    """Return the groups of settings inside a field by whose marks it is judged. None if it is compared as a whole."""
    mark = mark_of(field)
    return () if mark is not None and mark.whole else tuple(models_in(field.annotation))
