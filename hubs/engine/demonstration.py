"""A stack for demonstration, run without an account: its state in a folder, its passphrase known."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import yaml

from hubs.engine.cli import EngineError
from hubs.errors import unknown
from hubs.settings.loader import stack_file

FOLDER = ".state"
PASSPHRASE = "demo"  # noqa: S105


def environment(root: Path) -> dict[str, str]:
    """Variables for the engine: a backend in a folder and the passphrase that the README names. Variables that are
    set already stay."""
    backend = root / FOLDER / "backend"
    backend.mkdir(parents=True, exist_ok=True)
    defaults = {"PULUMI_BACKEND_URL": backend.as_uri(), "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
    return {**defaults, **os.environ}


def with_context(stack: str, context: str, root: Path) -> Path:
    """A copy of the stack's file with another kubectl context in it, so that the file in git stays as it is."""
    text = stack_file(stack, root).read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    data["config"]["kubernetes:context"] = context
    copy = root / FOLDER / f"Pulumi.{stack}.yaml"
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return copy


def contexts() -> list[str]:
    """Contexts of the person's kubeconfig: KUBECONFIG, else ~/.kube/config. Empty where there is none."""
    found: list[str] = []
    paths = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    for path in filter(None, paths.split(os.pathsep)):
        try:
            data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError):
            continue
        found += [item["name"] for item in (data or {}).get("contexts") or []]
    return found


def check_context(context: str | None) -> str:
    """The context to deploy to. Raises EngineError where none was named or it does not exist."""
    known = contexts()
    if context in known and context is not None:
        return context
    if not known:
        hint = "" if shutil.which("kind") else ", for example with kind (https://kind.sigs.k8s.io)"
        raise EngineError(f"your kubeconfig has no context to deploy to: create a cluster first{hint}")
    if context is None:
        raise EngineError(f"name the cluster with --context (or make up CONTEXT=...), one of: {', '.join(known)}")
    raise EngineError(unknown(f"there is no kubectl context {context}", context, known))
