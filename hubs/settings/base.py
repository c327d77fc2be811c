"""The base class of all groups of settings, and the small types that settings are made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import core_schema


class Strict(BaseModel):
    """A group of settings: an unknown key or a wrong type is an error, and nothing changes after loading.

    The text below each setting is its description. `model_schema` reads it; pydantic's `use_attribute_docstrings` would
    read it in every plan, which takes as long as all other work on the models.
    """

    set_elsewhere: ClassVar[tuple[str, ...]] = ()
    """Keys that no file can set: their values come from the names of files and keys, for example."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _nulls_remove(cls, data: Any) -> Any:
        """A null is a value if the setting can be null (`limit: null` means no limit). Otherwise it removes."""
        if not isinstance(data, dict):
            return data
        nullable, mappings = _nulls(cls)
        return {
            key: {k: v for k, v in value.items() if v is not None}
            if key in mappings and isinstance(value, dict)
            else value
            for key, value in data.items()
            if value is not None or key in nullable or key not in _keys(cls)
        }


@cache
def _keys(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in model.model_fields.items())


@cache
def _nulls(model: type[BaseModel]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys of settings that can be null, and of mappings in which a null removes a key."""
    fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    nullable = {key for key, kind in fields.items() if kind is Any or type(None) in get_args(kind)}
    mappings = {key for key, kind in fields.items() if get_origin(kind) is dict and get_args(kind)[1] is not Any}
    return frozenset(nullable), frozenset(mappings)


class Short(Strict):
    """A group of settings that a single value can stand for: the value of the setting `short_key`.

    With the key `enabled`, `named_servers: true` is `named_servers: {enabled: true}`.
    """

    short_key: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        return value if value is None or isinstance(value, dict | BaseModel) else {cls.short_key: value}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the schema of both forms, for editors and the reference."""
        full = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [cls._short_schema(full["properties"][cls.short_key]), full]}

    @classmethod
    def _short_schema(cls, setting: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in setting.items() if key in ("type", "items", "pattern", "anyOf")}


@dataclass(frozen=True)
class matching:
    """A validator: the whole string must match `pattern`. The error says what was `expected`, and what to write instead
    if the string without what `meant` removes from it (by default, spaces at its ends) would match."""

    pattern: str
    expected: str
    meant: Callable[[str], str] = str.strip

    def problem(self, value: str) -> str | None:
        """Return what is wrong with `value`, or None."""
        if re.fullmatch(self.pattern, value):
            return None
        meant = self.meant(value)
        hint = (
            f"; write {meant}" if meant != value and meant.isprintable() and re.fullmatch(self.pattern, meant) else ""
        )
        return f"must be {self.expected}{hint}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def check(value: str) -> str:
            if (problem := self.problem(value)) is not None:
                raise ValueError(problem)
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        # patternErrorMessage: what editors show instead of the pattern.
        return {
            **handler(schema),
            "pattern": f"^(?:{self.pattern})$",
            "patternErrorMessage": f"must be {self.expected}",
        }


def example(*values: Any) -> Any:
    """Examples of a setting, for the reference and for editors. The first one is the best."""
    return Field(examples=list(values))


NAME_PATTERN = r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?"
NAME = matching(NAME_PATTERN, "lower-case letters, digits and '-', starting with a letter, at most 40")
Name = Annotated[str, NAME]
"""A part of the names of Kubernetes objects (RFC 1035 label, short enough that three of them and a suffix fit)."""

ClusterName = Annotated[
    str, matching(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?", "lower-case letters, digits and '-', at most 40")
]

Namespace = Annotated[
    str,
    matching(
        r"(?!kube-|default$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
        "a Kubernetes name: a-z, 0-9 and '-', at most 63, and none of Kubernetes' own",
    ),
]


def _host_meant(value: str) -> str:
    _, _, address = value.strip().lower().rpartition("://")
    return address.partition("/")[0]


Domain = Annotated[
    str,
    matching(
        # The last label can't be a number: 10.0.0.1 is an address, which an Ingress and login providers refuse.
        r"(?=.{1,253}$)(?!(.*\.)?[0-9]+$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*",
        "a host name such as hub.example.org: lower case, no scheme, no path, no IP address",
        _host_meant,
    ),
]

Url = Annotated[str, matching(r"https?://[^\s]+", "a URL that starts with https://")]
