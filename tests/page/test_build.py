"""Events of a build, without a browser."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hubs.page.build import Event, build, image_name
from tests.page.conftest import Builder

PREFIX = "registry.example.org/hubs/earth-ocean-prod-"


def _events(spec: str) -> list[Event]:
    async def collect() -> list[Event]:
        return [event async for event in build(spec, PREFIX)]

    return asyncio.run(collect())


@pytest.mark.parametrize("ref", ["HEAD", "main", "v1"])
def test_a_build_ends_with_its_image(builder: Builder, ref: str) -> None:
    builder.docker(on=True)
    *log, last = _events(f"org/repo/{ref}")
    image = f"{PREFIX}org-2drepo-e61acf:{builder.commit}"
    assert last == {"phase": "ready", "imageName": image, "message": "Done! Image built\n"}
    assert {"phase": "building", "message": "Step 1/1 : FROM buildpack\n"} in log
    assert {"phase": "unknown", "message": "not json\n"} in log


def test_a_commit_needs_no_lookup(builder: Builder) -> None:
    builder.docker(on=True)
    assert _events(f"org/elsewhere/{'a' * 40}")[-1]["imageName"].endswith("a" * 40)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("org/repo/ain", "Could not resolve ain in https://github.com/org/repo: there is no such branch"),
        ("org/none/HEAD", "Could not resolve HEAD in https://github.com/org/none"),
        ("org/repo", "org/repo does not have the form ORGANIZATION/REPOSITORY/REF"),
        ("org/repo/--upload-pack=touch", "does not have the form ORGANIZATION/REPOSITORY/REF"),
        ("../repo;x/HEAD", "does not have the form ORGANIZATION/REPOSITORY/REF"),
    ],
)
def test_what_can_not_be_built_fails(builder: Builder, spec: str, said: str) -> None:
    builder.docker(on=True)
    last = _events(spec)[-1]
    assert last["phase"] == "failed"
    assert said in last["message"]


def test_repo2dockers_own_failure_ends_the_build(
    builder: Builder, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    builder.docker(on=True)
    program = tmp_path / "jupyter-repo2docker"
    monkeypatch.setattr("hubs.page.build._builder", lambda: str(program))
    for script, message in (
        ("""echo '{"phase": "failure", "message": "no space"}'; exit 1""", "no space"),
        ("exit 3", "repo2docker exited with code 3\n"),
    ):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        last = _events("org/repo/HEAD")[-1]
        assert (last["phase"], last["message"]) == ("failed", message)


@pytest.mark.parametrize(
    ("org", "repo", "name"),
    [
        ("org", "repo", "org-2drepo-e61acf"),
        ("Org_1", "A.b", "org-5f1-2da-2eb-b3fe0e"),
        ("o", "r" * 300, "o-2d" + "r" * (255 - len(PREFIX) - 7 - 4)),
    ],
)
def test_images_are_named_as_binderhub_names_them(org: str, repo: str, name: str) -> None:
    image = image_name(PREFIX, org, repo, "c0ffee")
    assert image.startswith(PREFIX + name)
    assert len(image.partition(":")[0]) <= 255
    builder = pytest.importorskip("binderhub.builder", reason="BinderHub is not installed: names not compared with it")
    slug = builder._safe_build_slug(f"{org}-{repo}", limit=255 - len(PREFIX))
    assert image == f"{PREFIX}{slug}:c0ffee".replace("_", "-").lower()
