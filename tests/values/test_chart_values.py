"""A hub's own values that the chart refuses are refused in the plan, as the chart's real schema does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hubs.settings.errors import SettingsError
from hubs.settings.layers import Node, Source, located
from hubs.settings.yaml_file import read
from hubs.values.chart_values import coalesced, in_effect, refused, schema
from hubs.values.releases import CHARTS, check_releases
from tests.repository import ROOT, Repository

OCEAN = "stacks/earth/ocean.yaml"
EMPTY = Node({}, Source("program"))


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        ("jupyterhub: {hubb: {}}", "jupyterhub.hubb", "is not a value of the chart; did you mean hub?"),
        ("jupyterhub: {hub: {image: {name: 5}}}", "jupyterhub.hub.image.name", "must be text"),
        ("jupyterhub: {hub: {baseUrl: null}}", "jupyterhub.hub.baseUrl", "can't be removed: the chart needs it"),
        ("jupyterhub: {hub: {fsGid: -1}}", "jupyterhub.hub.fsGid", "must be at least 0"),
        (
            "jupyterhub: {hub: {db: {pvc: {accessModes: [5]}}}}",
            "jupyterhub.hub.db.pvc.accessModes.0",
            "must be text or null",
        ),
        ("jupyterhub: {singleuser: {storage: {type: x}}}", "jupyterhub.singleuser.storage.type", "must be one of "),
        (
            "jupyterhub: {singleuser: {extraFiles: {x: {stringData: y}}}}",
            "jupyterhub.singleuser.extraFiles.x",
            "needs mountPath",
        ),
        (
            "jupyterhub: {singleuser: {extraFiles: {x: {mountPath: /y}}}}",
            "jupyterhub.singleuser.extraFiles.x",
            "needs exactly one of data, stringData, binaryData",
        ),
        ("binderhub-service: {service: {port: '8090'}}", "binderhub-service.service.port", "must be a whole number"),
        ("binderhub-service: {singleuser: {}}", "binderhub-service.singleuser", "is not a value of the chart; "),
    ],
)
def test_refused_at_its_line(repository: Repository, written: str, path: str, message: str) -> None:
    repository.replace(OCEAN, "  prod: {", f"  prod: {{values: {{{written}}}, ")
    with pytest.raises(SettingsError) as caught:
        check_releases(repository.load())
    assert str(caught.value).startswith(f"{OCEAN}:5: ocean/prod: values.{path}: {message}")


def test_secret_values_are_checked_without_their_text(repository: Repository) -> None:
    repository.stack("    ocean: {", "    ocean: {values: {jupyterhub: {hub: {cookieSecret: {a: {secure: v1:x}}}}}, ")
    with pytest.raises(SettingsError) as caught:
        check_releases(repository.load())
    assert "secrets.values.jupyterhub.hub.cookieSecret: must be text or null" in str(caught.value)


def test_another_version_may_know_more(repository: Repository) -> None:
    repository.replace(
        OCEAN, "  prod: {", "  prod: {charts: {jupyterhub: {version: 9.0.0}}, values: {jupyterhub: {new: 1}}, "
    )
    check_releases(repository.load())


def test_the_data_is_of_the_versions_that_are_installed() -> None:
    """When a chart moves: python -m scripts.chart_schema ARCHIVE."""
    charts = read(ROOT / "Pulumi.yaml", "Pulumi.yaml").at("config", "imagebuilding:charts", "default")
    assert charts is not None
    for chart in CHARTS:
        facts, version = schema(chart.key), charts.at(chart.key, "version")
        assert facts is not None
        assert version is not None
        assert (facts["chart"], facts["version"]) == (chart.key, version.value)


SCALARS = st.sampled_from([None, True, False, 0, -1, 5, 1.5, "", "x", [], {}, [None], {"a": 1}])


def real(chart_data: Path, chart: str) -> tuple[Any, Any]:
    (folder,) = sorted(chart_data.glob(f"{chart}-*"))[-1:]
    defaults = yaml.safe_load((folder / "values.yaml").read_text())
    return json.loads((folder / "values.schema.json").read_text()), defaults


@pytest.mark.parametrize("chart", ["jupyterhub", "binderhub-service"])
@given(data=st.data())
def test_as_the_real_schema_does(chart_data: Path, chart: str, data: st.DataObject) -> None:
    """One value at a random path: refused if and only if the real schema refuses it, over the chart's own values."""
    whole, defaults = real(chart_data, chart)
    path: list[str] = []
    below = whole
    while below.get("properties") and (not path or data.draw(st.booleans())):
        path.append(data.draw(st.sampled_from(sorted(below["properties"]))))
        below = below["properties"][path[-1]]
    if data.draw(st.booleans()):
        path.append(data.draw(st.sampled_from(["x", "name", "enabled"])))
    given_values: Any = data.draw(SCALARS)
    for step in reversed(path):
        given_values = {step: given_values}
    found = list(refused(schema(chart)["values"], located(given_values, Source("f")), EMPTY))  # type: ignore[index]
    errors = list(jsonschema.Draft7Validator(whole).iter_errors(coalesced(defaults, given_values)))
    usual = list(jsonschema.Draft7Validator(whole).iter_errors(defaults))
    if path[0] == "imagePullSecret":
        return  # the schema knows its keys only when it is used
    assert bool(found) == (len(errors) > len(usual)), (given_values, found, errors)


def test_values_in_effect_have_the_defaults_of_the_chart() -> None:
    found = in_effect("jupyterhub", {"singleuser": {"uid": None, "cmd": "x"}, "cull": {"every": 5}})
    assert "uid" not in found["singleuser"]
    assert found["singleuser"]["cmd"] == "x"
    assert found["singleuser"]["cloudMetadata"]["blockWithIptables"] is True
    assert (found["cull"]["every"], found["cull"]["timeout"]) == (5, 3600)
    assert in_effect("another", {"a": {"b": 1}}) == {"a": {"b": 1}}
