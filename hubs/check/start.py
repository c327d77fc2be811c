"""Check with JupyterHub's own classes that a hub's configuration lets it start, before it is deployed.

The values contain placeholders in place of secrets.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from hubs.check.credentials import known
from hubs.check.findings import CannotCheckError, Check, Result, failed, ok, warning
from hubs.preview.values import hub_values, load_with_placeholders
from hubs.settings.hub import Hub
from hubs.settings.layers import mapping
from hubs.settings.stack import Stack
from hubs.settings.version_warnings import has_default_image
from hubs.values import jupyterhub
from hubs.values.releases import check_releases

AREA = "start"
SECONDS = 120
"""For all hubs of a stack. Importing JupyterHub takes the most."""
SHORTEST = {"password": 8, "admin_password": 32}
"""Characters of shared passwords (`jupyterhub.authenticators.shared`)."""
_NEEDED = ("jupyterhub", "oauthenticator")
_OURS = ("enable-fancy-profiles", "imagebuilding-")


class _Starts:
    """What JupyterHub reports about each hub of a stack. One process answers for all. Safe to use from threads."""

    def __init__(self, stack: str, root: Path) -> None:
        self._stack, self._root = stack, root
        self._lock = threading.Lock()
        self._found: dict[str, list[str]] | CannotCheckError | None = None

    def problems(self, key: str) -> list[str]:
        with self._lock:
            if self._found is None:
                try:
                    self._found = self._run()
                except CannotCheckError as error:
                    self._found = error
        if isinstance(self._found, CannotCheckError):
            raise self._found
        return self._found[key]

    def _run(self) -> dict[str, list[str]]:
        if missing := [name for name in _NEEDED if importlib.util.find_spec(name) is None]:
            raise CannotCheckError(f"not installed: {', '.join(missing)}", "run `make page` once, which installs it")
        stack = load_with_placeholders(self._stack, self._root)
        check_releases(stack)
        values = {hub.key: hub_values(stack, hub)[jupyterhub.CHART.key].data for hub in stack.hubs}
        root = Path(__file__).parents[2]
        with tempfile.TemporaryDirectory(prefix="hubs-start-") as home:
            # Variables such as OAUTH_CLIENT_ID would change what the classes do.
            environment = {"HOME": home, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), "LANG": "C.UTF-8"}
            try:
                done = subprocess.run(
                    [sys.executable, "-m", "hubs.page.dry_start"],
                    check=False,
                    input=json.dumps(values),
                    capture_output=True,
                    text=True,
                    timeout=SECONDS,
                    cwd=home,
                    env=environment,
                )
            except subprocess.TimeoutExpired:
                raise CannotCheckError(f"JupyterHub did not answer within {SECONDS} seconds") from None
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            raise CannotCheckError(f"JupyterHub could not be used ({last})", "run `make page` to install it again")
        found: dict[str, list[str]] = json.loads(done.stdout.strip().splitlines()[-1])
        return found


def checks(stack: Stack, root: Path) -> list[Check]:
    """Return one check for each hub."""
    starts = _Starts(stack.name, root)
    return [Check(AREA, hub.key, partial(_start, starts, hub)) for hub in stack.hubs]


def _passwords(hub: Hub) -> Iterator[str]:
    """Yield what JupyterHub's SharedPasswordAuthenticator refuses. The passwords are not given to the process."""
    if hub.auth.type != "shared-password":
        return
    given = {key: known(getattr(hub.secrets.auth, key)) for key in SHORTEST}
    for key, length in SHORTEST.items():
        password = given[key]
        if password is not None and len(password) < length:
            yield f"secret auth.{key} must have at least {length} characters"
    if given["password"] is not None and given["password"] == given["admin_password"]:
        yield "the secrets auth.password and auth.admin_password must differ"


def _start(starts: _Starts, hub: Hub) -> Iterator[Result]:
    if passwords := list(_passwords(hub)):
        yield from (failed(f"the hub would not start: {line}", "set another one") for line in passwords)
        return
    found = starts.problems(hub.key)
    known = has_default_image(hub) and not _own_code(hub)
    for problem in found:
        if known and "not recognized by" not in problem:
            yield failed(f"the hub would not start, or not let people in: {problem}", "correct auth, roles or values")
        else:
            message = f"{problem} (hub_image or hub.extraConfig, which are not used here, may change that)"
            yield warning(message, "correct auth, roles or values, if it is a mistake")
    if not found:
        yield ok("JupyterHub and the login provider's class accept the configuration")


def _own_code(hub: Hub) -> bool:
    code = mapping(hub.values, jupyterhub.CHART.key, "hub", "extraConfig")
    return any(not name.startswith(_OURS) for name in code)
