"""Another version of a chart: what it means for JupyterHub and its database, its defaults, and where its notes are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubs import yaml_text
from hubs.preview import manifests
from hubs.preview.cache import Cache
from hubs.preview.diff.hub_software import HubSoftware
from hubs.preview.diff.judged import Judgement, Level, Origin
from hubs.preview.diff.kubernetes.judge import Objects, judge_objects
from hubs.preview.diff.leaves import Change
from hubs.preview.diff.objects import compare_objects, labels_line
from hubs.preview.diff.ordering import objects_in_order
from hubs.preview.diff.upgrades import chart_judgement, default_judgements, hub_words, notes, software_judgements
from hubs.preview.helm import find_helm
from hubs.preview.releases import ChartReference, Release
from hubs.settings.touches import Touches

UPGRADING = "https://z2jh.jupyter.org/en/stable/administrator/upgrading"
CHANGES = "https://z2jh.jupyter.org/en/stable/changelog.html"
FIXED = "quay.io/earth/hub:4.4.0-jupyterhub5.5.4-1"


def software(chart: str, image: str = "quay.io/jupyterhub/k8s-hub:{}") -> HubSoftware:
    return HubSoftware(chart, "", image.format(chart))


@pytest.mark.parametrize(
    ("chart", "old", "new", "expected"),
    [
        ("jupyterhub", "4.3.3", "4.4.0", CHANGES),
        ("jupyterhub", "3.3.8", "4.4.0", f"{UPGRADING}/upgrade-3-to-4.html, {CHANGES}"),
        (
            "jupyterhub",
            "2.0.0",
            "4.4.0",
            f"{UPGRADING}/upgrade-2-to-3.html, {UPGRADING}/upgrade-3-to-4.html, {CHANGES}",
        ),
        ("jupyterhub", "4.4.0", "5.0.0", f"{UPGRADING}/index.html, {CHANGES}"),
        ("jupyterhub", "4.4.0", "3.3.8", CHANGES),
        (
            "binderhub-service",
            "0.1.0-0.dev.git.335.habcdef1",
            "0.1.0-0.dev.git.336.hca79dc0",
            "https://github.com/2i2c-org/binderhub-service/compare/abcdef1...ca79dc0",
        ),
        ("jupyterhub-home-nfs", "1.2.0", "1.2.1", "https://github.com/2i2c-org/jupyterhub-home-nfs"),
        ("ours", "1.0.0", "2.0.0", ""),
    ],
)
def test_notes(chart: str, old: str, new: str, expected: str) -> None:
    assert notes(chart, old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "level", "words"),
    [
        ("4.3.3", "4.4.0", Level.CAREFUL, "JupyterHub 5.4.4 → 5.5.0: the hub upgrades its database when it starts"),
        ("3.3.8", "4.4.0", Level.DANGEROUS, "new major version: it may need other values; JupyterHub 4.1.6 → 5.5.0"),
        (
            "4.4.0",
            "4.3.3",
            Level.DANGEROUS,
            "downgrade; JupyterHub 5.5.0 → 5.4.4: the hub's database can't be downgraded",
        ),
        ("4.0.0", "4.1.0", Level.CAREFUL, "another version; read"),
        ("0.1.0", "0.2.0", Level.DANGEROUS, "new major version"),
        ("ours", "4.4.0", Level.DANGEROUS, "a version that can't be compared"),
    ],
)
def test_another_version(old: str, new: str, level: Level, words: str) -> None:
    found = chart_judgement("jupyterhub", old, new, (software(old), software(new)))
    assert (found.level, found.touches, found.old, found.new) == (level, Touches.CODE, old, new)
    assert words in found.text


def test_the_image_decides_which_jupyterhub_runs() -> None:
    """A chart that moves without its image does not move JupyterHub."""
    assert hub_words(software("4.3.3", FIXED), software("4.4.0", FIXED)) == []
    (words,) = hub_words(software("4.3.3"), software("4.3.3", FIXED))
    assert words.startswith("JupyterHub 5.4.4 → 5.5.4: the hub upgrades its database")
    assert hub_words(software("9.9.9", "a/b:1"), software("9.9.10", "a/b:1")) == []
    assert hub_words(HubSoftware("x", "5.0.0", "a/b:1"), HubSoftware("y", "5.1.0", "a/b:1"))[0].startswith(
        "JupyterHub 5.0.0"
    )


def test_an_image_that_moves_alone() -> None:
    found = list(software_judgements(software("4.3.3"), software("4.3.3", FIXED), new_chart=False))
    assert [one.level for one in found] == [Level.DANGEROUS, Level.CAREFUL]
    assert "not for the same version" in found[0].text
    assert found[1].text.startswith("JupyterHub 5.4.4 → 5.5.4")


def secret(values: dict[str, Any]) -> list[dict[str, Any]]:
    text = yaml.safe_dump(values)
    return [{"kind": "Secret", "metadata": {"name": "hub"}, "stringData": {"values.yaml": text}}]


def defaults(old: dict[str, Any], new: dict[str, Any], *own: Change) -> list[Judgement]:
    return list(default_judgements("jupyterhub", secret(old), secret(new), own))


def test_a_default_about_peoples_files_is_a_danger() -> None:
    old, new = ({"singleuser": {"storage": {"type": kind}}} for kind in ("dynamic", "none"))
    (one,) = defaults(old, new)
    assert (one.level, one.touches, one.origin) == (Level.DANGEROUS, Touches.FILES, Origin.OBJECT)
    assert "singleuser.storage.type" in one.text
    change = Change(("singleuser", "storage", "type"), "dynamic", "none")
    assert defaults(old, new, change) == [], "the release's own values are judged as values"


def test_names_of_peoples_volumes() -> None:
    old, new = (
        {"singleuser": {"storage": {"dynamic": {"pvcNameTemplate": name}}}} for name in ("claim-{username}", None)
    )
    (one,) = defaults(old, new)
    assert one.level is Level.DANGEROUS
    assert one.text.endswith(
        "looks for those with the old names first: check on a staging hub that people find their files"
    )
    (back,) = defaults(new, old)
    assert "people find other home directories, or empty ones" in back.text


def test_other_defaults_are_one_line_for_what_they_touch() -> None:
    old, new = (
        {
            "proxy": {"chp": {"image": {"tag": tag}}, "traefik": {"image": {"tag": tag}}},
            "prePuller": {"hook": {"enabled": on}},
        }
        for tag, on in (("1", True), ("2", False))
    )
    code, cost = defaults(old, new)
    assert code.level is cost.level is Level.CAREFUL
    assert code.text == (
        "defaults of the chart jupyterhub (code that runs with the hub's rights): proxy.chp.image.tag,"
        " proxy.traefik.image.tag"
    )
    assert cost.text == "defaults of the chart jupyterhub (cost): prePuller.hook.enabled"


def test_the_charts_own_images_have_its_version() -> None:
    old, new = (
        {"Chart": {"Version": version}, "singleuser": {"networkTools": {"image": {"tag": version}}}}
        for version in ("4.3.3", "4.4.0")
    )
    assert defaults(old, new) == []


@pytest.mark.parametrize("empty", [None, False, "", [], {}, {"a": {"b": None}}])
def test_a_new_default_that_does_nothing(empty: Any) -> None:
    assert defaults({}, {"singleuser": {"storage": {"new": empty}}}) == []
    assert defaults({"singleuser": {"storage": {"new": empty}}}, {}) == []


def labelled(kind: str, name: str, labels: dict[str, str]) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, "labels": labels}}


def test_labels_that_change_on_most_objects_are_one_line() -> None:
    names = ("a", "b", "c", "d")
    old = [labelled("ConfigMap", name, {"helm.sh/chart": "1"}) for name in names]
    new = [labelled("ConfigMap", name, {"helm.sh/chart": "2", "component": name}) for name in names]
    new[0]["metadata"]["labels"]["own"] = "x"
    found = compare_objects(old, new, [])
    assert [one.only_labels for one in found] == [False, True, True, True]
    assert labels_line(found) == "labels of 4 objects change: component, helm.sh/chart"
    assert [change.path[-1] for change in found[0].changes] == ["own"]
    assert labels_line(compare_objects(old, old, [])) == ""


# The real charts, as archives in CHARTS_DIR.


def rendered(version: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    archive = Path(os.environ.get("CHARTS_DIR", "")) / f"jupyterhub-{version}.tgz"
    if not archive.is_file():
        pytest.skip(f"put {archive.name} into a folder and name it in CHARTS_DIR")
    release = Release("ocean-prod", "ocean-prod", ChartReference("jupyterhub", version), values, "1.33.0")
    documents = yaml_text.load(find_helm(Cache(None)).template(archive, release))
    return manifests.normalise(documents, values)


def judged(
    old: str, new: str, values: dict[str, Any]
) -> tuple[list[Judgement], list[dict[str, Any]], list[dict[str, Any]]]:
    before, after = rendered(old, values), rendered(new, values)
    objects = judge_objects(Objects(before, (), "1.33.0"), Objects(after, (), "1.33.0"), "ocean-prod")
    return [*default_judgements("jupyterhub", before, after, ()), *objects], before, after


def test_a_minor_upgrade_of_the_real_chart(helm: Path) -> None:
    found, before, after = judged("4.3.3", "4.4.0", {"proxy": {"service": {"type": "ClusterIP"}}})
    assert [one.text for one in found if one.level is Level.DANGEROUS] == []
    assert len(found) <= 4
    objects = compare_objects(before, after, [])
    assert sum(one.only_labels for one in objects) >= len(objects) - 6


def test_a_major_upgrade_of_the_real_chart(helm: Path) -> None:
    """What names people's volumes comes first, and 112 lines of labels are one."""
    found, before, after = judged("3.3.8", "4.4.0", {"proxy": {"service": {"type": "ClusterIP"}}})
    dangers = [one for one in found if one.level is Level.DANGEROUS]
    assert ["pvcNameTemplate" in one.path for one in dangers] == [True]
    assert found[0] == dangers[0]
    assert len(found) <= 8
    objects = objects_in_order("jupyterhub", compare_objects(before, after, []), found)
    assert (objects[0].kind, objects[0].name) == ("Secret", "hub")
    assert "storage" in objects[0].changes[0].path
    assert labels_line(objects).startswith("labels of ")
    assert not [change for one in objects for change in one.changes if "app.kubernetes.io/name" in change.path]


def test_a_downgrade_of_the_real_chart(helm: Path) -> None:
    found, _, _ = judged("4.4.0", "3.3.8", {"proxy": {"service": {"type": "ClusterIP"}}})
    text = "\n".join(one.text for one in found if one.level is Level.DANGEROUS)
    assert "Deployment hub: its container hub keeps Linux capabilities" in text
    assert "ServiceAccount user-scheduler: gets more rights in Kubernetes: create endpoints" in text
