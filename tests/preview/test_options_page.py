from __future__ import annotations

import copy
from typing import Any

import pytest

from hubs.preview.diff.options_diff import brief, equal_pages, page_changes
from hubs.preview.diff.options_page import options_page
from hubs.preview.values import hub_values, load_with_placeholders
from hubs.settings.loader import ROOT
from hubs.values.building import images

OPTIONS = {
    "image": {
        "display_name": "Image",
        "choices": {
            "pangeo": {"display_name": "Pangeo", "kubespawner_override": {"image": "quay.io/pangeo/pangeo:1"}},
            "r": {"display_name": "R", "description": "RStudio", "kubespawner_override": {"image": "rocker/r:4"}},
        },
        "unlisted_choice": {"enabled": True, "display_name": "Any image", "validation_regex": "^quay"},
        "dynamic_image_building": {"enabled": True},
    },
    "size": {
        "display_name": "Size",
        "choices": {
            "small": {"display_name": "Small", "kubespawner_override": {"mem_limit": "2G", "cpu_limit": 1.5}},
            "large": {
                "display_name": "Large",
                "default": True,
                "allowed_groups": ["ocean:gpu"],
                "kubespawner_override": {"mem_limit": 17179869184, "mem_guarantee": "8G"},
            },
        },
    },
}
PROFILES = [
    {"display_name": "CPU", "description": "For most work", "profile_options": OPTIONS},
    {
        "display_name": "GPU",
        "slug": "gpu",
        "allowed_groups": ["ocean:gpu", "staff"],
        "kubespawner_override": {"image": "gpu:1", "extra_resource_limits": {"nvidia.com/gpu": "1"}},
    },
]


def values(profiles: Any = PROFILES, **custom: Any) -> dict[str, Any]:
    roles = {"user": {"scopes": ["self", "access:services!service=binder"]}}
    return {
        "hub": {"loadRoles": roles},
        "singleuser": {"profileList": copy.deepcopy(profiles)},
        "custom": {"imagebuilding": custom},
    }


def shown(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [str(line) for line in page_changes(old, new)]


def changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [line for line in shown(old, new) if not line.startswith(" ")]


def edited(*path: Any, to: Any) -> dict[str, Any]:
    """The values with another value at a path of the profile list. A function returns it from the value before."""
    result = values()
    node = result["singleuser"]["profileList"]
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = to(node.get(path[-1])) if callable(to) else to
    return result


def test_a_new_page_is_shown_completely_in_the_order_of_the_hub() -> None:
    order = [[0, "profile_options", "size", "choices", ["small", "large"]]]
    assert shown({}, values(profile_order=order)) == [
        "+ CPU: For most work · selected at first",
        "+   Image",
        "+     Pangeo: selected at first · image quay.io/pangeo/pangeo:1",
        "+     R: RStudio · image rocker/r:4",
        "+     Other...: typed as Any image · must match ^quay",
        "+     Build your own image",
        "+   Size",
        "+     Small: memory up to 2G · CPU up to 1.5",
        "+     Large: selected at first · only for ocean:gpu · memory up to 16G, 8G guaranteed",
        "+ GPU: only for ocean:gpu, staff · image gpu:1 · devices 1 nvidia.com/gpu",
    ]


def test_helm_sorts_what_has_no_order() -> None:
    names = [item.name for item in options_page(values())[0].inside[1].inside]
    assert names == ["Large", "Small"]


def test_a_page_that_stays_is_not_shown() -> None:
    assert page_changes(values(), values()) == ()
    assert page_changes(values(), {}) == ()


IMAGE = (0, "profile_options", "image", "choices")


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (edited(0, "display_name", to="All"), ['~ All (renamed from "CPU"): For most work · selected at first']),
        (edited(0, "description", to="Any"), ["~ CPU: description For most work → Any · selected at first"]),
        (
            edited(1, "default", to=True),
            [
                "~ CPU: For most work · no longer selected at first",
                "~ GPU: now selected at first · only for ocean:gpu, staff · image gpu:1 · devices 1 nvidia.com/gpu",
            ],
        ),
        (
            edited(1, "allowed_groups", to=["staff"]),
            ["~ GPU: only for ocean:gpu, staff → staff · image gpu:1 · devices 1 nvidia.com/gpu"],
        ),
        (
            edited(*IMAGE, "pangeo", "kubespawner_override", "image", to="quay.io/pangeo/pangeo:2"),
            ["~     Pangeo: selected at first · image quay.io/pangeo/pangeo:1 → quay.io/pangeo/pangeo:2"],
        ),
        (
            edited(*IMAGE, "torch", to={"display_name": "Torch", "kubespawner_override": {"image": "t:1"}}),
            ["+     Torch: image t:1"],
        ),
        (
            edited(*IMAGE, to=lambda was: {"pangeo": was["pangeo"]}),
            ["-     R: RStudio · image rocker/r:4"],
        ),
        (
            # Another key and name, with the same content.
            edited(*IMAGE, to=lambda was: {"pangeo": was["pangeo"], "s": {**was["r"], "display_name": "Statistics"}}),
            ['~     Statistics (renamed from "R"): RStudio · image rocker/r:4 · name in URLs r → s'],
        ),
        (
            edited(1, "kubespawner_override", "environment", to={"A": "1"}),
            [
                "~ GPU: only for ocean:gpu, staff · image gpu:1 · devices 1 nvidia.com/gpu"
                ' · environment none → {"A": "1"}'
            ],
        ),
        (
            edited(1, "kubespawner_override", "mem_limit", to=None),
            ["~ GPU: only for ocean:gpu, staff · image gpu:1 · memory none → no limit · devices 1 nvidia.com/gpu"],
        ),
        (
            edited(0, "profile_options", "image", "unlisted_choice", "validation_regex", to="^docker"),
            ["~     Other...: typed as Any image · must match ^quay → ^docker"],
        ),
        (
            edited(0, "profile_options", "image", "dynamic_image_building", "enabled", to=False),
            ["-     Build your own image"],
        ),
        (
            edited(0, "profile_options", "size", "display_name", to="Resources"),
            ['~   Resources (renamed from "Size")'],
        ),
    ],
)
def test_each_change_is_one_marked_line(new: dict[str, Any], expected: list[str]) -> None:
    # The key is the slug, so that a new name does not change the slug.
    old = values()
    for data in (old, new):
        data["singleuser"]["profileList"][0].setdefault("slug", "cpu")
    assert changed(old, new) == expected


def test_a_renamed_profile_of_a_list_is_recognised_by_what_it_offers() -> None:
    new = edited(0, "display_name", to="Notebooks")
    new["singleuser"]["profileList"][0]["profile_options"]["image"]["choices"]["pangeo"]["description"] = "Dask"
    found = changed(values(), new)
    assert found[0] == (
        '~ Notebooks (renamed from "CPU"): For most work · selected at first · name in URLs cpu → notebooks'
    )
    assert [line[0] for line in found] == ["~", "~"]


def test_another_profile_in_its_place_is_not_a_new_name() -> None:
    other = {"display_name": "Desktop", "kubespawner_override": {"image": "desktop:1"}}
    assert [line[:9] for line in changed(values(), values([PROFILES[0], other]))] == ["- GPU: on", "+ Desktop"]


def test_who_may_build_is_part_of_the_page() -> None:
    new = values()
    new["hub"]["loadRoles"] = {
        "user": {"scopes": ["self"]},
        "imagebuilding": {"scopes": ["access:services!service=binder"], "groups": ["builders"], "users": ["ada"]},
    }
    assert changed(values(), new) == ["~     Build your own image: for everyone → only for builders, ada"]


def test_a_new_order_of_profiles_and_choices() -> None:
    first, second = PROFILES
    assert changed(values(), values([{**second, "default": False}, {**first, "default": True}])) == [
        "~ Profiles: order CPU, GPU → GPU, CPU"
    ]
    order = [[0, "profile_options", "size", "choices", ["small", "large"]]]
    assert changed(values(), values(profile_order=order)) == ["~   Size: order Large, Small → Small, Large"]


def test_no_profiles_means_no_page() -> None:
    assert changed(values([]), values([PROFILES[1]]))[0] == "- No options page: a server starts at once"
    assert changed(values(), values([]))[-1] == "+ No options page: a server starts at once"


def test_brief_leaves_out_what_is_inside_profiles_that_stay() -> None:
    lines = page_changes(values(), edited(1, "description", to="T4"))
    assert [line.name for line in brief(lines)] == ["CPU", "GPU"]
    assert brief(lines)[0].mark == " "


def test_equal_pages_of_several_hubs_are_shown_once() -> None:
    change = page_changes(values(), edited(1, "description", to="T4"))
    other = page_changes(values(), values([]))
    assert equal_pages([("a/staging", change), ("a/prod", change), ("b/prod", ()), ("c/prod", other)]) == [
        (("a/staging", "a/prod"), change),
        (("c/prod",), other),
    ]


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        "text",
        7,
        [None, 1, "x", []],
        {"a": {"display_name": "A"}},
        [{}],
        [{"display_name": {"a": [1]}, "slug": 3, "allowed_groups": "x", "profile_options": [1]}],
        [{"display_name": "A", "allowed_groups": [], "kubespawner_override": [1], "profile_options": {"image": 1}}],
        [{"display_name": "A", "profile_options": {"image": {"choices": [1], "unlisted_choice": 3}}}],
        [{"display_name": "A", "profile_options": {"image": {"choices": {"a": None, "b": {}}}}}],
        [{"display_name": "A", "profile_options": {1: {"unlisted_choice": {"enabled": 1, "validation_regex": 4}}}}],
        [{"display_name": "A\n\x1b[31m", "description": "x" * 10_000}],
    ],
)
def test_raw_values_may_hold_anything(garbage: Any) -> None:
    for custom in ({}, {"profile_order": garbage}, {"profile_order": [[0, [1], [{}]], [0], []]}):
        old, new = values(garbage, **custom), values()
        for line in (*page_changes(old, new), *page_changes(new, old), *page_changes({}, old)):
            assert str(line).isprintable()
            assert len(str(line)) < 2_000
            assert isinstance(line.plain, dict)


def test_pages_of_two_hubs_of_a_community_are_equal() -> None:
    """The program adds the images of the hub to what people may type, and excludes those of other hubs."""
    stack = load_with_placeholders("earth", ROOT)
    hubs = [hub_values(stack, stack.hub(name))["jupyterhub"].data for name in ("ocean/staging", "ocean/prod")]
    rules = [hub["singleuser"]["profileList"][0]["profile_options"]["image"]["unlisted_choice"] for hub in hubs]
    assert rules[0] != rules[1]
    staging, prod = (page_changes({}, hub) for hub in hubs)
    assert staging == prod
    assert not any("must match" in str(line) for line in prod)


@pytest.mark.parametrize("own", ["^quay\\.io/.+:.+$", "[^)]+:.+$", "a(?:b|c(d))$", "(?:a)|(?:b)"])
def test_the_rule_for_typed_images_is_the_one_that_the_community_wrote(own: str) -> None:
    stack = load_with_placeholders("earth", ROOT)
    hub = stack.hub("ocean/prod")
    found = images(stack, hub).typed(own, building=True)
    assert "must match" in options_page(typed(found))[0].inside[0].shown
    assert options_page(typed(found))[0].inside[0].shown["must match"] == own


def typed(expression: str) -> dict[str, Any]:
    unlisted = {"enabled": True, "validation_regex": expression}
    return values([{"display_name": "A", "profile_options": {"size": {"unlisted_choice": unlisted}}}])
