"""One hub for most tests, and a browser for each test file, because both take seconds to start."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hubs.page.errors import LocalHubError
from hubs.page.site import Target
from tests.page import example


@pytest.fixture(scope="session")
def needs_hub() -> None:
    """Skip tests if the hub's own software is not installed, and report what is missing."""
    for module in ("jupyterhub", "kubespawner", "jupyterhub_fancy_profiles", "oauthenticator"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    from hubs.page.local import proxy_command

    try:
        proxy_command()
    except LocalHubError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def needs_chromium(needs_hub: None) -> None:
    """Skip tests if there is no browser."""
    from hubs.page.browser import chromium

    if chromium() is None or importlib.util.find_spec("playwright") is None:
        pytest.skip("chromium or playwright is not installed")


@pytest.fixture(scope="module")
def browser(needs_chromium: None) -> Iterator[Any]:
    """Run a headless browser. It uses the thread's event loop, so `asyncio.run` does not work meanwhile."""
    from hubs.page.browser import browser

    with browser() as running:
        yield running


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Open a page without any logins."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


CALLS = "repo2docker-calls"
"""The file in the hub's temporary folder with the arguments of each run of repo2docker."""


@dataclass
class Builder:
    """The environment of a build service: a GitHub with the repository `org/repo`, and a Docker that can be enabled."""

    commit: str
    switch: Path

    def docker(self, on: bool) -> None:
        """Enable or disable Docker."""
        self.switch.write_text("on") if on else self.switch.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """Put stand-ins for `docker` and `jupyter-repo2docker` on the PATH, and redirect git from GitHub to a folder.

    All of it is in a folder on the PATH, which confined processes may read. They write to their temporary folder only.
    """
    real_git = shutil.which("git")
    if real_git is None:
        pytest.skip("git is not installed")
    root = tmp_path_factory.mktemp("outside")
    repository = root / "github" / "org" / "repo"
    repository.mkdir(parents=True)
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    git = ["git", "-C", str(repository)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, *identity, "commit", "-q", "--allow-empty", "-m", "Begin"], check=True)
    subprocess.run([*git, *identity, "tag", "-a", "v1", "-m", "One"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    switch = root / "docker-is-on"
    _program(root / "git", f'exec {real_git} -c url.file://{root}/github/.insteadOf=https://github.com/ "$@"')
    _program(root / "docker", f'test -e {switch} && test "$1" = info')
    log = '{"phase": "building", "message": "Step 1/1 : FROM buildpack\\\\n"}'
    calls = f'"$TMPDIR/{CALLS}"'
    _program(root / "jupyter-repo2docker", f"echo \"$@\" >> {calls}\necho '{log}'\necho not json\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{root}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("tmp")))
        yield Builder(commit, switch)


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """Return the example's values."""
    return example.target(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session", autouse=True)
def _local_build_service() -> Iterator[None]:
    """Use the local build service even if BinderHub is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hubs.page.run.builder_module", lambda: "hubs.page.build_service")
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_package_registry() -> Iterator[None]:
    """Use the JupyterHub of this environment, or one that was installed for a page before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_OFFLINE", "1")
        patch.setenv("PIP_NO_INDEX", "1")
        yield


@pytest.fixture(scope="session")
def ocean(needs_hub: None, builder: Builder, target: Target) -> Iterator[Any]:
    """Run the example's hub."""
    from hubs.page.run import LocalHub

    with LocalHub(target) as hub:
        yield hub
