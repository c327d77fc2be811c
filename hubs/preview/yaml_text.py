"""YAML for people: read as Kubernetes reads it, written with multi-line text as blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A loader for YAML as Kubernetes reads it: no dates, and 12:30 is text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:timestamp",)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _first, _resolvers in _Loader.yaml_implicit_resolvers.items():
    _Loader.yaml_implicit_resolvers[_first] = [
        (tag, re.compile(r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)$"))
        if tag.endswith(":int")
        else (tag, p)
        for tag, p in _resolvers
    ]


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """A dumper that writes multi-line text as a block and never uses anchors."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


def load(text: str) -> list[Any]:
    """Return the non-empty documents of a YAML text. Raises yaml.YAMLError."""
    return [document for document in yaml.load_all(text, _Loader) if document]


def dump(data: Any) -> str:
    """Return `data` as one YAML document, keys sorted, long text folded at 120 characters."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=120)
    return text


def dump_all(documents: Iterable[Any]) -> str:
    """Return the documents as a YAML stream, keys sorted, each after a line of three dashes, nothing folded."""
    text: str = yaml.dump_all(
        documents, Dumper=_Dumper, sort_keys=True, explicit_start=True, allow_unicode=True, width=10_000
    )
    return text
