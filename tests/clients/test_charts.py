"""Pinned charts are compared before anything is deployed."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

from hubs.clients.charts import unverified
from hubs.preview import program
from hubs.settings.charts import Chart
from tests.doubles.helm import BINDERHUB, JUPYTERHUB, HelmRepository, archive, pin
from tests.doubles.registry import RegistryDouble
from tests.repository import Repository

CHANGED = archive("jupyterhub", "4.3.3", "changed")


@pytest.fixture
def helm() -> Iterator[HelmRepository]:
    with HelmRepository() as double:
        yield double


def chart(**values: str | None) -> Chart:
    return Chart.model_validate({"name": "jupyterhub", "version": "4.3.3", **values})


def test_the_pinned_archives(helm: HelmRepository, tmp_path: Path) -> None:
    place = f"{helm.url}/charts/"
    (tmp_path / "jupyterhub.tgz").write_bytes(JUPYTERHUB)
    with RegistryDouble() as registry:
        registry.add_chart("charts/jupyterhub", "4.3.3", JUPYTERHUB, {"name": "jupyterhub", "version": "4.3.3"})
        pinned = [
            chart(repository=place, digest=pin(JUPYTERHUB)),
            chart(repository=f"oci://{registry.host}/charts", digest=pin(JUPYTERHUB)),
            chart(archive="jupyterhub.tgz", digest=pin(JUPYTERHUB)),
            Chart(name="binderhub-service", version="0.1.0", repository=place, digest=pin(BINDERHUB)),
        ]
        assert unverified(pinned, tmp_path) == []
    assert len(helm.asked("index.yaml")) == 1


def test_another_archive_than_the_pinned_one(helm: HelmRepository, tmp_path: Path) -> None:
    helm.files["/charts/archives/jupyterhub-4.3.3.tgz"] = CHANGED
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "Chart.yaml").write_text("{name: jupyterhub, version: 4.3.3}")
    place = f"{helm.url}/charts/"
    wrong = unverified(
        [
            chart(repository=place, digest=pin(JUPYTERHUB)),
            chart(archive="folder", digest=pin(JUPYTERHUB)),
            chart(archive="nothing.tgz", digest=pin(JUPYTERHUB)),
            chart(repository=place, name="jupyterhob", digest=pin(JUPYTERHUB)),
            chart(repository="https://127.0.0.1:9", digest=pin(JUPYTERHUB)),
            chart(repository=place),
        ],
        tmp_path,
    )
    pinned = f", but the charts setting pins {pin(JUPYTERHUB)}"
    assert wrong[0] == f"chart jupyterhub 4.3.3: {place} has {pin(CHANGED)}{pinned}"
    assert wrong[1] == f"chart jupyterhub: folder is a folder, which has no digest{pinned}"
    assert [line.partition(" can't be compared with its pinned digest: ")[1] != "" for line in wrong[2:]] == [True] * 3
    assert len(wrong) == 5


def test_nothing_is_downloaded_without_a_digest(helm: HelmRepository, tmp_path: Path) -> None:
    assert unverified([chart(repository=f"{helm.url}/charts/")], tmp_path) == []
    assert helm.asked("") == []


@pytest.fixture
def deployed(repository: Repository, helm: HelmRepository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A stack whose charts come from `helm`, one of them pinned, and a program that runs as in the engine."""
    entries = "\n".join(
        f"    {name}: {{name: {name}, version: {version}, repository: '{helm.url}/charts/', digest: '{digest}'}}"
        for name, version, digest in (
            ("jupyterhub", "4.3.3", pin(JUPYTERHUB)),
            ("binderhub-service", "0.1.0", pin(BINDERHUB)),
        )
    )
    repository.stack("  imagebuilding:secrets:", f"  imagebuilding:charts:\n{entries}\n  imagebuilding:secrets:")
    monkeypatch.setattr(program, "_main", lambda root: runpy.run_path(str(root / "__main__.py"), run_name="__main__"))
    return repository


def test_the_program_deploys_pinned_charts(deployed: Repository, helm: HelmRepository) -> None:
    releases = [r for r in program.run("earth", deployed.root).resources if r.type.endswith(":Release")]
    assert {release.inputs["chart"] for release in releases} == {"jupyterhub", "binderhub-service"}
    assert {release.inputs["repositoryOpts"]["repo"] for release in releases} == {f"{helm.url}/charts/"}
    assert len(helm.asked(".tgz")) == 2, "each archive is downloaded once for all hubs"


def test_the_program_registers_nothing_if_a_chart_differs(
    deployed: Repository, helm: HelmRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    helm.files["/charts/archives/jupyterhub-4.3.3.tgz"] = CHANGED
    registered: list[str] = []
    register = program._Monitor.RegisterResource

    def recorded(self: program._Monitor, request: Any) -> Any:
        registered.append(request.type)
        return register(self, request)

    monkeypatch.setattr(program._Monitor, "RegisterResource", recorded)
    with pytest.raises(pulumi.RunError, match=f"has {pin(CHANGED)}, but the charts setting pins {pin(JUPYTERHUB)}"):
        program.run("earth", deployed.root)
    assert [kind for kind in registered if kind != "pulumi:pulumi:Stack"] == []
