"""What all settings have in common, and the small types they are made of."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class Strict(BaseModel):
    """A group of settings: an unknown key or a wrong type is an error, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _nulls_remove(cls, data: Any) -> Any:
        """A null is a value only where the setting can be null (`limit: null` is no limit); elsewhere it removes."""
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
    """Keys of settings that can be null, and of mappings whose keys a null removes."""
    fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    nullable = {key for key, kind in fields.items() if kind is Any or type(None) in get_args(kind)}
    mappings = {key for key, kind in fields.items() if get_origin(kind) is dict and get_args(kind)[1] is not Any}
    return frozenset(nullable), frozenset(mappings)


def matching(pattern: str, expected: str) -> Any:
    """A validator: the whole string matches `pattern`, or the error says what was `expected`."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"must be {expected}")
        return value

    return AfterValidator(check)


Name = Annotated[
    str,
    matching(
        r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", "lower-case letters, digits and '-', starting with a letter, at most 40"
    ),
]
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

Domain = Annotated[
    str,
    matching(
        r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*",
        "a host name such as hub.example.org: lower case, no scheme, no path",
    ),
]

Url = Annotated[str, matching(r"https?://[^\s]+", "a URL that starts with https://")]

Quantity = Annotated[
    str, matching(r"[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?", "a Kubernetes quantity such as 10Gi")
]


def _memory(value: Any) -> Any:
    is_text = isinstance(value, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?[KMGT]?", value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_text and not is_number:
        raise ValueError("must be memory in bytes, or with K, M, G or T (1024-based), such as 2G")
    return value


Memory = Annotated[int | float | str, BeforeValidator(_memory)]
"""As KubeSpawner's `mem_limit`: bytes, or a number with K, M, G or T."""

Cpu = Annotated[int | float, Field(ge=0)]
"""Cores, as KubeSpawner's `cpu_limit`."""

MountPath = Annotated[
    str, matching(r"/?[^\s/][^\s]*", "a path such as /home/jovyan/shared, or a folder such as shared")
]

AbsolutePath = Annotated[str, matching(r"/[^\s]*", "an absolute path such as /home/jovyan")]

Labels = dict[str, str]


class Toleration(Strict):
    """A Kubernetes toleration (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/)."""

    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None
    tolerationSeconds: int | None = None


class Nodes(Strict):
    """Where pods may run: nodes with all these labels; taints that are tolerated."""

    selector: Labels
    tolerations: list[Toleration] = []
