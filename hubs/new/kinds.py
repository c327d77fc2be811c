"""The kinds of login providers and registries, and what `hubs new` asks about each.

Both come from the models: a new kind needs a line here only if its question needs other words.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Annotated, Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from hubs.settings.auth import AnyAuth, OAuth
from hubs.settings.registry import Registry


def _by_type(union: Any) -> dict[str, Any]:
    members = get_args(get_args(union)[0])
    return {get_args(member.model_fields["type"].annotation)[0]: member for member in members}


LOGINS = _by_type(AnyAuth)
REGISTRIES = _by_type(Registry)

WHO = {
    "github": "Organizations (org) and teams (org:team) whose members may log in",
    "google": "Domains whose accounts may log in",
    "cilogon": "Entity ids of identity providers (https://cilogon.org/idplist/)",
    "oidc": "Groups whose members may log in",
}
"""What `--allow` lists, by login provider."""


def required(kind: type[BaseModel]) -> list[str]:
    """Return the settings of a kind that must be given and are a single text."""
    fields = kind.model_fields.items()
    return [name for name, field in fields if name != "type" and field.is_required() and field.annotation is str]


def takes(login: type[BaseModel], option: str) -> bool:
    """Whether an option of `hubs new community` about logins has an effect with this kind of login."""
    keys, is_oauth = login.model_fields.keys(), issubclass(login, OAuth)
    match option:
        case "allow":
            return is_oauth
        case "allow_all":
            return is_oauth and "identity_providers" not in keys
        case "groups_claim":
            return is_oauth and not keys & {"allow", "identity_providers"}
        case "username_claim":
            return bool(keys & {"username_claim", "identity_providers"})
    return option in keys


def allowed(login: type[BaseModel]) -> Any:
    """Return the type of each item that `--allow` lists."""
    for name in ("identity_providers", "allow"):
        if name in login.model_fields:
            return get_args(login.model_fields[name].annotation)[0]
    return str


@cache
def type_of(setting: str) -> Any:
    """Return the type of a setting such as `home.Nfs.server`: module, model and key."""
    module, model, key = setting.split(".")
    field = getattr(import_module(f"hubs.settings.{module}"), model).model_fields[key]
    return Annotated[field.annotation, *field.metadata]


def problem(value: str, kind: Any) -> str | None:
    """Return what is wrong with a value of the type `kind`, or None if it is valid."""
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        return str(first.get("ctx", {}).get("error") or first["msg"])
    return None
