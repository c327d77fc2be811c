"""A stack's file read without decrypting anything: as an engine passes it to the program, or as it is written.

Only `configuration` needs the settings' models, which take as long to import as a warm render.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from hubs.preview.secrets import Secret
from hubs.settings.errors import SettingsError
from hubs.settings.layers import Node, plain
from hubs.settings.yaml_file import read
from hubs.stack_files import stack_file

KUBE_VERSION = "1.33.0"
"""The Kubernetes version that charts are rendered for by default. A test compares it with the default of
`imagebuilding:cluster.kubernetes_version`."""

_SECRETS = "imagebuilding:secrets"


def configuration(stack: str, root: Path | None = None, *, open_secrets: bool = False) -> dict[str, str]:
    """Return `namespace:key` to text, structured values as JSON, with a placeholder for each secret.

    `root`: the project, by default this one. With `open_secrets`, secrets that the file contains as plain text, such as
    those of a demonstration, keep their values. Raises SettingsError if the stack's file can't be read.
    """
    from hubs.settings import loader

    written = loader.read_stack_file(stack, root or loader.ROOT)
    return {key: _text(_value(node, (key,), open_secrets)) for key, node in written.value.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _value(node: Node, path: tuple[str, ...], open_secrets: bool) -> Any:
    if isinstance(node.value, dict):
        if set(node.value) == {"secure"}:
            return str(Secret(".".join(path)))
        return {key: _value(child, (*path, key), open_secrets) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_value(child, (*path, str(index)), open_secrets) for index, child in enumerate(node.value)]
    if path[0] == _SECRETS and node.value is not None and not open_secrets:
        return str(Secret(".".join(path)))  # plain text under `secrets` is treated as a secret too
    return node.value


def read_stack_file(root: Path, stack: str) -> dict[str, Any]:
    """Return the content of `stacks/Pulumi.<stack>.yaml`, or an empty mapping if it is missing or invalid.

    The settings' rules are not applied: this is for facts that a plan does not contain.
    """
    try:
        content: dict[str, Any] = plain(read(stack_file(stack, root), stack), keep_null=True)
    except SettingsError:
        return {}
    return content


def config_of(content: dict[str, Any]) -> dict[str, Any]:
    """Return the `config` mapping of a stack file's content."""
    config = content.get("config")
    return config if isinstance(config, dict) else {}


def kubernetes_version(content: dict[str, Any]) -> str:
    """Return the Kubernetes version of `imagebuilding:cluster` as three numbers."""
    cluster = config_of(content).get("imagebuilding:cluster")
    written = str(cluster.get("kubernetes_version", "")) if isinstance(cluster, dict) else ""
    match = re.fullmatch(r"v?(\d+)\.(\d+)(?:\.(\d+))?", written)
    return ".".join(number or "0" for number in match.groups()) if match else KUBE_VERSION
