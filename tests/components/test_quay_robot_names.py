"""Names of quay robots are valid, and different for each hub."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubs.settings.quay_robot import robot_name, robot_names

# The rules of quay's web page and of its API (util/validation.py). A name must satisfy both.
PAGE, API = re.compile(r"^[a-z][a-z0-9_]{1,254}$"), re.compile(r"^([a-z0-9]+(?:[._-][a-z0-9]+)*)$")
PARTS = st.text(st.sampled_from("abz09-_. Ü"), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("earth", "ocean", "prod"), "earth_ocean_prod_image_builder"),
        (("earth-1", "Ocean.Lab", "prod"), "earth_1_ocean_lab_prod_image_builder"),
        (("2i2c", "ocean", "prod"), "r_2i2c_ocean_prod_image_builder"),
        (("earth", "-ocean--lab-", "prod"), "earth_ocean_lab_prod_image_builder"),
    ],
)
def test_name(parts: tuple[str, str, str], name: str) -> None:
    assert robot_name(*parts) == name


@given(PARTS, PARTS, PARTS)
def test_quay_accepts_every_name_that_is_given(cluster: str, community: str, hub: str) -> None:
    try:
        name = robot_name(cluster, community, hub)
    except ValueError:
        assert any(not re.search("[a-z0-9]", part.lower()) for part in (cluster, community, hub))
    else:
        assert PAGE.match(name)
        assert API.match(name)


def test_a_name_without_usable_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="has no letter or digit"):
        robot_name("earth", "海", "prod")


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 255 are allowed"):
        robot_name("c" * 100, "o" * 100, "h" * 60)


def test_two_hubs_that_would_share_a_robot_are_refused() -> None:
    hubs = [("sea", "prod"), ("ocean-lab", "prod"), ("ocean", "lab-prod")]
    with pytest.raises(
        ValueError, match=r"ocean-lab/prod and ocean/lab-prod would share .*ocean_lab_prod_image_builder"
    ):
        robot_names("earth", hubs)
    assert robot_names("earth", hubs[:2]) == {
        ("sea", "prod"): "earth_sea_prod_image_builder",
        ("ocean-lab", "prod"): "earth_ocean_lab_prod_image_builder",
    }
