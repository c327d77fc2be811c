"""The Pulumi CLI: the one on PATH, else the version of the SDK, installed by the SDK's own installer."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path

from hubs.errors import UserError

FOLDER = ".state/pulumi"
"""Where it is installed, below the repository's root."""


class EngineError(UserError):
    """The engine can't be run. `str()` says what is missing and what to do."""


def find(root: Path) -> str:
    """Path of the `pulumi` command. Installs it below `root` if there is none, from the network.

    Raises EngineError if that fails.
    """
    if found := shutil.which("pulumi"):
        return found
    installed = root / FOLDER / "bin" / "pulumi"
    if installed.is_file():
        return str(installed)
    return _install(root)


def _install(root: Path) -> str:
    from pulumi.automation import PulumiCommand
    from semver import VersionInfo

    wanted = version("pulumi")
    print(f"No pulumi on PATH: installing {wanted} into {FOLDER}", flush=True)
    try:
        return PulumiCommand.install(root=str(root / FOLDER), version=VersionInfo.parse(wanted)).command
    except Exception as error:
        # Whatever fails in there (no network, no curl, no space), what a person can do is the same.
        raise EngineError(
            f"the Pulumi CLI {wanted} is not on PATH and could not be installed ({_reason(error)}): install it "
            "(https://www.pulumi.com/docs/iac/download-install/), then run `make up` again"
        ) from None


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__
