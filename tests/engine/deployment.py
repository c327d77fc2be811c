"""One stack of two hubs, deployed by the Automation API with its state in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation import errors

from tests.doubles import gcp_plugin
from tests.engine.conftest import Rig
from tests.repository import copy_files

MARKER = "marker-of-a-secret-value"
COMMUNITY = "enginetest"

SECRETS = [
    *(f"{COMMUNITY}.auth.{key}" for key in ("client_id", "client_secret")),
    f"{COMMUNITY}.environment.TOKEN",
    *(f"registry.{key}" for key in ("username", "password")),
]
"""Paths below `imagebuilding:secrets`; each value contains MARKER."""


@dataclass
class Deployment:
    """A stack, and everything that was printed or reported during its operations."""

    stack: automation.Stack
    folder: Path
    community: Path
    seen: list[str] = field(default_factory=list)
    """Lines of output, and events as text."""

    def up(self) -> dict[str, int]:
        """Run an update, and return the number of changes by kind."""
        result = self.stack.up(on_output=self.seen.append, on_event=self._note)
        return _changes(result.summary.resource_changes)

    def preview(self) -> tuple[dict[str, int], dict[str, set[str]]]:
        """Preview an update: the number of changes by kind, and the paths of changed inputs by resource."""
        changed: dict[str, set[str]] = {}

        def on_event(event: Any) -> None:
            self._note(event)
            planned = event.resource_pre_event
            if planned is not None and planned.metadata.detailed_diff:
                changed[planned.metadata.urn.split("::")[-1]] = set(planned.metadata.detailed_diff)

        result = self.stack.preview(on_output=self.seen.append, on_event=on_event)
        return _changes(result.change_summary), changed

    def refused(self) -> str:
        """Return the error message of an update that fails."""
        try:
            self.stack.up(on_output=self.seen.append, on_event=self._note)
        except errors.CommandError as error:
            self.seen.append(str(error))
            return str(error)
        raise AssertionError("the update was done")

    def killed(self, after: str) -> None:
        """Begin an update, and kill the engine with all its processes as soon as it has reported this.

        `after`: text of a line of its output. The lock is removed, as `pulumi cancel` does.
        """
        command = ["pulumi", "up", "--yes", "--skip-preview", "--stack", COMMUNITY]
        workspace = self.stack.workspace
        engine = subprocess.Popen(
            command,
            cwd=workspace.work_dir,
            env={**os.environ, **workspace.env_vars},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert engine.stdout is not None
        found = False
        for line in engine.stdout:
            self.seen.append(line)
            if after in line:
                found = True
                break
        os.killpg(engine.pid, signal.SIGKILL)
        engine.wait()
        engine.stdout.close()
        assert found, f"the update ended before {after!r}"
        self.stack.cancel()

    def destroy(self) -> None:
        """Delete everything that is not kept."""
        self.stack.destroy(on_output=self.seen.append, on_event=self._note)

    def replace(self, old: str, new: str) -> None:
        """Replace `old`, which must exist, in the community's file."""
        text = self.community.read_text()
        assert old in text, f"{old!r} is not in the community's file"
        self.community.write_text(text.replace(old, new))

    def written(self) -> str:
        """Return everything that the engine wrote to the state and to the stack's file."""
        files = [file for folder in ("state", "repository/stacks") for file in (self.folder / folder).rglob("*")]
        return "\n".join(file.read_text(errors="replace") for file in files if file.is_file())

    def _note(self, event: Any) -> None:
        self.seen.append(_text(event))


def _text(value: Any) -> str:
    """Return the complete content of an event."""
    if isinstance(value, dict):
        return " ".join(f"{key}: {_text(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple, set)):
        return " ".join(_text(item) for item in value)
    return _text(vars(value)) if hasattr(value, "__dict__") else str(value)


def _changes(summary: Any) -> dict[str, int]:
    return {str(getattr(kind, "value", kind)): number for kind, number in (summary or {}).items()}


def _with_google_cloud(folder: Path) -> Path:
    """Return a folder with a plugin in place of Google Cloud's, so that no test uses an account."""
    plugin = folder / "plugins" / "pulumi-resource-gcp"
    plugin.parent.mkdir()
    plugin.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{gcp_plugin.__file__}" "{folder / "google"}"\n')
    plugin.chmod(0o755)
    return plugin.parent


@contextmanager
def deployment(
    rig: Rig, folder: Path, chart: Path, stack_file: str, community_file: str, secrets: list[str]
) -> Iterator[Deployment]:
    """Create the stack `enginetest` with this jupyterhub chart, without deploying it.

    At the end, everything that is left is destroyed, including kept namespaces.
    """
    root = folder / "repository"
    copy_files(root)
    (root / ".venv").symlink_to(sys.prefix)
    (folder / "state").mkdir()
    community = root / "stacks" / COMMUNITY / f"{COMMUNITY}.yaml"
    community.parent.mkdir(parents=True)
    community.write_text(community_file)
    charts = {"jupyterhub": chart, "binderhub-service": rig.binderhub}
    archives = {}
    for name, path in charts.items():
        copy = root / "charts" / path.name
        copy.parent.mkdir(exist_ok=True)
        (shutil.copytree if path.is_dir() else shutil.copy)(path, copy)
        archives[name] = copy.relative_to(root)
    (root / "stacks" / f"Pulumi.{COMMUNITY}.yaml").write_text(
        f"config:\n  kubernetes:context: {rig.context}\n  imagebuilding:charts:\n"
        + "".join(f"    {name}: {{archive: {place}}}\n" for name, place in archives.items())
        + stack_file
    )
    environment = {
        "PATH": f"{_with_google_cloud(folder)}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "enginetest",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    stack = automation.create_stack(
        COMMUNITY, work_dir=str(root), opts=automation.LocalWorkspaceOptions(env_vars=environment)
    )
    for secret in secrets:
        value = automation.ConfigValue(f"{MARKER}-of-{secret}", secret=True)
        stack.set_config(f"imagebuilding:secrets.{secret}", value, path=True)
    try:
        yield Deployment(stack, folder, community)
    finally:
        stack.destroy()
        rig.kubectl("delete", "namespace", "--ignore-not-found", *(f"{COMMUNITY}-{hub}" for hub in ("staging", "prod")))
