"""What people may start by name, with KubeSpawner's own classes: images that were built here, none of other hubs."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hubs.settings.javascript import not_javascript
from hubs.settings.regular_expressions import growth
from hubs.values.building import IMAGE, images
from tests.repository import OCEAN, Repository
from tests.values.hub_process import hub_process

QUAY = "{type: quay, organization: earth}"
BUILT = "quay.io/earth/earth-ocean-prod-org-2drepo-e61acf:" + "c" * 40
DIGEST = "sha256:" + "a" * 64


def community(option: str, more: str = "") -> str:
    choices = "choices: {base: {display_name: Base, kubespawner_override: {image: 'quay.io/reef/base:1'}}}"
    return (
        f"{OCEAN}{more}profiles: [{{display_name: A, slug: a, profile_options: {{image: {{{choices}, {option}}}}}}}]\n"
    )


async def started(hub: Any, image: str, *groups: str, profile: str | None = "a", **more: Any) -> str:
    """Return the image of the server that starts with a typed or built image."""
    options = {"image--unlisted-choice": image, **({"profile": profile} if profile else {})}
    pod = await hub.pod(*groups, options=options, **more)
    return str(pod["spec"]["containers"][0]["image"])


def starts(hub: Any, image: str, *groups: str, **more: Any) -> bool:
    try:
        return asyncio.run(started(hub, image, *groups, **more)) == image
    except ValueError:
        return False


@pytest.mark.parametrize("expression", ["", ", validation_regex: '^.+:.+$'", ", validation_regex: null"])
def test_profiles_in_values_start_no_images_of_other_hubs(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, expression: str
) -> None:
    typed = f"unlisted_choice: {{enabled: true{expression}, kubespawner_override: {{image: '{{value}}'}}}}"
    option = f"image: {{display_name: Image, choices: {{}}, {typed}}}"
    profiles = f"[{{display_name: A, slug: a, profile_options: {{{option}}}}}]"
    repository.ocean(f"{OCEAN}values: {{jupyterhub: {{singleuser: {{profileList: {profiles}}}}}}}\n")
    hub = hub_process(repository, monkeypatch)
    assert starts(hub, "quay.io/reef/base:1")
    assert starts(hub, BUILT)
    assert not starts(hub, "quay.io/earth/earth-ocean-staging-org-2drepo-e61acf:1")


OPTIONS = {
    "as it is": "display_name: Image",
    "no typing": "unlisted_choice: false",
    "typing for some": 'unlisted_choice: {allowed_groups: ["org:typists"]}',
    "only the community's": "unlisted_choice: {validation_regex: '^quay\\.io/reef/.+:.+$'}",
    "a bare expression": "unlisted_choice: {validation_regex: 'quay\\.io/reef/'}",
    "two alternatives": "unlisted_choice: {validation_regex: '^quay\\.io/reef/.+$|^ghcr\\.io/reef/.+$'}",
    "anything": "unlisted_choice: {validation_regex: '^.+:.+$'}",
}


@pytest.mark.parametrize("name", OPTIONS)
def test_what_is_built_can_be_started(repository: Repository, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    repository.ocean(community(OPTIONS[name]))
    hub = hub_process(repository, monkeypatch)
    (profile,) = hub.profiles()
    option = profile["profile_options"]["image"]
    # What the page asks before it offers to build (jupyterhub-fancy-profiles, src/utils/index.ts)
    assert option["dynamic_image_building"]["enabled"] and option["unlisted_choice"]["enabled"]
    assert starts(hub, BUILT)
    assert not starts(hub, "quay.io/earth/earth-ocean-staging-org-2drepo-e61acf:1")
    assert starts(hub, "quay.io/other/image:1") == (name in ("as it is", "anything"))
    assert starts(hub, "quay.io/reef/image:1") == (name not in ("no typing", "typing for some"))
    assert starts(hub, "quay.io/other/image:1", "org:typists") == (name in ("as it is", "anything", "typing for some"))


def test_a_community_without_building_decides_alone(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    off = "dynamic_image_building: false"
    repository.ocean(community(f"{off}, unlisted_choice: false"))
    assert not starts(hub_process(repository, monkeypatch), BUILT)
    repository.ocean(community(f"{off}, unlisted_choice: {{validation_regex: '^quay\\.io/reef/.+$'}}"))
    hub = hub_process(repository, monkeypatch)
    assert not starts(hub, BUILT)
    assert starts(hub, "quay.io/reef/image:1")


def test_building_is_offered_to_those_who_may(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.ocean(community("unlisted_choice: false", 'build: {groups: ["org:builders"]}\n'))
    hub = hub_process(repository, monkeypatch)
    option = hub.profiles()[0]["profile_options"]["image"]
    assert not option["dynamic_image_building"]["enabled"]
    assert not option.get("unlisted_choice", {}).get("enabled")
    assert not starts(hub, BUILT)
    assert hub.profiles("org:builders")[0]["profile_options"]["image"]["dynamic_image_building"]["enabled"]
    assert starts(hub, BUILT, "org:builders")
    assert starts(hub, BUILT, admin=True), "admins may access every service"


def test_a_role_that_lets_people_build(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    role = 'roles: {makers: {scopes: ["access:services!service=binder"], groups: ["org:makers"]}}\n'
    repository.ocean(community("unlisted_choice: false", f"build: {{groups: []}}\n{role}"))
    hub = hub_process(repository, monkeypatch)
    assert not starts(hub, BUILT)
    assert starts(hub, BUILT, "org:makers")


@pytest.mark.parametrize("option", OPTIONS)
def test_choices_without_a_profile_are_validated_too(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    repository.ocean(community(OPTIONS[option]))
    hub = hub_process(repository, monkeypatch)
    assert starts(hub, BUILT, profile=None)
    assert not starts(hub, "quay.io/earth/earth-ocean-staging-org-2drepo-e61acf:1", profile=None)


def test_long_texts_are_cut(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.ocean(community(OPTIONS["anything"]))
    hub = hub_process(repository, monkeypatch)
    assert not starts(hub, ":" * 10_000_000 + "\n")


REGISTRIES: dict[str, tuple[str, list[str], list[str]]] = {
    "quay": (
        QUAY,
        ["quay.io/earth/earth-ocean-prod-org-2drepo-e61acf:1", "quay.io/earth/tools:1", "quay.io/earths/earth-ocean:1"],
        [
            f"{host}/earth/earth-{image}"
            for host in ("quay.io", "QUAY.IO", "Quay.io", "quay.io:443", "quay.IO:80")
            for image in ("ocean-staging-x:1", f"ocean-staging-x@{DIGEST}", "gone-hub-x:1", "x:1")
        ],
    ),
    "Artifact Registry": (
        "{type: artifact-registry, location: us}",
        [
            "us-docker.pkg.dev/earth-hubs/earth-ocean-prod/org-2drepo-e61acf:1",
            "us-docker.pkg.dev/earth-hubs/public/earth-image:1",
            "europe-docker.pkg.dev/earth-hubs/earth-ocean-staging/x:1",
        ],
        [
            "us-docker.pkg.dev/earth-hubs/earth-ocean-staging/x:1",
            "us-docker.pkg.dev/123456789/earth-ocean-staging/x:1",
            "US-docker.pkg.dev:443/earth-hubs/earth-ocean-prod2/x:1",
        ],
    ),
    "Docker Hub": (
        "{type: oci, host: docker.io, prefix: earth/}",
        ["docker.io/earth/earth-ocean-prod-org-2drepo-e61acf:1", "earth/tools:1", "ubuntu:24.04", "library/ubuntu:1"],
        [
            f"{host}earth/earth-ocean-staging-x:1"
            for host in (
                "docker.io/",
                "",
                "index.docker.io/",
                "registry-1.docker.io/",
                "Docker.io:443/",
                "hub.docker.com/",
            )
        ],
    ),
    "a port": (
        "{type: oci, host: 'registry.example.org:5000', prefix: a/b}",
        [
            "registry.example.org:5000/a/b/earth-ocean-prod-x-e61acf:1",
            "registry.example.org/a/b/earth-ocean-staging-x:1",
        ],
        ["registry.example.org:5000/a/b/earth-ocean-staging-x:1", "REGISTRY.example.org:5000/a/b/earth-x:1"],
    ),
}


@pytest.mark.parametrize("name", REGISTRIES)
def test_images_of_other_hubs_can_not_be_started(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    settings, allowed, refused = REGISTRIES[name]
    repository.stack(QUAY, settings)
    repository.ocean(community(OPTIONS["as it is"]))
    hub = hub_process(repository, monkeypatch)
    assert [image for image in allowed if not starts(hub, image)] == []
    assert [image for image in refused if starts(hub, image)] == []
    repository.ocean(community(OPTIONS["anything"]))
    hub = hub_process(repository, monkeypatch)
    assert [image for image in refused if starts(hub, image)] == []


def test_a_prefix_that_begins_another_one(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    text = community(OPTIONS["as it is"]).replace("hubs:\n", "hubs:\n  prod-c: {domain: c.ocean.example.org}\n")
    repository.ocean(text)
    hub = hub_process(repository, monkeypatch)
    assert starts(hub, "quay.io/earth/earth-ocean-prod-org-2drepo-e61acf:1")
    assert starts(hub, "quay.io/earth/earth-ocean-prod-c-2drepo-e61acf:1"), "built here from the repository c/repo"
    assert not starts(hub, "quay.io/earth/earth-ocean-prod-c-org-2drepo-e61acf:1"), "built on the hub prod-c"


def expressions(repository: Repository) -> list[str]:
    stack = repository.load()
    found = images(stack, stack.hub("ocean/prod"))
    return [
        str(found.built["validation_regex"]),
        *(found.typed(wanted, building=building) for wanted in (f"{IMAGE}$", "x$") for building in (True, False)),
    ]


@pytest.mark.parametrize("name", REGISTRIES)
def test_expressions_are_fast_and_the_same_for_the_page(repository: Repository, name: str, tmp_path: Path) -> None:
    settings, allowed, refused = REGISTRIES[name]
    repository.stack(QUAY, settings)
    found = expressions(repository)
    for expression in found:
        assert growth(expression, search=True) == "linear"
        assert not_javascript(expression) is None
    if shutil.which("node") is None:
        pytest.skip("node is not on PATH: the expressions are not run by JavaScript")
    texts = [*allowed, *refused, "", ":", "a:b", "a b:c", f"{BUILT}x y", f" {BUILT}"]
    (tmp_path / "data.json").write_text(json.dumps([found, texts]))
    code = (
        "const [e, t] = JSON.parse(require('fs').readFileSync(process.argv[1]));"
        "e.forEach(p => new RegExp(p, 'v'));"  # the attribute `pattern` of older versions of the page
        "console.log(JSON.stringify(e.map(p => t.map(text => new RegExp(p, 'g').test(text)))))"
    )
    done = subprocess.run(["node", "-e", code, str(tmp_path / "data.json")], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[re.match(p, text) is not None for text in texts] for p in found]


def test_building_can_not_start_a_template(repository: Repository) -> None:
    repository.ocean(community("unlisted_choice: {kubespawner_override: {image: 'quay.io/reef/{value}'}}"))
    (error, *_) = repository.errors()
    assert "profile_options.image.unlisted_choice.kubespawner_override.image must be '{value}'" in error
