"""Settings that record which of them are read."""

from __future__ import annotations

import dataclasses
import types
from typing import Any

from pydantic import BaseModel

_OPEN = ("__class__", "__dict__")


class Recording:
    """Stands for a model or for the stack: behaves like `value`, and adds each path that is read to `seen`.

    Properties and methods run on the recording itself, so that what they read is recorded, too.
    """

    def __init__(self, value: Any, path: str, seen: set[str]) -> None:
        object.__setattr__(self, "_recording", (value, path, seen))

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(object.__getattribute__(self, "_recording")[0])

    def __getattribute__(self, name: str) -> Any:
        if name in _OPEN:
            return object.__getattribute__(self, name)
        value, path, seen = object.__getattribute__(self, "_recording")
        of_class = getattr(type(value), name, None)
        if isinstance(of_class, property) and of_class.fget is not None:
            return of_class.fget(self)
        if isinstance(of_class, types.FunctionType) and of_class.__module__.startswith("hubs."):
            return types.MethodType(of_class, self)
        below = f"{path}.{name}" if path else name
        found = getattr(value, name)
        if callable(found) and not isinstance(found, BaseModel):
            seen.add(path)  # for a model's method, such as model_dump, everything inside the model
            return found
        seen.add(below)
        return recorded(found, below, seen)


def recorded(value: Any, path: str, seen: set[str]) -> Any:
    """Return `value`, with recording if it is a model or a dataclass."""
    if isinstance(value, BaseModel) or (dataclasses.is_dataclass(value) and not isinstance(value, type)):
        return Recording(value, path, seen)
    return value
