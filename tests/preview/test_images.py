from __future__ import annotations

import pytest

from hubs.preview.diff.images import image_changes

DIGEST = "sha256:" + "0a" * 32


def named(*images: str) -> dict[str, object]:
    return {"singleuser": {"profileList": [{"kubespawner_override": {"image": image}} for image in images]}}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (["a/b:1"], ["a/b:2"], ["a/b:1 → 2"]),
        (["localhost:5000/a:1"], [f"localhost:5000/a@{DIGEST}"], [f"localhost:5000/a:1 → {DIGEST}"]),
        (["a/b:1"], ["a/c:1"], ["a/c:1", "a/b:1"]),
        (["a/b:1", "a/b:2"], ["a/b:3", "a/b:4"], ["a/b:1 → 3", "a/b:2 → 4"]),
        (["a/b:1", "a/b:1"], ["a/b:1"], []),
        (["a/b:1"], ["a/b:1", "{value}"], []),
    ],
)
def test_another_version_is_a_change(old: list[str], new: list[str], said: list[str]) -> None:
    assert [str(change) for change in image_changes(named(*old), named(*new))] == said


def test_name_and_tag_of_the_charts_own_kind() -> None:
    old, new = ({"hub": {"image": {"name": "k8s-hub", "tag": tag}}} for tag in ("1", "2"))
    (change,) = image_changes(old, new)
    assert (str(change), change.people) == ("k8s-hub:1 → 2", False)
