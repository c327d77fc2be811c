"""Find helm, and report its errors."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hubs.preview.cache import Cache
from hubs.preview.helm import Helm, HelmError, _said, find_helm


def fake(folder: Path, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "helm"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def empty_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))


def test_missing_says_what_to_do() -> None:
    with pytest.raises(HelmError, match="helm is not on PATH: install Helm 3, or install Go and run `make tools`"):
        find_helm(Cache(None))


def test_helm_4_on_path_is_passed_over(tmp_path: Path) -> None:
    fake(tmp_path / "path", "echo v4.0.1")
    with pytest.raises(HelmError, match=r"is Helm v4\.0\.1"):
        find_helm(Cache(None))
    (tmp_path / "venv").mkdir()
    ours = fake(tmp_path / "venv" / "bin", "echo v3.22.0")
    assert find_helm(Cache(None)) == Helm(ours, "v3.22.0")


def test_version_is_asked_once_for_each_binary(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    path = fake(tmp_path / "path", f"echo x >> {tmp_path}/asked; echo v3.22.0")
    assert find_helm(cache) == find_helm(cache) == Helm(path, "v3.22.0")
    assert (tmp_path / "asked").read_text() == "x\n"
    fake(tmp_path / "path", "echo v3.22.01")
    assert find_helm(cache).version == "v3.22.01"


def test_errors_are_one_line_without_warnings(tmp_path: Path) -> None:
    path = fake(tmp_path / "path", "echo 'WARNING: x' >&2; echo 'Error: a' >&2; echo '- b' >&2; exit 1")
    with pytest.raises(HelmError) as raised:
        Helm(path, "v3").ask("version")
    assert str(raised.value) == "a; - b"


def test_helm_gets_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "KUBECONFIG", "HELM_REGISTRY_CONFIG"):
        monkeypatch.setenv(name, "hunter2-marker-secret")
    path = fake(tmp_path / "path", "/usr/bin/env")
    said = Helm(path, "v3").ask("version")
    assert "KUBECONFIG=/dev/null" in said
    assert "hunter2" not in said


def test_a_chart_frames_its_message() -> None:
    """As the chart jupyterhub does in NOTES.txt."""
    stderr = """
Error: execution error at (jupyterhub/templates/NOTES.txt:162:4):

#######################################################
######   BREAKING: The config values passed       #####
#######################################################

CHANGED: singleuser.cloudMetadata.blockWithIptables must not be configured together with another value.
"""
    expected = "CHANGED: singleuser.cloudMetadata.blockWithIptables must not be configured together with another value."
    assert _said(stderr) == expected
    assert _said("Error: values don't meet the schema") == "values don't meet the schema"
