"""Settings as trees that record where each value was written, and the rule that merges layers.

Mappings merge; lists and scalars replace; an explicit null removes what the layers below set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
Found = Iterator[tuple[Path, str]]
"""Paths of settings, each with what is wrong there."""


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Where a value comes from: a file (relative to the repository) and a line, counted from 1. 0 means no line."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class SecretAt:
    """A placeholder for a secret in a tree, which then records only where the secret is written."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its source. `value` is a dict of nodes, a list of nodes, or a scalar (anything else).

    `resets` marks a mapping that replaces what is below it instead of merging with it, as a mapping over a null or a
    scalar does. Without it, `merge` would not be associative.
    """

    value: Any
    source: Source
    resets: bool = False

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)

    def get(self, key: str) -> Node | None:
        """Return the child of a mapping, or None if there is none."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def at(self, *path: str) -> Node | None:
        """Return the node at `path` below mappings, or None if there is none."""
        node: Node | None = self
        for key in path:
            node = node.get(key) if node is not None else None
        return node


def merge(lower: Node, upper: Node) -> Node:
    """Return `upper` merged over `lower`. Associative; the empty mapping is the identity on either side.

    If both set keys of a mapping, its source is the upper one. Nulls stay in the result, because they must also remove
    what lower layers set: `plain` drops them.
    """
    if not isinstance(upper.value, dict) or upper.resets:
        return upper
    if not isinstance(lower.value, dict):
        return Node(upper.value, upper.source, resets=True)
    if not upper.value:
        return lower
    merged = dict(lower.value)
    for key, node in upper.value.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    return Node(merged, upper.source, lower.resets)


def plain(node: Node, *, keep_null: bool = False) -> Any:
    """Return the tree as ordinary Python data, without the keys that a null removed.

    Nulls inside lists stay: `mem_limit: null` in a profile has a meaning for KubeSpawner.
    `keep_null` keeps the others as well, for Helm, where a null removes a chart's default.
    """
    if isinstance(node.value, dict):
        return {
            key: plain(child, keep_null=keep_null)
            for key, child in node.value.items()
            if keep_null or child.value is not None
        }
    if isinstance(node.value, list):
        return [plain(child, keep_null=True) for child in node.value]
    return node.value


def located(data: Any, source: Source, like: Node | None = None) -> Node:
    """Return plain data as a tree. Sources are those of `like` at the same path, or else of the nearest parent."""
    source = like.source if like is not None else source
    if isinstance(data, Mapping):
        return Node(
            {str(key): located(value, source, like and like.get(str(key))) for key, value in data.items()}, source
        )
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        others = like.value if like is not None and isinstance(like.value, list) else []
        return Node(
            [located(value, source, others[i] if i < len(others) else None) for i, value in enumerate(data)], source
        )
    return Node(data, source)


def value_at(data: Any, *steps: str) -> Any:
    """Return the plain value at a path below mappings, or None if there is none, or something else is in between."""
    for step in steps:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def mapping(data: Any, *steps: str) -> dict[str, Any]:
    """Like `value_at`, for a mapping: an empty one if something else is there."""
    found = value_at(data, *steps)
    return found if isinstance(found, dict) else {}


def find(node: Node, path: Path) -> Source:
    """Return the source of the value at `path`, or of its nearest parent that exists."""
    for step in path:
        value: Any = node.value
        in_list = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if not (in_list or (isinstance(value, dict) and step in value)):
            break
        node = value[step]
    return node.source


def without_values(node: Node) -> Node:
    """Return the tree with `SecretAt` in place of every scalar."""
    if isinstance(node.value, dict):
        return Node({key: without_values(child) for key, child in node.value.items()}, node.source)
    if isinstance(node.value, list):
        return Node([without_values(child) for child in node.value], node.source)
    return Node(SecretAt(), node.source)


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every scalar and every empty mapping or list, with its path."""
    children: Any = ()
    if isinstance(node.value, (dict, list)):
        children = list(node.value.items() if isinstance(node.value, dict) else enumerate(node.value))
    if not children:
        yield path, node
    for key, child in children:
        yield from leaves(child, (*path, key))
