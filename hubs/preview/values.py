"""The values of a hub's two releases as YAML, each with where it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hubs.preview import yaml_text
from hubs.preview.configuration import configuration
from hubs.preview.secrets import Secret, masked
from hubs.settings.layers import Node, leaves
from hubs.settings.loader import load
from hubs.settings.stack import Stack
from hubs.values.hub import HubValues, hub_values
from hubs.values.registry_access import registry_access
from hubs.values.tokens import Tokens


def placeholder_values(stack: Stack, key: str) -> HubValues:
    """Values of the hub called `<community>/<hub>`, with placeholders for what only a deployment makes.

    Raises KeyError where there is no such hub.
    """
    hub = stack.hub(key)
    given = hub.secrets.registry
    username = given.username or Secret("robot name")
    access = registry_access(stack, hub, username, given.password or Secret(f"registry {stack.prefix(hub)}"))
    names = ("proxy", "cookie", "crypt-key", "binder")
    return hub_values(stack, hub, access, Tokens(*(Secret(f"random {hub.slug}-{name}") for name in names)))


def load_with_placeholders(name: str, root: Path) -> Stack:
    """The settings of a stack without decrypting anything. Raises SettingsError."""
    return load(name, configuration(name, root), root=root, secret=Secret)


def annotated(values: HubValues) -> str:
    """Both releases' values: two YAML documents under the charts' names, a comment for each value's origin."""
    documents = {"jupyterhub": values.jupyterhub_tree, "binderhub-service": values.binderhub_tree}
    return "---\n".join(f"# Values of the chart {name}\n{_yaml(tree)}" for name, tree in documents.items())


def _yaml(tree: Node) -> str:
    """YAML of a tree, with a comment above whatever comes from somewhere else than what stands before it."""
    lines: list[str] = []
    _write(tree, 0, lines)
    return "\n".join(lines) + "\n"


def _write(node: Node, depth: int, lines: list[str]) -> None:
    before: str | None = None
    for key, child in sorted(node.value.items()):
        own = _origin(child)
        if own is not None and own != before:
            lines.append(f"{'  ' * depth}# {own}")
        if child.is_mapping and child.value and own is None:
            lines.append(f"{'  ' * depth}{_scalar(key)}:")
            _write(child, depth + 1, lines)
        else:
            text = yaml_text.dump({key: _plain(child)})
            lines.extend(f"{'  ' * depth}{line}" if line else "" for line in text.rstrip("\n").split("\n"))
        before = own


def _origin(node: Node) -> str | None:
    """The one source of everything in a tree, or None where there are several."""
    sources = {str(leaf.source) for _, leaf in leaves(node)}
    return sources.pop() if len(sources) == 1 else None


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return masked(node.value)


def _scalar(key: str) -> str:
    return yaml_text.dump({key: 0}).removesuffix(": 0\n")
