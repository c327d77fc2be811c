"""A value with every layer that spoke about it, and the same as YAML with comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from hubs import yaml_text
from hubs.preview.rounding import rounded
from hubs.preview.secrets import PLACEHOLDER, masked
from hubs.printable import one_line
from hubs.settings.base import Short
from hubs.settings.layers import Node, SecretAt, plain
from hubs.values.provenance import PROGRAM

MISSING: Any = object()
_LONGEST = 100
"""Characters of a value that another one replaces."""

Nodes = list[tuple[str, Node]]
"""What the layers say about one value, the lowest first, each with the layer's name."""


@dataclass(frozen=True)
class Spoken:
    """What one layer says. `layer` is empty where the source names it."""

    layer: str
    source: str
    value: Any

    def __str__(self) -> str:
        return one_line(", ".join(filter(None, (self.layer, self.source))))


@dataclass
class Entry:
    """A value: a mapping or a list of entries, or a scalar. The last of `spoken` is in effect."""

    value: Any
    spoken: tuple[Spoken, ...] = ()

    def children(self) -> dict[str, Entry]:
        """The entries of a mapping by key, or of a list by number."""
        if isinstance(self.value, dict):
            return self.value
        return {str(index): item for index, item in enumerate(self.value)} if isinstance(self.value, list) else {}

    def is_set(self) -> bool:
        """Whether there is a value, or a null that someone wrote."""
        if isinstance(self.value, dict) and self.value:
            return any(child.is_set() for child in self.value.values())
        return self.value is not None or any(one.source != str(PROGRAM) for one in self.spoken)

    def data(self) -> Any:
        """The value as plain data, secrets masked, without settings that have no value."""
        if isinstance(self.value, dict):
            return {key: child.data() for key, child in self.value.items() if child.is_set()}
        if isinstance(self.value, list):
            return [child.data() for child in self.value]
        return _shown(self.value)


def from_settings(value: Any, nodes: Nodes, final: Node | None, default: Any = MISSING) -> Entry:
    """Return the entry of a setting. `value` is in effect, `final` is its node in the merged settings, and `default`
    that of the program."""
    if isinstance(value, Short):
        nodes = [(name, _long(value, node)) for name, node in nodes]
        final = _long(value, final) if final is not None else None
    if final is not None and final.value is not None and type(final.value) is not _form(value):
        return _inherited(value, _spoken(value, nodes, final, default))
    if isinstance(value, BaseModel):
        items = {field.alias or name: getattr(value, name) for name, field in type(value).model_fields.items()}
        defaults = _defaults(value, default)
    elif isinstance(value, dict):
        items = {str(key): item for key, item in value.items()}
        defaults = default if isinstance(default, dict) else {}
        items |= {key: None for _, node in nodes if node.is_mapping for key in node.value if key not in items}
    elif isinstance(value, list):
        spoken = _spoken(value, nodes, final, default)
        lists = [(name, node) for name, node in nodes if final is not None and node.source == final.source]
        return Entry([_item(item, lists[-1:], final, index) for index, item in enumerate(value)], spoken)
    else:
        return Entry(value, _spoken(value, nodes, final, default))
    below = {
        key: from_settings(item, _below(nodes, key), final.get(key) if final else None, defaults.get(key, MISSING))
        for key, item in items.items()
    }
    return Entry(below, () if below else _spoken({}, nodes, final, default))


def _form(value: Any) -> Any:
    """Return the type that a node of the value's form has."""
    return dict if isinstance(value, BaseModel | dict) else list if isinstance(value, list) else None


def _inherited(value: Any, spoken: tuple[Spoken, ...]) -> Entry:
    """Return the entry of a value that was written in another form, such as 3 for [1, 2, 4]: the source is the same for
    everything in it."""
    inside = spoken[-1:]
    if isinstance(value, BaseModel):
        value = {field.alias or name: getattr(value, name) for name, field in type(value).model_fields.items()}
    if isinstance(value, dict):
        return Entry({str(key): _inherited(item, inside) for key, item in value.items() if item is not None}, spoken)
    return (
        Entry([_inherited(item, inside) for item in value], spoken) if isinstance(value, list) else Entry(value, spoken)
    )


def from_chart(final: Node, nodes: Nodes) -> Entry:
    """Return the entry of a chart's value. The sources of `final` say which settings lead to it."""
    if final.is_mapping and final.value:
        return Entry({key: from_chart(child, _below(nodes, key)) for key, child in final.value.items()})
    spoken = _spoken(plain(final, keep_null=True), nodes, final)
    if isinstance(final.value, list) and final.value:
        lists = [(name, node) for name, node in nodes if isinstance(node.value, list)][-1:]
        items = [from_chart(child, _at(lists, index)) for index, child in enumerate(final.value)]
        return Entry(items, spoken)
    return Entry({} if final.is_mapping else [] if isinstance(final.value, list) else final.value, spoken)


def _item(value: Any, lists: Nodes, final: Node | None, index: int) -> Entry:
    items = final.value if final is not None and isinstance(final.value, list) else []
    return from_settings(value, _at(lists, index), items[index] if index < len(items) else None)


def _at(lists: Nodes, index: int) -> Nodes:
    return [
        (name, node.value[index]) for name, node in lists if isinstance(node.value, list) and index < len(node.value)
    ]


def _below(nodes: Nodes, key: str) -> Nodes:
    """Return what the layers say about a key. A null says it about everything inside."""
    found: Nodes = []
    for name, node in nodes:
        if node.value is None:
            found.append((name, node))
        elif (child := node.get(key)) is not None:
            found.append((name, child))
    return found


def _long(value: Short, node: Node) -> Node:
    """Return the long form of a setting that is written in its short form."""
    if node.value is None or node.is_mapping:
        return node
    return Node({type(value).short_key: node}, node.source)


def _defaults(value: BaseModel, default: Any) -> dict[str, Any]:
    if type(default) is type(value):
        return {field.alias or name: getattr(default, name) for name, field in type(value).model_fields.items()}
    return {
        field.alias or name: field.get_default(call_default_factory=True)
        for name, field in type(value).model_fields.items()
        if not field.is_required()
    }


def _spoken(value: Any, nodes: Nodes, final: Node | None, default: Any = MISSING) -> tuple[Spoken, ...]:
    found = [Spoken(name, str(node.source), _plain(node)) for name, node in nodes]
    if default is not MISSING and default not in (None, "", [], {}) and value is not default:
        found.insert(0, Spoken("", str(PROGRAM), default.model_dump() if isinstance(default, BaseModel) else default))
    if final is None or (final.value is None and value is not None):
        # Nobody sets it, or a null removed what was set.
        if value is not None or not found:
            found = [one for one in found if one.source != str(PROGRAM)]
            found.append(Spoken("", str(PROGRAM), value))
    elif not found or found[-1].source != str(final.source):
        found.append(Spoken("", str(final.source), value))
    return tuple(found)


def _plain(node: Node) -> Any:
    return plain(node, keep_null=True)


def _shown(value: Any) -> Any:
    """Return a scalar as YAML can write it, secrets masked."""
    if isinstance(value, SecretAt):
        return "[secret]"
    value = rounded(masked(value))
    return str(PLACEHOLDER.sub("[secret]", value)) if isinstance(value, str) else value


def as_yaml(entry: Entry) -> str:
    """Return the value as YAML. A comment after each value names its source; comments above it, what it replaces."""
    return "\n".join(_lines(entry)) + "\n"


def _lines(entry: Entry, key: str | None = None) -> list[str]:
    """Return the lines of a value; with a `key`, as an entry of a mapping."""
    if isinstance(entry.value, (dict, list)) and entry.data():
        return _collection(entry, key)
    text = _dumped(entry.data(), key)
    source = str(entry.spoken[-1]) if entry.spoken else ""
    return [*_replaced(entry), *_with_source(text, source)]


def _collection(entry: Entry, key: str | None) -> list[str]:
    one = _only_source(entry)
    if one is not None:
        text = _dumped(entry.data(), key)
        return [*_replaced(entry), *_with_source(text, one)]
    lines = _replaced(entry)
    if key is not None:
        lines.append(_dumped(None, key)[0].removesuffix(" null"))
    indent = "  " if key is not None and isinstance(entry.value, dict) else ""
    if isinstance(entry.value, dict):
        children = [_lines(child, name) for name, child in entry.value.items() if child.is_set()]
    else:
        children = [_as_item(_lines(child)) for child in entry.value]
    return lines + [indent + line for child in children for line in child]


def _as_item(lines: list[str]) -> list[str]:
    first = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    return [*lines[:first], f"- {lines[first]}", *(f"  {line}" for line in lines[first + 1 :])]


def _only_source(entry: Entry) -> str | None:
    """Return the source of everything inside, if it is one and replaces nothing."""
    sources = {str(leaf.spoken[-1]) if len(leaf.spoken) == 1 else None for leaf in _leaves(entry)}
    return sources.pop() if len(sources) == 1 else None


def _leaves(entry: Entry) -> Iterator[Entry]:
    children = list(entry.children().values())
    if not children:
        yield entry
    for child in children:
        if isinstance(entry.value, list) or child.is_set():
            yield from _leaves(child)


def _replaced(entry: Entry) -> list[str]:
    return [f"# {one}: {_flow(one.value)}" for one in entry.spoken[:-1]]


def _flow(value: Any) -> str:
    """Return any value on one line, as YAML writes it."""
    return one_line(re.sub(r"\s+", " ", yaml_text.flow(_clean(value))), _LONGEST)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else _shown(value)


def _dumped(data: Any, key: str | None) -> list[str]:
    text = yaml_text.dump(data if key is None else {key: data}, sort_keys=False)
    return text.removesuffix("...\n").rstrip("\n").split("\n")


def _with_source(text: list[str], source: str) -> list[str]:
    if not source:
        return text
    if len(text) == 1:
        return [f"{text[0]}  # {source}"]
    return [f"# {source}", *text]
