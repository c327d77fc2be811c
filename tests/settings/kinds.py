"""The values of `type` that a setting accepts."""

from __future__ import annotations

from typing import Any, get_args

from hubs.settings.auth import AnyAuth
from hubs.settings.registry import Registry


def types_of(annotated: Any) -> list[str]:
    """Return the types of a union such as `Registry`, in its order."""
    union, *_ = get_args(annotated)
    return [str(get_args(kind.model_fields["type"].annotation)[0]) for kind in get_args(union)]


REGISTRIES = ", ".join(types_of(Registry))
LOGINS = ", ".join(types_of(AnyAuth))
