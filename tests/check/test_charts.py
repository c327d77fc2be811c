"""Charts from a Helm repository, an OCI registry or a file, with and without a pinned digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hubs.check import charts
from hubs.check.findings import Finding, Status
from hubs.check.run import run
from hubs.clients.charts import Charts
from hubs.clients.http import Http
from hubs.settings.charts import Chart
from hubs.settings.stack import Stack
from tests.doubles.helm import BINDERHUB, JUPYTERHUB, HelmRepository, archive, pin
from tests.doubles.registry import RegistryDouble
from tests.doubles.server import Fault, Reply

Make = Callable[..., Stack]


@pytest.fixture
def repository() -> Iterator[HelmRepository]:
    with HelmRepository() as double:
        yield double


def look(stack: Stack, http: Http, root: Path) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in run(charts.checks(stack, Charts(root, http)), set(), lambda _: None):
        found.setdefault(finding.subject.partition(" ")[0], []).append(finding)
    return found


def test_a_pinned_chart(repository: HelmRepository, http: Http, make_stack: Make, tmp_path: Path) -> None:
    found = look(make_stack(charts=repository.charts(digest=pin(JUPYTERHUB))), http, tmp_path)
    assert [f.message for f in found["jupyterhub"]] == [f"is available at {repository.url}/charts/, as pinned"]
    assert [f.status for f in found["binderhub-service"]] == [Status.OK, Status.WARNING]
    assert f"digest: {pin(BINDERHUB)}" in found["binderhub-service"][1].todo
    assert len(repository.asked("index.yaml")) == 1


def test_another_archive_than_the_pinned_one(
    repository: HelmRepository, http: Http, make_stack: Make, tmp_path: Path
) -> None:
    repository.files["/charts/archives/jupyterhub-4.3.3.tgz"] = archive("jupyterhub", "4.3.3", "changed")
    finding = look(make_stack(charts=repository.charts(digest=pin(JUPYTERHUB))), http, tmp_path)["jupyterhub"][0]
    assert finding.status is Status.FAILED
    assert "which is not the pinned digest" in finding.message


def test_a_version_that_the_repository_lacks(
    repository: HelmRepository, http: Http, make_stack: Make, tmp_path: Path
) -> None:
    wanted = repository.charts()
    wanted["jupyterhub"]["version"] = "9.9.9"
    finding = look(make_stack(charts=wanted), http, tmp_path)["jupyterhub"][0]
    assert "has no jupyterhub 9.9.9; it has 4.4.0, 4.3.3" in finding.message
    wanted["jupyterhub"]["name"] = "jupyterhob"
    assert "has no chart jupyterhob" in look(make_stack(charts=wanted), http, tmp_path)["jupyterhob"][0].message


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("index", Reply(404, b"")), "does not exist (404)"),
        (Fault("index", Reply(503, b"")), "answers 503"),
        (Fault("index", Reply(200, b"<html>: {")), "is not the index"),
        (Fault("index", Reply(200, b"[]")), "is not the index"),
        (Fault("index", Reply(200, b"entries: {jupyterhub: [{version: 4.3.3}]}")), "no download URL"),
        (Fault("index", slow=1.5), "no answer in time"),
        (Fault("index", cut=True), "could not be downloaded"),
        (Fault("jupyterhub-4.3.3.tgz", Reply(404, b"")), "does not exist (404)"),
        (Fault("jupyterhub-4.3.3.tgz", Reply(200, b"x" * 20_000_001)), "larger than 20 MB"),
    ],
)
def test_what_the_engine_could_not_get_either_has_failed(
    repository: HelmRepository,
    http: Http,
    slept: list[float],
    make_stack: Make,
    tmp_path: Path,
    fault: Fault,
    says: str,
) -> None:
    repository.faults.append(Fault(**{**vars(fault), "times": 9}))
    finding = look(make_stack(charts=repository.charts()), http, tmp_path)["jupyterhub"][0]
    assert finding.status is Status.FAILED
    assert says in finding.message


def test_from_a_registry(http: Http, make_stack: Make, tmp_path: Path) -> None:
    with RegistryDouble() as registry:
        about = {"name": "jupyterhub", "version": "4.3.3", "kubeVersion": ">=1.28.0-0"}
        registry.add_chart("charts/jupyterhub", "4.3.3", JUPYTERHUB, about)
        registry.add_image("charts/image", "4.3.3")
        place = {"version": "4.3.3", "repository": f"oci://{registry.host}/charts", "digest": pin(JUPYTERHUB)}
        wanted = {"jupyterhub": {"name": "jupyterhub", **place}, "binderhub-service": {"name": "none", **place}}
        found = look(make_stack(charts=wanted), http, tmp_path)
        assert found["jupyterhub"][0].message.endswith("as pinned")
        assert "has no public chart charts/none 4.3.3" in found["none"][0].message
        chart = Chart.model_validate(wanted["jupyterhub"])
        assert Charts(tmp_path, http).archive(chart).kube_version == ">=1.28.0-0"
        wanted["binderhub-service"]["name"] = "image"
        registry.faults.append(Fault("charts/image/manifests", Reply(200, {"layers": []})))
        assert "is not a Helm chart" in look(make_stack(charts=wanted), http, tmp_path)["image"][0].message


def test_from_a_file(http: Http, make_stack: Make, tmp_path: Path) -> None:
    (tmp_path / "charts" / "folder").mkdir(parents=True)
    (tmp_path / "charts" / "jupyterhub.tgz").write_bytes(JUPYTERHUB)
    (tmp_path / "charts" / "folder" / "Chart.yaml").write_text("{name: folder, version: 1.0.0, kubeVersion: '>=1.30'}")
    wanted = {
        "jupyterhub": {"name": "jupyterhub", "version": "4.3.3", "archive": "charts/jupyterhub.tgz"},
        "binderhub-service": {"name": "folder", "version": "1", "archive": "charts/folder"},
    }
    for chart in wanted.values():
        # Settings override the program's chart settings, and keep the repository unless it is removed.
        chart["repository"] = None  # type: ignore[assignment]
    found = look(make_stack(charts=wanted), http, tmp_path)
    assert {f.status for findings in found.values() for f in findings} == {Status.OK}
    source = Charts(tmp_path, http)
    assert source.archive(Chart.model_validate(wanted["jupyterhub"])).kube_version == ">=1.28.0-0"
    assert source.archive(Chart.model_validate(wanted["binderhub-service"])).kube_version == ">=1.30"
    (tmp_path / "charts" / "jupyterhub.tgz").write_bytes(b"not gzip")
    assert (
        "charts/jupyterhub.tgz is not a chart"
        in look(make_stack(charts=wanted), http, tmp_path)["jupyterhub"][0].message
    )
