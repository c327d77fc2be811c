"""Overrides of KubeSpawner's traits in profiles that settings describe."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubs.preview.diff.judged import Level
from hubs.preview.diff.settings_changes import settings_judgements
from tests.preview import value_layers as layers

OCEAN = "stacks/earth/ocean.yaml"
GPU = "    kubespawner_override:\n      mem_guarantee: 14G\n"
CHOICE = 'kubespawner_override: {image: "quay.io/pangeo/ml-notebook:2026.06.04"}'


@pytest.mark.parametrize(
    ("old", "new", "level", "path", "said"),
    [
        (GPU, f"{GPU}      uid: 0\n", Level.DANGEROUS, "profiles.gpu.kubespawner_override.uid", "servers run as root"),
        (
            GPU,
            f"{GPU}      privileged: true\n",
            Level.DANGEROUS,
            "profiles.gpu.kubespawner_override.privileged",
            "rights",
        ),
        (
            GPU,
            f"{GPU}      singleuser_uid: 0\n",
            Level.DANGEROUS,
            "profiles.gpu.kubespawner_override.singleuser_uid",
            "root",
        ),
        (
            CHOICE,
            CHOICE.replace("{image", "{allow_privilege_escalation: true, image"),
            Level.DANGEROUS,
            "profiles.gpu.profile_options.image.choices.tensorflow.kubespawner_override.allow_privilege_escalation",
            "can become root",
        ),
        (
            "mem_guarantee: 14G",
            "mem_guarantee: 15G",
            Level.CAREFUL,
            "profiles.gpu.kubespawner_override.mem_guarantee",
            "14G",
        ),
        (CHOICE, CHOICE.replace("04", "05"), Level.ROUTINE, "kubespawner_override.image", "2026.06.05"),
        (
            "  - display_name: GPU\n",
            "  - {display_name: R, slug: root, kubespawner_override: {uid: 0, mem_limit: 1G}}\n  - display_name: GPU\n",
            Level.DANGEROUS,
            "profiles.root.kubespawner_override.uid",
            "servers run as root",
        ),
    ],
)
def test_an_override(tmp_path: Path, old: str, new: str, level: Level, path: str, said: str) -> None:
    repository = layers.example_stacks(tmp_path)
    before = layers.load(repository, "earth")
    repository.replace(OCEAN, old, new)
    found = settings_judgements(before, layers.load(repository, "earth")).hubs["ocean-prod"]
    (one,) = [one for one in found if "kubespawner_override" in one.path]
    assert one.level is level
    assert one.path.endswith(path)
    assert said in one.text
    assert one.source.startswith(f"{OCEAN}:")


def test_a_profile_that_disappears_has_no_dangers(tmp_path: Path) -> None:
    repository = layers.example_stacks(tmp_path)
    repository.replace(OCEAN, GPU, f"{GPU}      uid: 0\n")
    before = layers.load(repository, "earth")
    text = (repository.root / OCEAN).read_text()
    start, end = text.index("  - display_name: GPU"), text.index("# staging is deployed first")
    repository.write(OCEAN, text[:start] + text[end:])
    for found in settings_judgements(before, layers.load(repository, "earth")).hubs.values():
        assert not [one for one in found if "kubespawner_override" in one.path]
