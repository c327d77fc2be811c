"""The reference tells every setting."""

from __future__ import annotations

import pytest

from hubs.settings.hub import Hub
from hubs.settings.reference import lines


def test_every_setting_of_a_hub_is_told() -> None:
    told = "\n".join(lines())
    given = {"community", "name", "secrets"}
    assert [name for name in Hub.model_fields if name not in given and f"\n  {name}: " not in told] == []


@pytest.mark.parametrize(
    "line",
    [
        '  provider: gcp | aws | other = "other"',
        "  domain: text  (required)",
        '  image: text = "quay.io/jupyter/scipy-notebook:2026-07-28"',
        "      nfs: mapping | null",
        "  shared_directories: mapping to mapping",
    ],
)
def test_type_and_default(line: str) -> None:
    assert line in list(lines())
