"""The local page runs with the JupyterHub of the hub's image, or says that it does not."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jupyterhub_fancy_profiles")

from hubs.page import versions
from hubs.page.versions import locked, made_with, packages_for
from hubs.settings.hub_versions import JUPYTERHUB, own_tag

FANCY = f"jupyterhub-fancy-profiles {version('jupyterhub-fancy-profiles')}"


def values(tag: str, name: str = "quay.io/earth/hub") -> dict[str, Any]:
    return {"hub": {"image": {"name": name, "tag": tag}}}


@pytest.fixture
def prefix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Python environment to install into."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    return tmp_path


def test_every_release_for_charts_of_today_is_locked() -> None:
    charts = {number for number in JUPYTERHUB.values() if not number.startswith("4.")}
    assert charts <= set(locked())
    for number, lines in locked().items():
        assert lines.startswith(f"jupyterhub=={number} \\\n")
        assert lines.count("--hash=sha256:") == 2


def test_the_version_of_the_image_is_installed_once(
    monkeypatch: pytest.MonkeyPatch, prefix: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        ran.append(command)
        if "--target" in command:
            Path(command[command.index("--target") + 1]).mkdir()
            assert Path(command[-1]).read_text() == locked()["5.4.4"]
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    wanted = values(own_tag("4.3.3", "5.4.4", "1"))
    folder = packages_for(wanted)
    assert folder == prefix / "hub-software" / "jupyterhub-5.4.4"
    assert folder.is_dir()
    assert {"--no-deps", "--require-hashes"} <= set(ran[0])
    assert packages_for(wanted) == folder
    assert len(ran) == 2  # the installation, and a trial
    assert list(folder.parent.iterdir()) == [folder]
    assert "JupyterHub 5.4.4" in capsys.readouterr().out
    assert made_with(wanted, folder) == f"Made with JupyterHub 5.4.4, as in the hub's image, and {FANCY}."


@pytest.mark.parametrize("step", ["install", "trial"])
def test_offline_the_page_says_that_the_hub_has_another_version(
    monkeypatch: pytest.MonkeyPatch, prefix: Path, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    def run(command: list[str], **_: Any) -> Any:
        if "--target" in command:
            Path(command[command.index("--target") + 1]).mkdir()
        if ("--target" in command) == (step == "install"):
            if step == "install":
                raise subprocess.CalledProcessError(1, command, stderr=b"https://user:marker@registry.example.org")
            return subprocess.CompletedProcess(command, 1)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(versions, "version", {"jupyterhub": "9.0.0", "jupyterhub-fancy-profiles": "1"}.__getitem__)
    wanted = values("4.3.3", "quay.io/jupyterhub/k8s-hub")
    assert packages_for(wanted) is None
    said = capsys.readouterr().out
    assert "JupyterHub 5.4.4, the version in the hub's image, is not used: " in said
    assert "marker" not in said
    assert list((prefix / "hub-software").iterdir()) == []
    assert made_with(wanted, None) == (
        "Made with JupyterHub 9.0.0 and jupyterhub-fancy-profiles 1. The hub's image has JupyterHub 5.4.4."
    )


def test_a_version_without_hashes_is_not_installed(prefix: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert packages_for(values(own_tag("4.3.3", "5.9.9", "1"))) is None
    assert "its hashes are not locked" in capsys.readouterr().out


def test_an_image_that_does_not_say_its_version(prefix: Path) -> None:
    assert packages_for(values("latest")) is None
    assert made_with(values("latest"), None).endswith("The hub's image does not name its versions.")
