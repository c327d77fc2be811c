"""The kubeconfig of a runner, with stand-ins for the clouds' commands that validate their arguments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hubs.settings.loader import ROOT

TOKEN = "ya29.marker-of-a-token"
GCLOUD = f"""\
#!/bin/sh
case "$*" in
  "container clusters describe earth --project earth-hubs --location us-central1 --format "*)
    echo '{{"endpoint": "192.0.2.1", "masterAuth": {{"clusterCaCertificate": "Q0E="}}}}' ;;
  "auth print-access-token") echo {TOKEN} ;;
  *) echo "gcloud: not $*" >&2; exit 2 ;;
esac
"""
AWS = """\
#!/bin/sh
[ "$*" = "eks update-kubeconfig --region us-west-2 --name mars" ] && echo made > "$KUBECONFIG"
"""


def kubeconfig(tmp_path: Path, stack: str, **commands: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    for name, script in commands.items():
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    path = tmp_path / "kube" / "config"
    environment = {**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin", "KUBECONFIG": str(path)}
    path.parent.mkdir()
    command = [sys.executable, "-m", "scripts.kubeconfig", stack]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False), path


def test_gke(tmp_path: Path) -> None:
    done, path = kubeconfig(tmp_path, "earth", gcloud=GCLOUD)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    config = json.loads(path.read_text())
    context = yaml.safe_load((ROOT / "stacks/Pulumi.earth.yaml").read_text())["config"]["kubernetes:context"]
    assert [item["name"] for item in config["contexts"]] == [context]
    assert config["clusters"][0]["cluster"] == {
        "server": "https://192.0.2.1",
        "certificate-authority-data": "Q0E=",
    }
    assert config["users"][0]["user"] == {"token": TOKEN}
    assert path.stat().st_mode & 0o777 == 0o600


def test_eks(tmp_path: Path) -> None:
    done, path = kubeconfig(tmp_path, "mars", aws=AWS)
    assert (done.returncode, path.read_text()) == (0, "made\n")


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        ("demo", "demo has the context 'demo', which is not the name of a GKE or EKS cluster"),
        ("mars", "could not create the kubeconfig for arn:aws:eks:us-west-2:111122223333:cluster/mars"),
        ("venus", "stacks/Pulumi.venus.yaml: there is no such stack"),
    ],
)
def test_what_can_not_be_made(tmp_path: Path, stack: str, said: str) -> None:
    done, path = kubeconfig(tmp_path, stack)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert not path.exists()
