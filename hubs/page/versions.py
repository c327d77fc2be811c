"""Which JupyterHub the local page runs with: that of the hub's image, if it can be installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hubs.settings.hub_versions import hub_image, image_of

_ROOT = Path(__file__).resolve().parents[2]
LOCKS = (_ROOT / "hubs" / "page" / "jupyterhub.lock", _ROOT / "images" / "hub" / "requirements.lock")
"""Files with releases of JupyterHub and their hashes: those of charts' images, and that of this project's image."""

_LOCKED = re.compile(r"^jupyterhub==(\S+)(?: \\\n +--hash=\S+)+\n", re.MULTILINE)
_FOLDER = "hub-software"
_TIMEOUT = 180  # seconds for a download of some 15 MB
_TRY = "import jupyterhub.app, kubespawner, jupyterhub_fancy_profiles"


def wanted(jupyterhub: Mapping[str, Any]) -> str:
    """Return the version of JupyterHub in the hub's image, or an empty text if its name does not say it."""
    return hub_image(image_of(jupyterhub)).jupyterhub


def locked() -> dict[str, str]:
    """Return the locked releases of JupyterHub: the lines for pip, by version."""
    found = (found for path in LOCKS if path.is_file() for found in _LOCKED.finditer(path.read_text()))
    return {match[1]: match[0] for match in found}


def packages_for(jupyterhub: Mapping[str, Any]) -> Path | None:
    """Return a folder for PYTHONPATH with the JupyterHub of the hub's image, installed if necessary.

    Returns None if this environment has that version, or it is not known, or can't be installed, which is printed.
    """
    number = wanted(jupyterhub)
    if not number or number == version("jupyterhub"):
        return None
    folder = Path(sys.prefix) / _FOLDER / f"jupyterhub-{number}"
    if folder.is_dir():
        return folder
    lines = locked().get(number)
    problem = "its hashes are not locked" if lines is None else _installed(number, lines, folder)
    if problem:
        print(f"JupyterHub {number}, the version in the hub's image, is not used: {problem}", flush=True)
        return None
    return folder


def made_with(jupyterhub: Mapping[str, Any], packages: Path | None) -> str:
    """Return sentences that name the versions of the page, and that of the hub's image if it is another one."""
    image, used = wanted(jupyterhub), wanted(jupyterhub) if packages is not None else version("jupyterhub")
    fancy = f"jupyterhub-fancy-profiles {version('jupyterhub-fancy-profiles')}"
    if image == used:
        return f"Made with JupyterHub {used}, as in the hub's image, and {fancy}."
    others = f"The hub's image has JupyterHub {image}." if image else "The hub's image does not name its versions."
    return f"Made with JupyterHub {used} and {fancy}. {others}"


def _installed(number: str, lines: str, folder: Path) -> str:
    """Install a release into a folder, and return why that was not possible, or an empty text."""
    print(f"Installing JupyterHub {number}, the version in the hub's image ...", flush=True)
    try:
        folder.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as place:
            requirements, target = Path(place) / "requirements.txt", Path(place) / "packages"
            requirements.write_text(lines)
            # Wheels only: nothing of the release runs here. Other packages are those of this environment.
            subprocess.run(
                [*_installer(), "--no-deps", "--require-hashes", "--target", str(target), "-r", str(requirements)],
                check=True,
                capture_output=True,
                timeout=_TIMEOUT,
            )
            tried = [sys.executable, "-c", _TRY]
            environment = {**os.environ, "PYTHONPATH": str(target)}
            if subprocess.run(tried, env=environment, capture_output=True, check=False).returncode != 0:
                return "it does not run with the other packages of this environment"
            target.rename(folder)
    except (OSError, subprocess.SubprocessError):
        return "it could not be installed; is a package registry reachable?"
    return ""


def _installer() -> list[str]:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.prefix) / "bin"))
    if uv is None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        return [*pip, "--only-binary", ":all:"]
    return [uv, "pip", "install", "--quiet", "--python", sys.executable, "--no-build"]
