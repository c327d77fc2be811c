"""`hubs up`: the arguments that reach the Pulumi CLI, and the errors that people see instead.

The CLI in these tests only records its arguments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubs.engine import cli, demonstration
from hubs.settings.loader import ROOT

KUBECONFIG = "contexts: [{name: kind-kind, context: {cluster: kind, user: kind}}]\n"
NOTES = """\
#!/bin/sh
case "$*" in "stack export "*) exit 1;; esac
echo "$PULUMI_BACKEND_URL|$PULUMI_CONFIG_PASSPHRASE|$*" >> "$NOTES"
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Create a user's environment: a kubeconfig with one context, and a `pulumi` on PATH that records its arguments."""
    (tmp_path / "config").write_text(KUBECONFIG)
    (tmp_path / "bin").mkdir()
    pulumi = tmp_path / "bin" / "pulumi"
    pulumi.write_text(NOTES)
    pulumi.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "KUBECONFIG": str(tmp_path / "config"), "PATH": path, "NOTES": str(tmp_path / "notes")}


def engine(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hubs", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def notes(environment: dict[str, str]) -> list[list[str]]:
    return [line.split("|") for line in Path(environment["NOTES"]).read_text().splitlines()]


def test_a_demonstration_needs_no_account_and_leaves_its_file_alone(environment: dict[str, str]) -> None:
    before = (ROOT / "stacks/Pulumi.demo.yaml").read_bytes()
    done = engine(environment, "up", "demo", "--context", "kind-kind", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    select, up = notes(environment)
    assert select[0].startswith("file://")
    assert select[1:] == ["demo", "stack select demo --create"]
    words = up[2].split()
    assert words[:3] == ["up", "--stack", "demo"]
    assert words[-1] == "--yes"
    config = yaml.safe_load(Path(words[words.index("--config-file") + 1]).read_text())
    assert config["config"]["kubernetes:context"] == "kind-kind"
    assert config["encryptionsalt"] == yaml.safe_load(before)["encryptionsalt"]
    assert (ROOT / "stacks/Pulumi.demo.yaml").read_bytes() == before


def test_another_stack_is_left_to_the_person_s_own_backend(environment: dict[str, str]) -> None:
    assert engine(environment, "up", "earth").returncode == 0
    assert notes(environment) == [["", "", "up --stack earth"]]


@pytest.mark.parametrize("command", ["up", "preview", "destroy", "refresh"])
def test_options_go_to_pulumi_in_their_order(environment: dict[str, str], command: str) -> None:
    options = ["--yes", "--target", "urn:a", "-y", "--", "--diff"]
    assert engine(environment, command, "earth", *options).returncode == 0
    assert notes(environment)[0][2] == f"{command} --stack earth --yes --target urn:a -y --diff"


def test_the_exit_code_is_pulumi_s(environment: dict[str, str]) -> None:
    pulumi = Path(environment["NOTES"]).parent / "bin" / "pulumi"
    pulumi.write_text("#!/bin/sh\nexit 7\n")
    assert engine(environment, "up", "earth", "--yes").returncode == 7


def test_ctrl_c_is_left_to_pulumi(environment: dict[str, str]) -> None:
    pulumi = Path(environment["NOTES"]).parent / "bin" / "pulumi"
    pulumi.write_text(
        "#!/bin/sh\n[ $1 = up ] || exit 1\ntrap 'kill $!; echo saved; exit 3' INT\necho ready\nsleep 60 & wait\n"
    )
    command = [sys.executable, "-m", "hubs", "up", "earth"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "ready\n" in iter(process.stdout.readline, "")
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "saved\n"
        process.wait(10)
    assert process.returncode == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "demo"], "name the cluster with --context (or make up CONTEXT=...), one of: kind-kind"),
        (["up", "demo", "--context", "kind-knid"], "there is no kubectl context kind-knid; did you mean kind-kind?"),
        (
            ["up", "earth", "--context", "kind-kind"],
            "earth names its own cluster (the context gke_earth-hubs_us-central1_earth in stacks/Pulumi.earth.yaml): "
            "--context is only for demonstration stacks",
        ),
    ],
)
def test_mistakes(environment: dict[str, str], arguments: list[str], said: str) -> None:
    done = engine(environment, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said + "\n")
    assert not Path(environment["NOTES"]).exists()


def test_no_kubeconfig(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(cli.EngineError, match="your kubeconfig has no context to deploy to: create a cluster first"):
        demonstration.check_context(None)


def test_installed_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import pulumi.automation

    made: list[str] = []

    class Installer:
        command = "installed"

        @classmethod
        def install(cls, root: str, version: Any) -> Installer:
            made.append(str(version))
            binary = Path(root, "bin", "pulumi")
            binary.parent.mkdir(parents=True)
            binary.touch()
            return cls()

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pulumi.automation, "PulumiCommand", Installer)
    assert cli.find(tmp_path) == "installed"
    assert cli.find(tmp_path) == str(tmp_path / cli.FOLDER / "bin" / "pulumi")
    assert made == [installed_version("pulumi")]


def test_what_can_not_be_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import pulumi.automation

    class Offline:
        @classmethod
        def install(cls, **_: Any) -> None:
            raise OSError("no way to the network\nName or service not known")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pulumi.automation, "PulumiCommand", Offline)
    with pytest.raises(cli.EngineError, match=r"could not be installed \(Name or service not known\)"):
        cli.find(tmp_path)
