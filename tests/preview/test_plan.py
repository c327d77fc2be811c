"""`plan` prints the same for every stack of the repository in every run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from hubs.preview.configuration import KUBE_VERSION
from hubs.preview.plan import as_json
from hubs.preview.plan_text import show
from hubs.preview.program import Program, run
from hubs.settings.cluster import Cluster
from hubs.settings.loader import ROOT
from hubs.stack_files import stack_names

STACKS = stack_names(ROOT)
RELEASE = "kubernetes:helm.sh/v3:Release"
KEYS = {"type", "name", "urn", "parent", "inputs", "depends_on", "protect", "retain_on_delete"}


@pytest.fixture(scope="module")
def programs() -> dict[str, Program]:
    return {name: run(name) for name in STACKS}


def plan(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`hubs plan` with nothing in the environment that could log in anywhere."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    command = [sys.executable, "-m", "hubs", "plan", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=kept | environment, capture_output=True, text=True, timeout=120, check=False
    )


def shortened(data: Any) -> Any:
    """Return the data with long text shortened. Other tests check the full text."""
    if isinstance(data, dict):
        return {key: shortened(value) for key, value in data.items()}
    if isinstance(data, list):
        return [shortened(value) for value in data]
    first = str(data).split("\n")[0][:90]
    return data if not isinstance(data, str) or first == data else f"{first} ..."


def readable(resources: list[dict[str, Any]]) -> str:
    """Return the resources as YAML, with names instead of URNs and without the values of releases."""
    names = {item["urn"]: f"{item['type'].split(':')[-1]} {item['name']}" for item in resources}
    entries = {}
    for item in resources:
        inputs = {key: value for key, value in item["inputs"].items() if key != "values"}
        flags = [flag for flag in ("protect", "retain_on_delete") if item[flag]]
        entries[f"{item['type']} {item['name']}"] = {
            **({"parent": names[item["parent"]]} if item["parent"] in names else {}),
            **({"inputs": shortened(inputs)} if inputs else {}),
            **({"after": [names[urn] for urn in item["depends_on"]]} if item["depends_on"] else {}),
            **dict.fromkeys(flags, True),
        }
    return as_yaml(entries)


def as_yaml(data: Any) -> str:
    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(data, Dumper=Dumper, sort_keys=False, width=120, allow_unicode=True)


@pytest.mark.parametrize("stack", STACKS)
def test_for_people(
    programs: dict[str, Program], stack: str, snapshot: SnapshotAssertion, capsys: pytest.CaptureFixture[str]
) -> None:
    show(programs[stack], verbose=True)
    assert capsys.readouterr().out == snapshot


@pytest.mark.parametrize("stack", STACKS)
def test_for_machines(programs: dict[str, Program], stack: str, snapshot: SnapshotAssertion) -> None:
    resources = json.loads(as_json(programs[stack]))
    assert all(item.keys() == KEYS for item in resources)
    assert readable(resources) == snapshot


@pytest.mark.parametrize("hub", ["demo sandbox-prod", "earth ocean-prod", "earth climate-staging", "mars astro-prod"])
def test_values_of_releases(programs: dict[str, Program], hub: str, snapshot: SnapshotAssertion) -> None:
    stack, name = hub.split()
    resources = json.loads(as_json(programs[stack]))
    values = {item["name"]: item["inputs"]["values"] for item in resources if item["type"] == RELEASE}
    assert as_yaml(shortened({key: values[key] for key in (name, f"{name}-binderhub")})) == snapshot


@pytest.mark.parametrize("stack", STACKS)
def test_two_processes_say_the_same(programs: dict[str, Program], stack: str) -> None:
    result = plan(stack, "--json", PYTHONHASHSEED="7")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.rstrip("\n") == as_json(programs[stack])


def test_as_a_process_for_people() -> None:
    result = plan("demo", PYTHONHASHSEED="8")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("demo: 1 hub, ")
    assert "callback" not in result.stdout, "nobody asks a hub with a password to call back"
    assert "\n            kubectl port-forward -n sandbox-prod service/proxy-public 8080:80\n" in result.stdout


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_is_there_once_and_after_its_parent(programs: dict[str, Program], stack: str) -> None:
    resources = programs[stack].resources
    urns = [item.urn for item in resources]
    assert len(urns) == len(set(urns))
    for index, item in enumerate(resources):
        assert item.parent is None or item.parent.endswith(f"::imagebuilding-{stack}") or item.parent in urns[:index]
        assert set(item.depends_on) <= set(urns)
        assert item.urn not in item.depends_on


@pytest.mark.parametrize("stack", STACKS)
def test_no_ciphertext_is_shown(programs: dict[str, Program], stack: str, capsys: pytest.CaptureFixture[str]) -> None:
    show(programs[stack], verbose=True)
    everything = as_json(programs[stack]) + capsys.readouterr().out
    written = (ROOT / f"stacks/Pulumi.{stack}.yaml").read_text()
    ciphers = [text.split("'")[1] for text in written.split("secure: ")[1:]]
    assert len(ciphers) > 2
    assert not any(cipher in everything for cipher in ciphers)
    assert "[secret]" in everything


def test_the_default_kubernetes_version_is_that_of_the_settings() -> None:
    assert Cluster.model_fields["kubernetes_version"].default == KUBE_VERSION
