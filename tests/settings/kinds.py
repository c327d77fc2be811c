"""The kinds of registries and login providers, for the tests that must not list them."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel

from hubs.settings.auth import AnyAuth
from hubs.settings.registry import Registry


def kinds_of(annotated: Any) -> list[type[BaseModel]]:
    """Return the models of a union such as `Registry`, in its order."""
    union, *_ = get_args(annotated)
    return list(get_args(union))


def type_of(kind: type[BaseModel]) -> str:
    """Return the value of `type` that selects a model."""
    return str(get_args(kind.model_fields["type"].annotation)[0])


def having(annotated: Any, name: str) -> int:
    """Return how many models of a union have the setting `name`."""
    return sum(name in kind.model_fields for kind in kinds_of(annotated))


REGISTRIES = ", ".join(map(type_of, kinds_of(Registry)))
LOGINS = ", ".join(map(type_of, kinds_of(AnyAuth)))
