"""The recipe of the hub's own image: its lock, its versions, and the tag that the workflow gives it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from hubs.settings.advisories import affecting
from hubs.settings.hub_versions import JUPYTERHUB, hub_image, own_tag, parted
from hubs.values.authentication import CLASSES
from tests.repository import ROOT

FOLDER = ROOT / "images" / "hub"
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
LOCK = (FOLDER / "requirements.lock").read_text()
PINS = dict(re.findall(r"^([a-z0-9-]+)==([\w.]+) \\$", LOCK, re.MULTILINE))
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "hub-image.yml").read_text())
CHECK = (FOLDER / "check.py").read_text()


def chart_version() -> str:
    config = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    return str(config["imagebuilding:charts"]["default"]["jupyterhub"]["version"])


def test_it_starts_from_the_hub_image_of_the_pinned_chart() -> None:
    (base,) = re.findall(r"^FROM (\S+)$", DOCKERFILE, re.MULTILINE)
    image = hub_image(base)
    assert image.name.startswith("quay.io/jupyterhub/k8s-hub:")
    assert parted(chart_version(), "", image) == ""
    assert image.chart == chart_version()


def test_the_lock_has_what_is_required_with_hashes_and_no_index() -> None:
    required = [Requirement(line) for line in _lines(FOLDER / "requirements.in")]
    assert {item.name for item in required} == set(PINS)
    for item in required:
        assert item.specifier.contains(PINS[item.name]), item
    for block in re.split(r"^(?=[a-z])", LOCK, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in block
    assert "://" not in LOCK
    assert "--require-hashes" in DOCKERFILE
    assert "pip check" in DOCKERFILE


def _lines(path: Path) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def test_its_jupyterhub_has_no_known_vulnerability_and_is_for_the_chart() -> None:
    version = PINS["jupyterhub"]
    assert affecting(version) == []
    chart = JUPYTERHUB[chart_version()]
    assert Version(version) >= Version(chart)
    assert Version(version).major == Version(chart).major


def test_the_check_tries_every_login_provider() -> None:
    (names,) = re.findall(r"^AUTHENTICATORS = \((.*)\)$", CHECK, re.MULTILINE)
    assert set(re.findall(r'"([^"]+)"', names)) == {entry_point for entry_point, _ in CLASSES.values()}


def test_the_check_passes_with_the_packages_of_this_environment() -> None:
    pytest.importorskip("jupyterhub_fancy_profiles")
    done = subprocess.run([sys.executable, "-"], input=CHECK, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "GitHubOAuthenticator" in done.stdout


@pytest.mark.parametrize("broken", ['"github"', '"jupyterhub-fancy-profiles"', '"form.html"'])
def test_the_check_fails_without_what_a_hub_needs(broken: str) -> None:
    text = CHECK.replace(broken, '"not-there"')
    assert text != CHECK
    done = subprocess.run([sys.executable, "-"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode != 0


def test_the_tag_names_both_versions(tmp_path: Path) -> None:
    (step,) = [step for step in WORKFLOW["jobs"]["publish"]["steps"] if step.get("id") == "name"]
    output = tmp_path / "output"
    environment = {
        "PATH": os.environ["PATH"],
        "GITHUB_OUTPUT": str(output),
        "GITHUB_SHA": "0123456789abcdef" * 2,
        "HUB_IMAGE": "ghcr.io/earth/hub",
    }
    subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], cwd=ROOT, env=environment, check=True)
    found = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert found == {"tag": own_tag(chart_version(), PINS["jupyterhub"], "0123456789ab"), "registry": "ghcr.io"}
    image = hub_image(f"ghcr.io/earth/hub:{found['tag']}")
    assert (image.chart, image.jupyterhub) == (chart_version(), PINS["jupyterhub"])


def test_only_the_main_branch_publishes() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    test, publish = WORKFLOW["jobs"]["test"], WORKFLOW["jobs"]["publish"]
    assert "permissions" not in test
    assert "secrets." not in str(test)
    assert publish["needs"] == "test"
    assert "github.ref == 'refs/heads/main'" in publish["if"]
    steps = {step["uses"].partition("@")[0]: step.get("with", {}) for step in publish["steps"] if "uses" in step}
    build = steps["docker/build-push-action"]
    assert (build["context"], build["provenance"], build["sbom"]) == ("images/hub", "mode=max", True)
    assert any("cosign sign --yes" in step.get("run", "") for step in publish["steps"])
