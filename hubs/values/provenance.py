"""Where each value of a chart comes from: the settings that a function reads, and the lines that set them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

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
    are matched by their key. Any other value follows from all declared settings that a file sets, and names each of
    them with its line.
    """
    written = {path: node for path in item.reads.settings if (node := _node(stack, hub, path)) is not None}
    names = [f"{path} {node.source}" for path, node in written.items()]
    if item.reads.wires:
        names.insert(0, f"wired by the program ({item.reads.wires})")
    whole = Source("; ".join(names)) if names else PROGRAM
    exact: dict[Any, dict[str, None]] = {}
    for path, node in written.items():
        for below, leaf in leaves(node):
            name = f"{'.'.join(map(str, (path, *below)))} {leaf.source}"
            exact.setdefault(_match(leaf.value, below[-1:]), {})[name] = None
    exact.pop(None, None)
    return _attributed(located(item.data, whole), {key: Source("; ".join(found)) for key, found in exact.items()}, ())


def _match(value: Any, key: Path) -> Any:
    """Return what a value is matched by: the value itself, or the key of a secret.

    Returns None for values that are too common to match: true, false, null, empty text and empty collections.
    """
    if isinstance(value, bool) or value in (None, "", {}, []):
        return None
    return (type(value), value) if type(value) in (str, int, float) else (SecretAt, key)


def _attributed(node: Node, exact: dict[Any, Source], key: Path) -> Node:
    if isinstance(node.value, dict) and node.value:
        return Node({name: _attributed(child, exact, (name,)) for name, child in node.value.items()}, node.source)
    if isinstance(node.value, list):
        return Node([_attributed(child, exact, key) for child in node.value], node.source)
    return Node(node.value, exact.get(_match(node.value, key), node.source))


def _node(stack: Stack, hub: Hub, path: str) -> Node | None:
    """Return the setting at `path` as it is written for the hub, or None if no file sets it."""
    steps = path.split(".")
    node: Node | None = stack.tree if steps[0] in stack.tree.value else stack.trees[hub.key]
    for step in steps:
        node = node.get(step) if node is not None else None
    return node if node is not None and node.value is not None else None
