"""The whole of `hubs check`: from the files of a stack to findings and an exit code."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hubs.cli import run
from tests.check.conftest import ROOT
from tests.doubles.kubernetes import KubernetesDouble
from tests.doubles.registry import Account, RegistryDouble
from tests.doubles.server import Fault, Reply, wait_until

PASSWORD, TOKEN, CLIENT = "MARKER-password-1", "MARKER-kube-5", "MARKER-client-2"
ENCRYPTED = {
    "registry": {"username": "ocean+builder", "password": {"secure": "v1:a:b"}},
    "ocean": {"auth": {"client_id": "Iv1.client", "client_secret": {"secure": "v1:c:d"}}},
}
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Remove the engine from PATH, the user's kubeconfig and the checks' variables; return a folder on PATH."""
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_BACKEND_URL", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    for name in ("PREFLIGHT_REGISTRY_USERNAME", "PREFLIGHT_REGISTRY_PASSWORD", "PREFLIGHT_QUAY_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[RegistryDouble]:
    with RegistryDouble() as double:
        for name in ("safety.IMAGE", "binderhub.DOCKER_IMAGE"):
            monkeypatch.setattr(f"hubs.values.{name}", f"{double.host}/jupyter/hub:1")
        double.organizations.add("ocean")
        double.accounts["ocean+builder"] = Account(PASSWORD, push=["ocean/"])
        double.add_image("jupyter/hub", "1")
        for name in ("jupyterhub", "binderhub-service"):
            double.add_chart(f"charts/{name}", "1.0.0", name.encode(), {"kubeVersion": ">=1.28.0-0"})
        yield double


@pytest.fixture
def cluster() -> Iterator[KubernetesDouble]:
    with KubernetesDouble(token=TOKEN) as double:
        for purpose in ("core", "user"):
            labels = {"hub.jupyter.org/node-purpose": purpose}
            status = {"allocatable": {"ephemeral-storage": "95Gi"}}
            double.create("/api/v1/nodes", {"metadata": {"name": purpose, "labels": labels}, "status": status})
        notes = {"storageclass.kubernetes.io/is-default-class": "true"}
        double.create("/apis/storage.k8s.io/v1/storageclasses", {"metadata": {"name": "std", "annotations": notes}})
        yield double


@pytest.fixture
def root(write: Write, registry: RegistryDouble, cluster: KubernetesDouble) -> Callable[..., Path]:
    def make(**parts: Any) -> Path:
        image = f"{registry.host}/jupyter/hub:1"
        chart = {"version": "1.0.0", "repository": f"oci://{registry.host}/charts"}
        images = {"image": image, "hub_image": image, "build": {"image": image}, "profiles": []}
        names = ("jupyterhub", "binderhub-service")
        base = {
            "registry": {"type": "oci", "host": registry.host, "prefix": "ocean", "insecure": True},
            "community": images,
            "charts": {name: {"name": name, **chart} for name in names},
            "kubernetes:kubeconfig": cluster.kubeconfig(),
        }
        return write(**{**base, **parts})

    return make


def preflight(capsys: pytest.CaptureFixture[str], root: Path, *arguments: str) -> tuple[int, str, str]:
    code = run(["check", "earth", *arguments], root)
    captured = capsys.readouterr()
    assert "MARKER" not in captured.out + captured.err
    assert "Traceback" not in captured.err
    return code, captured.out, captured.err


def test_all_is_well(root: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = preflight(capsys, root())
    assert code == 0
    assert out.splitlines()[-1].endswith("0 failed, 2 could not be checked"), (
        "network policies, without --probe-network, and the charts' images, without Helm"
    )
    assert err == ""
    assert [line for line in out.splitlines() if line != line.rstrip()] == []


def test_as_json(root: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = preflight(capsys, root(), "--json")
    data = json.loads(out)
    assert code == 0
    assert {finding["area"] for finding in data["findings"]} == {"registry", "charts", "images", "cluster", "start"}
    assert data["counts"]["failed"] == 0


def test_one_failure_hides_nothing(
    root: Callable[..., Path], registry: RegistryDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.accounts["ocean+builder"].password = "other"
    code, out, _ = preflight(capsys, root(), "--json")
    findings = json.loads(out)["findings"]
    assert code == 1
    assert ["wrong password" in f["message"] for f in findings if f["status"] == "failed"] == [True]
    assert {f["area"] for f in findings if f["status"] == "ok"} == {"registry", "charts", "images", "cluster", "start"}


def test_a_server_that_repeats_secrets(
    root: Callable[..., Path], registry: RegistryDouble, cluster: KubernetesDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    leak = Reply(403, {"errors": [{"code": PASSWORD, "message": f"{PASSWORD} {CLIENT} {TOKEN}"}]})
    registry.faults.append(Fault(registry.realm, leak, times=99))
    cluster.faults.append(Fault("", Reply(500, {"message": TOKEN}), times=99))
    code, out, _ = preflight(capsys, root())
    assert code == 1
    assert "[secret]" in out


@pytest.mark.parametrize("arguments", [[], ["--after"]])
def test_nothing_answers_at_all(write: Write, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with RegistryDouble() as gone, KubernetesDouble() as nowhere:
        pass
    parts: dict[str, Any] = {"registry": {"type": "oci", "host": gone.host, "insecure": True}}
    parts["kubernetes:kubeconfig"] = nowhere.kubeconfig()
    images = dict.fromkeys(("image", "hub_image"), f"{gone.host}/a:1")
    chart = {"name": "c", "version": "1", "repository": f"oci://{gone.host}/c"}
    community = {**images, "build": {"image": f"{gone.host}/a:1"}, "profiles": []}
    charts = {"jupyterhub": chart, "binderhub-service": chart}
    code, out, _ = preflight(capsys, write(**parts, community=community, charts=charts), *arguments)
    assert code == 1
    assert f"{0 if arguments else 1} ok" in out  # JupyterHub's classes need no network


def engine(folder: Path, script: str) -> None:
    """Write a script as `pulumi`."""
    command = folder / "pulumi"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)


def decrypted() -> str:
    secrets = {
        "registry": {"username": "ocean+builder", "password": PASSWORD},
        "ocean": {"auth": {"client_id": "Iv1.client", "client_secret": CLIENT}},
    }
    entry = {"value": json.dumps(secrets), "objectValue": secrets, "secret": True}
    return json.dumps({"imagebuilding:secrets": entry})


def test_secrets_come_from_the_engine(
    root: Callable[..., Path], alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = root(secrets=ENCRYPTED)
    (alone / "answer").write_text(decrypted())
    engine(alone, f'echo "$@" >> {alone}/asked; pwd >> {alone}/asked; cat {alone}/answer')
    code, out, _ = preflight(capsys, place)
    assert (code, "ocean+builder may push" in out) == (0, True)
    asked = (alone / "asked").read_text().splitlines()
    assert asked == ["config --show-secrets --json --stack earth --non-interactive", str(place)]


def test_a_stack_that_its_backend_does_not_know_yet(
    root: Callable[..., Path], alone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (alone / "answer").write_text(decrypted())
    engine(
        alone,
        f"""case "$PULUMI_BACKEND_URL $1" in
        file://*imagebuilding-preflight-*" stack") touch {alone}/made ;;
        file://*imagebuilding-preflight-*" config") [ -e {alone}/made ] && cat {alone}/answer ;;
        *) echo "error: no stack named 'earth' found" >&2; exit 255 ;;
        esac""",
    )
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "MARKER-passphrase")
    code, out, _ = preflight(capsys, root(secrets=ENCRYPTED))
    assert (code, "ocean+builder may push" in out) == (0, True)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("exit 3", "exit code 3"),
        ("echo 'error: incorrect passphrase' >&2; exit 1", "pulumi: incorrect passphrase"),
        ("echo not-json", "the output of pulumi can't be read"),
        (None, "pulumi is not on PATH"),
    ],
)
def test_what_the_engine_does_not_decrypt_is_not_checked(
    root: Callable[..., Path], alone: Path, capsys: pytest.CaptureFixture[str], script: str | None, says: str
) -> None:
    if script:
        engine(alone, script)
    code, out, _ = preflight(capsys, root(secrets=ENCRYPTED), "--json")
    findings = json.loads(out)["findings"]
    unchecked = [f for f in findings if f["status"] == "unchecked"]
    assert code == 0
    assert [f["area"] for f in unchecked] == ["settings", "registry", "images", "cluster"]
    assert says in unchecked[0]["message"]
    assert "PREFLIGHT_REGISTRY_PASSWORD" in unchecked[0]["todo"]


def test_or_from_the_environment(
    root: Callable[..., Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFLIGHT_REGISTRY_PASSWORD", PASSWORD)
    code, out, _ = preflight(capsys, root(secrets=ENCRYPTED))
    assert (code, "ocean+builder may push" in out) == (0, True)


def test_after(root: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = preflight(capsys, root(), "--after", "--json")
    assert code == 1
    assert {finding["area"] for finding in json.loads(out)["findings"]} == {"deployed"}


def test_another_context_is_for_demonstrations(
    root: Callable[..., Path], cluster: KubernetesDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    place = root(**{"kubernetes:kubeconfig": cluster.kubeconfig("mine")})
    assert preflight(capsys, place, "--context", "mine")[0] == 0
    code, out, _ = preflight(capsys, place, "--json")
    assert json.loads(out)["counts"]["unchecked"] > 0
    text = (place / "stacks" / "Pulumi.earth.yaml").read_text()
    (place / "stacks" / "Pulumi.earth.yaml").write_text(text.replace("demonstration: true", "demonstration: false"))
    code, _, err = preflight(capsys, place, "--context", "mine")
    assert code == 1
    assert err


def test_a_stack_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = preflight(capsys, tmp_path)
    assert (code, out, err) == (2, "", "hubs check: there is no stack 'earth'; there are: none\n")


def test_mistakes_in_the_settings_are_told_line_by_line(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = preflight(capsys, write(community={"imgae": "x"}))
    assert (code, out) == (1, "")
    assert "stacks/earth/ocean.yaml" in err


def test_ctrl_c_waits_for_no_server(
    root: Callable[..., Path], registry: RegistryDouble, alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.faults.append(Fault("", slow=300, times=99))
    program = "import sys, pathlib, hubs.cli as c; c.ROOT = pathlib.Path(sys.argv.pop()); c.main()"
    command = [sys.executable, "-c", program, "check", "earth", str(root())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until(lambda: len(registry.requests) > 0, 30, "the first request")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in err
