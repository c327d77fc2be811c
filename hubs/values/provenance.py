"""Where each value of a chart comes from: the settings that a function reads, and the lines that set them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from pydantic import BaseModel

from hubs.settings.hub import Hub
from hubs.settings.layers import Node, Path, SecretAt, Source, leaves, located
from hubs.settings.stack import Stack

PROGRAM = Source("program default")

P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., dict[str, Any]])

_READS: dict[Callable[..., Any], Reads] = {}


@dataclass(frozen=True)
class Reads:
    """The declaration of a function of the values layer.

    `settings` are paths such as `home.nfs` of a hub, or `cluster.ingress` and `registry` of its stack. `wires` names
    what the function connects, such as "BinderHub", where its values follow from more than settings.
    """

    settings: tuple[str, ...] = ()
    wires: str = ""


@dataclass(frozen=True)
class Layer:
    """Values of one function, and what the function declares to read."""

    reads: Reads
    data: dict[str, Any]


def reads(*settings: str, wires: str = "") -> Callable[[F], F]:
    """Declare, at a function of the values layer, every setting that the function reads (see `Reads`)."""

    def declare(function: F) -> F:
        _READS[function] = Reads(settings, wires)
        return function

    return declare


def reads_of(function: Callable[..., Any]) -> Reads:
    """Return the declaration of `function`. A function without one reads no settings."""
    return _READS.get(function, Reads())


def layer(function: Callable[P, dict[str, Any]], *args: P.args, **kwargs: P.kwargs) -> Layer:
    """Call `function` and return its values as a layer."""
    return Layer(reads_of(function), function(*args, **kwargs))


def provenance(stack: Stack, hub: Hub, item: Layer) -> Node:
    """Return the layer's values as a tree in which each value has its file and line.

    A value that also occurs in one of the declared settings gets the line of that setting. Secrets are opaque, so they
    are matched by their key. A value with the name and the value of a setting that no file sets is the program's
    default. Any other value follows from all declared settings that a file sets, and names each of them with its line.
    """
    written = {path: node for path in item.reads.settings if (node := _node(stack, hub, path)) is not None}
    names = [f"{path} {node.source}" for path, node in written.items()]
    if item.reads.wires:
        names.insert(0, f"wired by the program ({item.reads.wires})")
    whole = Source("; ".join(names)) if names else PROGRAM
    lines: dict[Any, dict[str, None]] = {}
    for path, node in written.items():
        for below, leaf in leaves(node):
            name = f"{'.'.join(map(str, (path, *below)))} {leaf.source}"
            lines.setdefault(_match(leaf.value, below[-1:]), {})[name] = None
    lines.pop(None, None)
    sources = _Sources(
        {key: Source("; ".join(found)) for key, found in lines.items()},
        [setting for path in item.reads.settings for setting in _settings(stack, hub, path)],
    )
    return _attributed(located(item.data, whole), sources, ())


@dataclass(frozen=True)
class _Sources:
    """What the values of a layer are matched with."""

    lines: dict[Any, Source]
    """Lines of settings, by what `_match` returns for their values."""
    settings: list[tuple[Path, Any, Source]]
    """Name, value and source of each single setting."""

    def of(self, path: Path, node: Node) -> Source:
        """The source of the value at `path` of a chart."""
        named = [found for found in self.settings if _same_name(found[0][-1:], path[-1:]) and found[1] == node.value]
        if len(named) > 1:
            named = [found for found in named if _same_name(found[0][-2:], path[-2:])]
        if len(named) == 1:
            return named[0][2]
        return self.lines.get(_match(node.value, path[-1:]), node.source)


def _same_name(setting: Path, key: Path) -> bool:
    """Whether a setting and a key of a chart have the same name: `max_age` and `maxAge`."""
    return [_plain(step) for step in setting] == [_plain(step) for step in key]


def _plain(step: str | int) -> str:
    return str(step).replace("_", "").lower()


def _settings(stack: Stack, hub: Hub, path: str) -> Iterator[tuple[Path, Any, Source]]:
    """The single settings at and below `path` that have one value: true, false, a number, text or null."""
    value: Any = stack if path.split(".", maxsplit=1)[0] in stack.tree.value else hub
    for step in path.split("."):
        value = getattr(value, step, None)
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _settings(stack, hub, f"{path}.{name}")
    elif value is None or isinstance(value, (bool, int, float, str)):
        node = _node(stack, hub, path)
        yield tuple(path.split(".")), value, PROGRAM if node is None else Source(f"{path} {node.source}")


def _match(value: Any, key: Path) -> Any:
    """Return what a value is matched by: the value itself, or the key of a secret.

    Returns None for values that are too common to match: true, false, null, empty text and empty collections.
    """
    if isinstance(value, bool) or value in (None, "", {}, []):
        return None
    return (type(value), value) if type(value) in (str, int, float) else (SecretAt, key)


def _attributed(node: Node, sources: _Sources, path: Path) -> Node:
    if isinstance(node.value, dict) and node.value:
        return Node(
            {name: _attributed(child, sources, (*path, name)) for name, child in node.value.items()}, node.source
        )
    if isinstance(node.value, list):
        return Node([_attributed(child, sources, path) for child in node.value], node.source)
    return Node(node.value, sources.of(path, node))


def _node(stack: Stack, hub: Hub, path: str) -> Node | None:
    """Return the setting at `path` as it is written for the hub, or None if no file sets it."""
    steps = path.split(".")
    node = (stack.tree if steps[0] in stack.tree.value else stack.trees[hub.key]).at(*steps)
    return node if node is not None and node.value is not None else None
