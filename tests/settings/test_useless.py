"""What would be accepted and then do nothing, or stop the hub, is refused where it is written."""

from __future__ import annotations

import pytest

from tests.repository import OCEAN, Repository

FILE = "stacks/earth/ocean.yaml:6"
OPTION = "profiles.0.profile_options"


def option(text: str) -> str:
    return f"profiles: [{{display_name: A, profile_options: {{{text}}}}}]"


def code(text: str) -> str:
    return f"values: {{jupyterhub: {{hub: {{extraConfig: {{mine: {text!r}}}}}}}}}"


REFUSED = {
    option("s: {display_name: S}"): (
        f"{OPTION}.s: has nothing to select: add choices, or set unlisted_choice.enabled: true"
    ),
    option("s: {display_name: S, unlisted_choice: {validation_regex: '.+'}}"): (
        f"{OPTION}.s: has nothing to select: add choices, or set unlisted_choice.enabled: true"
    ),
    option("s: {display_name: S, unlisted_choice: true}"): (
        f"{OPTION}.s.unlisted_choice: needs kubespawner_override, in which {{value}} stands for what is typed"
    ),
    option("image: {dynamic_image_building: false, unlisted_choice: {kubespawner_override: {mem_limit: 4G}}}"): (
        f"{OPTION}.image.unlisted_choice.kubespawner_override: does not use what is typed: write {{value}} where it "
        "belongs, such as image: '{value}'"
    ),
    code("c.X.y = = 5"): (
        "values.jupyterhub.hub.extraConfig.mine: is not valid Python: invalid syntax (line 1 of the code)"
    ),
    "values: {jupyterhub: {singleuser: {profileList: [{display_name: A, profile_options: {image: {display_name: I, "
    "unlisted_choice: {enabled: true, kubespawner_override: {image: '{value}', mem_limt: 4G}}}}}]}}}": (
        "values.jupyterhub.singleuser.profileList.0.profile_options.image.unlisted_choice.kubespawner_override.mem_limt:"
        " unknown trait of KubeSpawner; did you mean mem_limit?"
    ),
    "charts: {jupyterhub: {version: latest}}": (
        "charts.jupyterhub.version: must be a version such as 4.4.0: charts have no tags such as latest"
    ),
    "home: {disk: {volume_id: vol-0abc, quota: 10Gi}}": (
        "home.disk.quota: must be a number of GiB such as 20, without a unit; write 10"
    ),
}

ACCEPTED = [
    option("s: {display_name: S, choices: {a: {display_name: A}}}"),
    option("resource_allocation: {display_name: Size}").replace(
        "}}]", "}, node_shares: [{instance_type: n2-highmem-4}]}]"
    ),
    option(
        "data: {display_name: D, unlisted_choice: {enabled: true, kubespawner_override: {environment: {A: '{value}'}}}}"
    ),
    option("image: {dynamic_image_building: true, unlisted_choice: false}"),
    code("c.X.y = f'{c.X['z']}'"),
    code("import os"),
    "charts: {jupyterhub: {version: '>=4.3 <5'}}",
    "profiles: [{display_name: A, kubespawner_override: {environment: {MYSQL_ALLOW_EMPTY_PASSWORD: 'yes'}}}]",
]


@pytest.mark.parametrize("written", REFUSED)
def test_refused(repository: Repository, written: str) -> None:
    repository.ocean(f"{OCEAN}{written}\n")
    assert repository.errors() == [f"{FILE}: {REFUSED[written]}"]


@pytest.mark.parametrize("written", ACCEPTED)
def test_accepted(repository: Repository, written: str) -> None:
    repository.ocean(f"{OCEAN}{written}\n")
    assert repository.errors() == []
