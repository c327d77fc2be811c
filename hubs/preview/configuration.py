"""A stack's configuration as an engine would hand it to the program, without decrypting anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hubs.preview.secrets import Secret
from hubs.settings.layers import Node
from hubs.settings.loader import ROOT, read_stack_file

_SECRETS = "imagebuilding:secrets"


def configuration(stack: str, root: Path = ROOT, *, open_secrets: bool = False) -> dict[str, str]:
    """`namespace:key` to text, structured values as JSON, a placeholder for each secret.

    With `open_secrets` those that are written in the open, as for a demonstration, are left as they are.
    Raises SettingsError where the stack's file can't be read.
    """
    written = read_stack_file(stack, root)
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
        return str(Secret(".".join(path)))  # written in the open: a secret all the same
    return node.value
