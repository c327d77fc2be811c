"""YAML that Helm rendered, read as Kubernetes reads it; and YAML for people, with multi-line text as blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml

from hubs.printable import is_hidden, printable
from hubs.settings.yaml_file import refuse_depth

_MAX_DEPTH = 300  # CRDs have some 60 levels
_MAX_NODES = 2_000_000  # what aliases of aliases may expand to
_ALIAS = re.compile(r"(?:^|[\s,:\[{])\*[^\s*]")
_TAGS = ("null", "bool", "int", "float", "str", "seq", "map", "merge")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A loader for YAML as Kubernetes reads it: no dates, binary data or sets, and 12:30 is text."""


_Loader.yaml_constructors = {
    tag: constructor
    for tag, constructor in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in _TAGS
}


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
    style = "|" if "\n" in text else None
    if not text.isprintable() and any(is_hidden(character) for character in text if character != "\n"):
        style = '"'  # the only style that has escapes
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def load(text: str) -> list[Any]:
    """Return the non-empty documents of a YAML text.

    Raises yaml.YAMLError, also for a text that is nested more than 300 levels deep, or whose aliases expand to more
    than 2,000,000 values.
    """
    refuse_depth(text, _MAX_DEPTH)
    documents = [document for document in yaml.load_all(text, _Loader) if document]
    if _ALIAS.search(text) and _size(documents, {}) > _MAX_NODES:
        raise yaml.YAMLError(f"aliases expand to more than {_MAX_NODES} values")
    return documents


def _size(data: Any, known: dict[int, int]) -> int:
    """Return how many values a tree has if each alias is expanded. `known` is by identity, so that this is linear."""
    if not isinstance(data, (dict, list)):
        return 1
    if id(data) not in known:
        known[id(data)] = _MAX_NODES + 1  # for a collection that contains itself
        known[id(data)] = 1 + sum(_size(item, known) for item in (data.values() if isinstance(data, dict) else data))
    return known[id(data)]


def dump(data: Any, *, sort_keys: bool = True) -> str:
    """Return `data` as one YAML document, by default with sorted keys, long text folded at 120 characters."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=sort_keys, allow_unicode=True, width=120)
    return _escaped(text)


def flow(data: Any) -> str:
    """Return `data` as YAML on one line."""
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100_000, default_flow_style=True
    )
    return _escaped(text.removesuffix("\n").removesuffix("\n..."))


def dump_all(documents: Iterable[Any]) -> str:
    """Return the documents as a YAML stream, keys sorted, each after a line of three dashes, nothing folded."""
    text: str = yaml.dump_all(
        documents, Dumper=_Dumper, sort_keys=True, explicit_start=True, allow_unicode=True, width=10_000
    )
    return _escaped(text)


def _escaped(text: str) -> str:
    """Replace hidden characters by YAML's escapes, which Python's are too. They occur in double quotes only."""
    return text if text.replace("\n", "").isprintable() else "\n".join(map(printable, text.split("\n")))
