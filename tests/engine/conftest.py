"""A real engine with real plugins, charts and API server, or a message on which of them is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

PLUGINS = ("kubernetes", "random")


@dataclass(frozen=True)
class Rig:
    """Everything that a deployment needs and a test can't create."""

    context: str
    """Name of the kubeconfig's current context."""
    jupyterhub: list[Path]
    """Chart archives, one or more versions, sorted."""
    binderhub: Path
    """Chart archive."""

    def kubectl(self, *arguments: str) -> str:
        """Run kubectl on this cluster and return its output."""
        command = ["kubectl", "--context", self.context, "--request-timeout=60s", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=180).stdout


@pytest.fixture(scope="session")
def rig() -> Rig:
    """Use PATH, KUBECONFIG and CHARTS_DIR, which must all be set, so that no test uses a cluster by accident."""
    missing = [name for name in ("pulumi", "pulumi-language-python", "kubectl") if shutil.which(name) is None]
    missing += [f"the plugin pulumi-resource-{name}" for name in PLUGINS if not _plugin(name)]
    charts = Path(os.environ.get("CHARTS_DIR", "/nonexistent"))
    archives = {name: sorted(charts.glob(f"{name}-[0-9]*.tgz")) for name in ("jupyterhub", "binderhub-service")}
    missing += [f"CHARTS_DIR with {name}-VERSION.tgz" for name, found in archives.items() if not found]
    if "KUBECONFIG" not in os.environ:
        missing.append("KUBECONFIG")
    if missing:
        pytest.skip(f"a deployment needs what is not here: {', '.join(missing)}")
    context = _run("kubectl", "config", "current-context")
    if context is None or _run("kubectl", "--context", context, "get", "--raw=/readyz", "--request-timeout=5s") is None:
        pytest.skip("a deployment needs a cluster: KUBECONFIG reaches none")
    return Rig(context, archives["jupyterhub"], archives["binderhub-service"][-1])


def _plugin(name: str) -> bool:
    home = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    return shutil.which(f"pulumi-resource-{name}") is not None or any(home.glob(f"plugins/resource-{name}-v*"))


def _run(*command: str) -> str | None:
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return result.stdout.strip() if result.returncode == 0 else None
