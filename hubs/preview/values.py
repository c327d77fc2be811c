"""The values of a hub's Helm releases as YAML, each with the file and line where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hubs import yaml_text
from hubs.preview.configuration import configuration
from hubs.preview.rounding import rounded
from hubs.preview.secrets import Secret, masked
from hubs.settings.hub import Hub
from hubs.settings.layers import Node, leaves
from hubs.settings.loader import load
from hubs.settings.stack import Stack
from hubs.values.registry import RegistryAccess, registry_access
from hubs.values.release import Values
from hubs.values.releases import check_releases, releases
from hubs.values.tokens import Tokens


def placeholder_values(stack: Stack, key: str) -> dict[str, Values]:
    """Return the values of each release of the hub `<community>/<hub>`, by the chart's key, with their sources.

    Values that only a deployment creates are placeholders. Raises UnknownNameError if there is no such hub.
    """
    hub = stack.hub(key)
    check_releases(stack, [hub])
    return hub_values(stack, hub, sources=True)


def hub_values(stack: Stack, hub: Hub, *, sources: bool = False) -> dict[str, Values]:
    """Return the values of each release of a hub whose releases are checked, by the chart's key.

    Values that only a deployment creates are placeholders. With `sources`, their trees record where values come from.
    """
    access, tokens = stand_ins(stack, hub)
    return {release.key: release.values(access, tokens, sources=sources) for release in releases(stack, hub)}


def stand_ins(stack: Stack, hub: Hub) -> tuple[RegistryAccess, Tokens]:
    """Return placeholders for what only a deployment creates."""
    password = hub.secrets.registry.password or Secret(f"registry {stack.prefix(hub)}")
    return registry_access(stack, hub, password), Tokens.named(lambda name: Secret(f"random {hub.slug}-{name}"))


def load_with_placeholders(name: str, root: Path) -> Stack:
    """Return a stack's settings without decrypting anything, even if secrets are not set yet. Raises SettingsError."""
    return load(name, configuration(name, root), root=root, secret=Secret, missing_secret=Secret)


def load_what_works(name: str, root: Path) -> Stack:
    """Return a stack's settings as `load_with_placeholders`, without the hubs that have problems, which it names.

    Raises SettingsError for a problem that concerns the whole stack.
    """
    return load(name, configuration(name, root), root=root, secret=Secret, missing_secret=Secret, leave_out=True)


def annotated(values: dict[str, Values]) -> str:
    """Return the values as one YAML document for each chart, with comments that name their sources."""
    return "---\n".join(f"# Values of the chart {key}\n{_yaml(item.tree)}" for key, item in values.items())


def _yaml(tree: Node) -> str:
    """Return a tree as YAML, with a comment above each value whose source differs from the one before."""
    lines: list[str] = []
    _write(tree, 0, lines)
    return "\n".join(lines) + "\n"


def _write(node: Node, depth: int, lines: list[str]) -> None:
    before: str | None = None
    for key, child in sorted(node.value.items()):
        before = _comment(child, before, depth, lines)
        if before is not None or not child.value:
            _add(lines, depth, yaml_text.dump({key: _plain(child)}))
        else:
            lines.append(f"{'  ' * depth}{_scalar(key)}:")
            _write_children(child, depth + 1, lines)


def _write_children(node: Node, depth: int, lines: list[str]) -> None:
    if node.is_mapping:
        _write(node, depth, lines)
        return
    before: str | None = None
    for item in node.value:
        before = _comment(item, before, depth, lines)
        if before is not None or not item.value:
            _add(lines, depth, yaml_text.dump([_plain(item)]))
        else:
            lines.append(f"{'  ' * depth}-")
            _write_children(item, depth + 1, lines)


def _comment(node: Node, before: str | None, depth: int, lines: list[str]) -> str | None:
    """Write the source of `node` unless the value before has the same, and return it. None if there are several."""
    source = _origin(node)
    if source is not None and source != before:
        lines.append(f"{'  ' * depth}# {source}")
    return source


def _add(lines: list[str], depth: int, text: str) -> None:
    lines.extend(f"{'  ' * depth}{line}" if line else "" for line in text.rstrip("\n").split("\n"))


def _origin(node: Node) -> str | None:
    """Return the source of everything in a tree, or None if there are several."""
    sources = {str(leaf.source) for _, leaf in leaves(node)}
    return sources.pop() if len(sources) == 1 else None


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return rounded(masked(node.value))


def _scalar(key: str) -> str:
    return yaml_text.dump({key: 0}).removesuffix(": 0\n")
