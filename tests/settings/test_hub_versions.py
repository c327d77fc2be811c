"""Versions of JupyterHub: of charts, of hub images, and the vulnerabilities that plans warn of."""

from __future__ import annotations

import pytest

from hubs.settings.advisories import ADVISORIES, affecting, summary
from hubs.settings.hub import HUB_IMAGE
from hubs.settings.hub_versions import JUPYTERHUB, HubImage, hub_image, image_of, own_tag, parted
from hubs.settings.image import chart_image
from tests.repository import Repository

STACK = "stacks/Pulumi.earth.yaml"
COMMUNITY = "stacks/earth/ocean.yaml"
PROD = "prod: {domain: ocean.example.org}"
DIGEST = f"sha256:{'0a' * 32}"


def ids(version: str) -> set[str]:
    return {advisory.id for advisory in affecting(version)}


@pytest.mark.parametrize(
    ("version", "affected", "safe"),
    [
        ("5.4.4", {"CVE-2026-40864", "GHSA-p43p-whwx-q52h"}, {"CVE-2026-33709", "CVE-2024-41942"}),
        ("5.4.5", {"GHSA-p43p-whwx-q52h"}, {"CVE-2026-40864"}),
        ("5.5.0", {"GHSA-c4gm-pwx9-9w8j", "GHSA-hx46-2cv3-mh6g"}, {"GHSA-p43p-whwx-q52h", "CVE-2026-40864"}),
        ("6.0.1", {"GHSA-hx46-2cv3-mh6g"}, {"GHSA-c4gm-pwx9-9w8j"}),
        ("4.1.6", {"CVE-2026-40864"}, {"CVE-2024-41942", "GHSA-c4gm-pwx9-9w8j", "GHSA-r764-xgvf-jrfj"}),
        ("5.0.0", {"CVE-2024-41942", "GHSA-c4gm-pwx9-9w8j"}, {"CVE-2024-28233", "GHSA-r764-xgvf-jrfj"}),
        ("4.0.2", {"CVE-2024-28233"}, set()),
    ],
)
def test_vulnerabilities_of_a_version(version: str, affected: set[str], safe: set[str]) -> None:
    assert affected <= ids(version)
    assert not safe & ids(version)


@pytest.mark.parametrize("version", ["5.5.3", "5.5.4", "6.1.0", "6.1.1", "7.0.0", "", "main"])
def test_no_known_vulnerability(version: str) -> None:
    assert affecting(version) == []
    assert summary(version) == ""


def test_a_version_before_the_release_with_the_fix_is_affected() -> None:
    assert "GHSA-p43p-whwx-q52h" in ids("5.5.0b1")
    assert "GHSA-p43p-whwx-q52h" not in ids("6.0.0b2")


@pytest.mark.parametrize(
    ("version", "fix"), [("5.4.4", "5.5.3"), ("5.5.2", "5.5.3"), ("6.0.1", "6.1.0"), ("4.0.2", "5.5.3")]
)
def test_the_version_that_fixes_all(version: str, fix: str) -> None:
    assert f"JupyterHub {version} has known vulnerabilities, fixed in {fix}: " in summary(version)


def test_advisories_are_complete() -> None:
    assert len({advisory.id for advisory in ADVISORIES}) == len(ADVISORIES)
    for advisory in ADVISORIES:
        assert advisory.id.startswith(("CVE-", "GHSA-"))
        assert advisory.what
        for fix in advisory.fixed:
            assert advisory.id not in ids(fix)
        assert any(advisory.id in ids(version) for version in ("4.0.2", "5.4.0"))


@pytest.mark.parametrize(
    ("name", "chart", "jupyterhub"),
    [
        ("quay.io/jupyterhub/k8s-hub:4.4.0", "4.4.0", "5.5.0"),
        ("jupyterhub/k8s-hub:4.3.3", "4.3.3", "5.4.4"),
        ("registry.example.org/mirror/k8s-hub-slim:4.3.5", "4.3.5", "5.4.6"),
        (f"quay.io/jupyterhub/k8s-hub:4.4.0@{DIGEST}", "4.4.0", "5.5.0"),
        ("quay.io/jupyterhub/k8s-hub:9.9.9", "9.9.9", ""),
        (HUB_IMAGE, "4.3.3", "5.4.4"),
        (f"ghcr.io/earth/hub:{own_tag('4.4.0', '5.5.4', '1a2b3c4')}", "4.4.0", "5.5.4"),
        (f"ghcr.io/earth/hub:{own_tag('4.4.0', '5.5.4', '1a2b3c4')}@{DIGEST}", "4.4.0", "5.5.4"),
        (f"quay.io/jupyterhub/k8s-hub@{DIGEST}", "", ""),
        ("ghcr.io/earth/hub:2026-11", "", ""),
        ("not an image", "", ""),
    ],
)
def test_what_the_name_of_an_image_says(name: str, chart: str, jupyterhub: str) -> None:
    assert hub_image(name) == HubImage(name, chart, jupyterhub)
    assert " " in name or image_of({"hub": {"image": chart_image(name)}}) == name


@pytest.mark.parametrize("values", [None, [], {}, {"hub": []}, {"hub": {"image": "x"}}, {"hub": {"image": {"tag": 1}}}])
def test_values_without_a_hub_image(values: object) -> None:
    assert image_of(values) == ""


def test_charts_are_known_by_ascending_versions() -> None:
    def numbers(version: str) -> list[int]:
        return [int(part) for part in version.split(".")]

    charts, hubs = [numbers(v) for v in JUPYTERHUB], [numbers(v) for v in JUPYTERHUB.values()]
    assert charts == sorted(charts)
    assert hubs == sorted(hubs)


@pytest.mark.parametrize(
    ("chart", "jupyterhub", "image", "said"),
    [
        ("4.4.0", "", "quay.io/jupyterhub/k8s-hub:4.4.0", ""),
        ("4.4.0", "", "quay.io/earth/hub:4.4.0-jupyterhub5.5.4-1", ""),
        ("4.1.0", "", "quay.io/jupyterhub/k8s-hub:4.0.0", ""),  # both are for 5.2.1
        ("4.4.0-ours", "5.5.0", "quay.io/earth/hub:4.4.0-jupyterhub5.5.4-1", ""),
        ("9.0.0", "", "quay.io/earth/hub:unknown", ""),
        ("4.4.0", "", "a/k8s-hub:4.3.3", "4.3.3 (JupyterHub 5.4.4), and the hub's chart is 4.4.0 (JupyterHub 5.5.0)"),
        ("4.3.3", "", "a/k8s-hub:4.4.0", "4.4.0 (JupyterHub 5.5.0), and the hub's chart is 4.3.3 (JupyterHub 5.4.4)"),
        ("4.4.1", "", "a/k8s-hub:4.4.0", "for chart 4.4.0 (JupyterHub 5.5.0), and the hub's chart is 4.4.1"),
        ("4.4.0-ours", "5.5.1", "a/k8s-hub:4.4.0", "and the hub's chart is 4.4.0-ours (JupyterHub 5.5.1)"),
    ],
)  # fmt: skip
def test_a_chart_and_an_image_for_another_version(chart: str, jupyterhub: str, image: str, said: str) -> None:
    found = parted(chart, jupyterhub, hub_image(image))
    assert said in found if said else found == ""


def about_images(repository: Repository) -> list[str]:
    return [str(problem) for problem in repository.load().warnings if problem.path.endswith(": hub_image")]


def test_a_hub_that_tries_a_chart_without_its_image(repository: Repository) -> None:
    repository.replace(COMMUNITY, "hubs:", "hub_image: quay.io/jupyterhub/k8s-hub:4.3.3\nhubs:")
    repository.stack(
        "  imagebuilding:secrets:", "  imagebuilding:charts: {jupyterhub: {version: 4.3.3}}\n  imagebuilding:secrets:"
    )
    known = "JupyterHub 5.4.4 has known vulnerabilities, fixed in 5.5.3"
    (line,) = about_images(repository)
    assert line.startswith(f"{COMMUNITY}:3: ocean/staging, ocean/prod: hub_image: {known}: ")
    repository.replace(COMMUNITY, PROD, "prod: {domain: ocean.example.org, charts: {jupyterhub: {version: 4.4.0}}}")
    staging, parting, prod = about_images(repository)
    assert staging.startswith(f"{COMMUNITY}:3: ocean/staging: hub_image: {known}: ")
    assert parting == (
        f"{COMMUNITY}:3: ocean/prod: hub_image: quay.io/jupyterhub/k8s-hub:4.3.3 was built for chart 4.3.3"
        " (JupyterHub 5.4.4), and the hub's chart is 4.4.0 (JupyterHub 5.5.0); see docs/how-to/hub-image.md"
    )
    assert prod.startswith(f"{COMMUNITY}:3: ocean/prod: hub_image: {known}: ")


@pytest.mark.parametrize("where", ["setting", "values"])
def test_an_image_with_the_fixes_gives_no_warning(repository: Repository, where: str) -> None:
    tag = own_tag(str(repository.hub().charts["jupyterhub"].version), "5.5.4", "1a2b3c4")
    settings = {
        "setting": f"hub_image: quay.io/earth/hub:{tag}",
        "values": f"values: {{jupyterhub: {{hub: {{image: {{name: quay.io/earth/hub, tag: {tag}}}}}}}}}",
    }
    assert about_images(repository) != []
    repository.replace(COMMUNITY, "hubs:", f"{settings[where]}\nhubs:")
    assert about_images(repository) == []


def test_an_image_of_unknown_version_is_judged_by_the_chart(repository: Repository) -> None:
    repository.replace(COMMUNITY, "hubs:", "hub_image: quay.io/earth/hub:2\nhubs:")
    (line,) = about_images(repository)
    assert "this is the version of chart 4.4.0, because the tag of quay.io/earth/hub:2 names none" in line


def test_a_demonstration_gets_one_short_warning(repository: Repository) -> None:
    assert len(about_images(repository)) == 2
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")
    (line,) = about_images(repository)
    assert "lacks security fixes, which is fine for a demonstration" in line


def test_an_archive_says_which_jupyterhub_it_is_for(repository: Repository) -> None:
    chart = "name: jupyterhub\nversion: 4.4.0-ours\nappVersion: {0}\n"
    repository.write("charts/jupyterhub/Chart.yaml", chart.format("5.5.0"))
    repository.replace(
        COMMUNITY,
        PROD,
        "prod:\n    domain: ocean.example.org\n    hub_image: a/k8s-hub:4.4.0\n"
        "    charts: {jupyterhub: {archive: charts/jupyterhub}}",
    )
    assert not any("was built for" in line and "ocean/prod" in line for line in about_images(repository))


@pytest.mark.parametrize(
    ("hubs", "said"), [(4, "hub2/prod, hub3/prod: hub_image"), (6, "hub3/prod and 2 more hubs: hub_image")]
)
def test_many_hubs_are_one_warning(repository: Repository, hubs: int, said: str) -> None:
    text = (repository.root / COMMUNITY).read_text().split("hubs:")[0]
    (repository.root / COMMUNITY).unlink()
    for number in range(hubs):
        repository.write(
            f"stacks/earth/hub{number}.yaml", f"{text}hubs: {{prod: {{domain: hub{number}.example.org}}}}\n"
        )
    found = about_images(repository)
    assert len(found) == 2
    assert all(said in line for line in found)
