"""The list of a hub's releases: a chart that is added to it is used everywhere."""

from __future__ import annotations

import httpx
import pytest
import yaml

from hubs.check import charts as chart_checks
from hubs.check import cluster as cluster_checks
from hubs.cli import run
from hubs.clients.charts import Charts
from hubs.clients.http import Http
from hubs.clients.kubernetes import Cluster
from hubs.preview.diff.restarts import restart
from hubs.preview.pins import pinned_digests
from hubs.preview.values import annotated, placeholder_values
from hubs.settings.loader import ROOT
from hubs.values import releases as listed
from hubs.values.provenance import Layer, layer, reads
from hubs.values.release import HubChart, Restart
from hubs.values.releases import CHARTS, releases
from tests.components.resources import RELEASE, resources
from tests.repository import Repository

DIGEST = "sha256:" + "a" * 64


@reads("domain")
def gateway(domain: str) -> dict[str, object]:
    """The values of the invented chart."""
    return {"gateway": {"host": domain}}


def layers(inputs: object) -> list[Layer]:
    return [layer(gateway, inputs.hub.domain)]  # type: ignore[attr-defined]


INVENTED = HubChart(
    key="invented-chart",
    component="imagebuilding:hub:Invented",
    name=lambda hub: f"{hub.slug}-invented",
    layers=layers,
    after=("jupyterhub",),
    restarts={"invented": Restart("invention restarts")},
)


@pytest.fixture
def invented(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository whose program has an additional chart: its definition, its entry in the list, and its version."""
    monkeypatch.setattr(listed, "CHARTS", (*CHARTS, INVENTED))
    project = yaml.safe_load((repository.root / "Pulumi.yaml").read_text())
    project["config"]["imagebuilding:charts"]["default"]["invented-chart"] = {
        "name": "invented-chart",
        "version": "2026.1.0",
        "repository": "https://charts.example.org/",
        "digest": DIGEST,
    }
    repository.write("Pulumi.yaml", yaml.safe_dump(project))
    return repository


def test_an_added_chart_is_in_the_plan_after_the_hub(invented: Repository) -> None:
    found = resources(invented)
    release = found.one(RELEASE, "ocean-prod-invented")
    assert (release.inputs["chart"], release.inputs["version"]) == ("invented-chart", "2026.1.0")
    assert release.inputs["values"] == {"gateway": {"host": "ocean.example.org"}}
    assert found.one(RELEASE, "ocean-prod").urn in release.depends_on
    component = found.one("imagebuilding:hub:Invented", "ocean-prod-invented")
    assert release.parent == component.urn
    assert found.program.outputs["hubs"]["ocean/prod"]["charts"]["invented-chart"] == "2026.1.0"


def test_its_values_are_shown_with_their_line(invented: Repository) -> None:
    text = annotated(placeholder_values(invented.load(), "ocean/prod"))
    assert "# Values of the chart invented-chart\n# domain stacks/earth/ocean.yaml:5\ngateway:\n" in text


def test_its_values_can_be_replaced_and_a_typo_is_one_line(invented: Repository) -> None:
    line = "values: {invented-chart: {gateway: {host: other}}}\nhubs:"
    invented.replace("stacks/earth/ocean.yaml", "hubs:", line)
    assert placeholder_values(invented.load(), "ocean/prod")["invented-chart"].data["gateway"] == {"host": "other"}
    invented.replace("stacks/earth/ocean.yaml", "{invented-chart:", "{invented-chrt:")
    assert invented.errors() == [
        "stacks/earth/ocean.yaml:3: values.invented-chrt: unknown key; did you mean invented-chart?"
    ]


def test_it_is_pinned_and_checked(invented: Repository) -> None:
    assert pinned_digests(invented.load())["invented-chart", "2026.1.0"] == DIGEST
    stack = invented.load()
    with httpx.Client() as client:
        charts = Charts(invented.root, Http(client))
        assert "invented-chart 2026.1.0" in [check.subject for check in chart_checks.checks(stack, charts)]


def test_its_release_is_looked_for_in_the_cluster(invented: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cluster, "list", lambda *_, **__: [])
    found = cluster_checks._releases(Cluster(None, None), invented.load(), invented.hub())
    assert "ocean-prod-invented will be installed" in [result.message for result in found]


def test_its_restart_has_words(invented: Repository) -> None:
    assert str(restart("invented")) == "invention restarts"


def test_a_missing_archive_is_found(invented: Repository) -> None:
    charts = "  imagebuilding:charts:\n    invented-chart: {archive: nowhere.tgz, repository: null}\n"
    invented.stack("  imagebuilding:secrets:", f"{charts}  imagebuilding:secrets:")
    assert [line.partition(": ")[2] for line in invented.errors()] == [
        "ocean/prod: charts.invented-chart.archive: nowhere.tgz does not exist",
        "ocean/staging: charts.invented-chart.archive: nowhere.tgz does not exist",
    ]


def test_a_chart_without_a_version_is_one_line(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(listed, "CHARTS", (*CHARTS, INVENTED))  # but its version is not in Pulumi.yaml yet
    line = "Pulumi.yaml:1: imagebuilding:charts.invented-chart: is missing: the program installs this chart"
    for command in (["plan", "earth"], ["values", "earth", "ocean/prod"]):
        assert run(command, repository.root) == 1
        (said,) = capsys.readouterr().err.splitlines()
        assert said.startswith(line)


def test_every_chart_has_its_version_in_the_project_file() -> None:
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    assert set(project["config"]["imagebuilding:charts"]["default"]) == {chart.key for chart in CHARTS}


def test_what_a_release_waits_for_is_installed_before_it(repository: Repository) -> None:
    stack = repository.load()
    for hub in stack.hubs:
        keys = [release.key for release in releases(stack, hub)]
        for position, release in enumerate(releases(stack, hub)):
            assert set(release.after) <= set(keys[:position]), release.name
