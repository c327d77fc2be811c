"""Run a demonstration stack without an account: its state is in a local folder, and its passphrase is public."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import yaml

from hubs.engine.cli import EngineError
from hubs.errors import unknown
from hubs.settings.errors import SettingsError
from hubs.settings.layers import plain
from hubs.settings.yaml_file import read
from hubs.stack_files import stack_file

FOLDER = ".state"
PASSPHRASE = "demo"  # noqa: S105


def environment(root: Path) -> dict[str, str]:
    """Return the engine's environment: a backend in a local folder and the public passphrase, unless they are set."""
    backend = root / FOLDER / "backend"
    backend.mkdir(parents=True, exist_ok=True)
    defaults = {"PULUMI_BACKEND_URL": backend.as_uri(), "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
    return {**defaults, **os.environ}


def with_context(stack: str, context: str, root: Path) -> Path:
    """Write a copy of the stack's file with another kubectl context, so that the file in git does not change."""
    data = plain(read(stack_file(stack, root), stack), keep_null=True)
    data["config"]["kubernetes:context"] = context
    copy = root / FOLDER / f"Pulumi.{stack}.yaml"
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return copy


def contexts() -> list[str]:
    """Return the contexts of the user's kubeconfig (KUBECONFIG or ~/.kube/config), or an empty list."""
    found: list[str] = []
    paths = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    for path in filter(None, paths.split(os.pathsep)):
        with contextlib.suppress(SettingsError):
            listed = read(Path(path), path).get("contexts")
            items = listed.value if listed is not None and isinstance(listed.value, list) else []
            names = [item.get("name") for item in items]
            found += [str(name.value) for name in names if name is not None]
    return found


def check_context(context: str | None) -> str:
    """Return the context to deploy to. Raises EngineError if it is missing or does not exist."""
    known = contexts()
    if context in known and context is not None:
        return context
    if not known:
        hint = "" if shutil.which("kind") else ", for example with kind (https://kind.sigs.k8s.io)"
        raise EngineError(f"your kubeconfig has no context to deploy to: create a cluster first{hint}")
    if context is None:
        raise EngineError(f"name the cluster with --context (or make up CONTEXT=...), one of: {', '.join(known)}")
    raise EngineError(unknown(f"there is no kubectl context {context}", context, known))
