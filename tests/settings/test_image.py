"""Names of images: the names that Docker accepts, and their parts."""

from __future__ import annotations

import pytest

from hubs.settings.image import ImageReference, chart_image, check_versioned, images_in, moves, parse

DIGEST = f"sha256:{'0a' * 32}"


@pytest.mark.parametrize(
    ("name", "host", "repository", "reference"),
    [
        ("quay.io/jupyter/scipy-notebook:2026-07-28", "quay.io", "jupyter/scipy-notebook", "2026-07-28"),
        ("ubuntu", "docker.io", "library/ubuntu", "latest"),
        ("docker.io/ubuntu:24.04", "docker.io", "library/ubuntu", "24.04"),
        ("rocker/binder:4.3", "docker.io", "rocker/binder", "4.3"),
        ("localhost/x/y", "localhost", "x/y", "latest"),
        ("127.0.0.1:5000/x:y", "127.0.0.1:5000", "x", "y"),
        ("[::1]:5000/x:y", "[::1]:5000", "x", "y"),
        ("registry:5000/a/b:1", "registry:5000", "a/b", "1"),
        (f"gcr.io/a/b:tag@{DIGEST}", "gcr.io", "a/b", DIGEST),
    ],
)
def test_parts(name: str, host: str, repository: str, reference: str) -> None:
    image = parse(name)
    assert (image.host, image.repository, image.reference) == (host, repository, reference)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("localhost:5000/a:1", ImageReference("localhost:5000/a", "1")),
        (f"a/b@{DIGEST}", ImageReference("a/b", "", DIGEST)),
        (f"a/b:1@{DIGEST}", ImageReference("a/b", "1", DIGEST)),
        ("a/b", ImageReference("a/b")),
    ],
)
def test_name_and_version_as_written(name: str, expected: ImageReference) -> None:
    assert parse(name) == expected
    separator = "@" if expected.digest and not expected.tag else ":"
    assert name == (f"{expected.name}{separator}{expected.version}" if expected.version else expected.name)


@pytest.mark.parametrize(
    "name",
    [
        "677861182063.dkr.ecr.us-west-2.amazonaws.com/pangeo/base:2024.01.15",
        "us-central1-docker.pkg.dev/earth-hubs/earth-ocean-prod/r2d-2dgh_5f.a:main",
        "quay.io/2i2c/pilot-hub:0.0.1-0.dev.git.16609.hb23fbd448",
        "ghcr.io/nasa-impact/pangeo--image/a__b:v1.2_3",
        "gitlab-registry.oit.duke.edu/kits/jupyter-cuda:cuda12-Py3.11",
        "pangeo/pangeo-notebook:2024.11.11",
    ],
)
def test_names_that_communities_use(name: str) -> None:
    assert check_versioned(name) == name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("quay.io/jupyter/scipy-notebook", "must be an image with a tag or a digest, such as quay.io/"),
        ("quay.io/Jupyter/scipy-notebook:1", r"is not a valid image name \(upper-case letters"),
        ("quay.io/a/b:", "is not a valid image name; write one such as quay.io/"),
        ("quay.io/a b/c:1", "is not a valid image name;"),
        ("https://quay.io/a/b:1", "is not a valid image name;"),
        (" quay.io/a/b:1", "is not a valid image name;"),
        ("quay.io/a/b:1\n", "is not a valid image name;"),
        ("quay.io/a//b:1", "is not a valid image name;"),
        ("quay.io/a/-b:1", "is not a valid image name;"),
        ("quay.io/a/b:" + "1" * 129, "is not a valid image name;"),
        ("quay.io/a/b@sha256:0a", "is not a valid image name;"),
        ("a" * 256 + ":1", "more than 255 characters"),
        ("", "is not a valid image name;"),
    ],
)
def test_names_that_would_fail_when_pulled(name: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_versioned(name)


@pytest.mark.parametrize(
    ("name", "moving"),
    [
        ("a/b:latest", True),
        ("a/b:stable", True),
        ("a/b", True),
        ("a/b:latest-2024", False),
        (f"a/b:latest@{DIGEST}", False),
        ("not an image", False),
    ],
)
def test_tags_that_move(name: str, moving: bool) -> None:
    assert moves(name) is moving


def test_the_chart_joins_name_and_tag_by_a_colon() -> None:
    for name in ("quay.io/a/b:1", f"localhost:5000/a@{DIGEST}"):
        parts = chart_image(name)
        assert f"{parts['name']}:{parts['tag']}" == name
    assert chart_image(f"a/b@{DIGEST}")["name"] == "a/b@sha256"


def test_every_image_that_values_name() -> None:
    values = {
        "image": {"name": "hub", "tag": "1"},
        "other": {"image": {"name": "plain"}},
        "profileList": [
            {
                "kubespawner_override": {
                    "image": "a/b:1",
                    "extra_containers": [{"name": "sidecar", "image": "c/d:2"}],
                },
                "profile_options": {
                    "image": {
                        "choices": {"one": {"kubespawner_override": {"image": "e/f:3"}}},
                        "unlisted_choice": {"kubespawner_override": {"image": "{value}"}},
                    }
                },
            }
        ],
    }
    assert list(images_in(values)) == ["hub:1", "plain", "a/b:1", "c/d:2", "e/f:3"]
