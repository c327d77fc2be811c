"""Find the Pulumi CLI on PATH, or install the version of the SDK with the SDK's own installer."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path

from hubs.errors import UserError

FOLDER = ".state/pulumi"
"""Folder of the installed CLI, relative to the repository."""


class EngineError(UserError):
    """The engine can't run. The message says what is missing and what to do."""


def find_installed(root: Path) -> str | None:
    """Return the path of the `pulumi` command on PATH or below `root`, or None if there is none."""
    own = root / FOLDER / "bin" / "pulumi"
    return shutil.which("pulumi") or (str(own) if own.is_file() else None)


def find(root: Path) -> str:
    """Return the path of the `pulumi` command. Installs it below `root` if there is none, which needs the network.

    Raises EngineError if that fails.
    """
    return find_installed(root) or _install(root)


def _install(root: Path) -> str:
    from pulumi.automation import PulumiCommand
    from semver import VersionInfo

    wanted = version("pulumi")
    print(f"The Pulumi CLI is not on PATH; installing version {wanted} into {FOLDER}", flush=True)
    try:
        return PulumiCommand.install(root=str(root / FOLDER), version=VersionInfo.parse(wanted)).command
    except Exception as error:
        # Any failure (no network, no curl, no disk space) has the same solution for the user.
        raise EngineError(
            f"The Pulumi CLI {wanted} is not on PATH and could not be installed ({_reason(error)}).",
            "Install it (https://www.pulumi.com/docs/iac/download-install/) and run the command again.",
        ) from None


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__
