"""A stack's file read as it is, without the settings' rules: for what is said of a stack that the plan leaves out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from hubs.preview import manifests

KUBE_VERSION = "1.33.0"
"""The Kubernetes that charts are told they run on where the stack does not say: the settings' own default."""


def read_stack_file(root: Path, stack: str) -> dict[str, Any]:
    """The content of `stacks/Pulumi.<stack>.yaml`; empty when there is none or it can't be read."""
    try:
        documents = manifests.load((root / "stacks" / f"Pulumi.{stack}.yaml").read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return {}
    return documents[0] if documents and isinstance(documents[0], dict) else {}


def config_of(content: dict[str, Any]) -> dict[str, Any]:
    """The configuration in a stack file's content."""
    config = content.get("config")
    return config if isinstance(config, dict) else {}


def kubernetes_version(content: dict[str, Any]) -> str:
    """What `imagebuilding:cluster` says, as three numbers."""
    cluster = config_of(content).get("imagebuilding:cluster")
    written = str(cluster.get("kubernetes_version", "")) if isinstance(cluster, dict) else ""
    match = re.fullmatch(r"v?(\d+)\.(\d+)(?:\.(\d+))?", written)
    return ".".join(number or "0" for number in match.groups()) if match else KUBE_VERSION
