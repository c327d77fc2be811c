"""A preview leaves out the hubs that have mistakes, and nothing else. An update refuses the whole stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hubs.errors import UnknownNameError
from hubs.preview.configuration import configuration
from hubs.preview.secrets import Secret
from hubs.preview.values import load_what_works
from hubs.settings.errors import SettingsError
from hubs.settings.loader import load
from hubs.settings.stack import Stack
from hubs.values.releases import release_problems
from tests.repository import OCEAN, Repository

COMMUNITY, STACK = "stacks/earth/ocean.yaml", "stacks/Pulumi.earth.yaml"
REEF = "stacks/earth/reef.yaml"
PROD = "  prod: {domain: ocean.example.org}\n"


@pytest.fixture
def repository(repository: Repository) -> Repository:
    """Return a stack with two communities of two hubs each."""
    repository.write(REEF, OCEAN.replace("ocean.example.org", "reef.example.org"))
    secrets = '{auth: {client_id: {secure: "v1:cipher"}, client_secret: {secure: "v1:cipher"}}}\n'
    repository.stack("    ocean: {auth", f"    reef: {secrets}    ocean: {{auth")
    return repository


def what_works(repository: Repository) -> Stack:
    return loaded(repository, missing_secret=Secret, leave_out=True)


def update(repository: Repository) -> Stack:
    """Load the stack as an update does."""
    return loaded(repository)


def loaded(repository: Repository, **options: Any) -> Stack:
    config = configuration("earth", repository.root)
    return load("earth", config, root=repository.root, secret=Secret, check=release_problems, **options)


EVERYTHING = {"ocean/prod", "ocean/staging", "reef/prod", "reef/staging"}
MISTAKES = {
    "no YAML": (COMMUNITY, "display_name:", "display_name: [", {"ocean"}),
    "no hubs": (COMMUNITY, "hubs:", "hub:", {"ocean"}),
    "a setting of both hubs": (COMMUNITY, "admins: [ada]", "admins: ada", {"ocean/prod", "ocean/staging"}),
    "a setting of one hub": (COMMUNITY, PROD, PROD.replace("}", ", stge: prod}"), {"ocean/prod"}),
    "no mapping": (COMMUNITY, PROD, "  prod: yes\n", {"ocean/prod"}),
    "a reserved name": (COMMUNITY, "  prod:", "  auth:", {"ocean/auth"}),
    "no domain": (COMMUNITY, PROD, "  prod: {}\ndomain: ocean.example.org\n", {"ocean/prod"}),
    "a check of one hub": (COMMUNITY, PROD, PROD.replace("}", ", home: {disk: {volume_id: a}}}"), {"ocean/prod"}),
    "nobody can log in": (
        COMMUNITY,
        'allow: ["ocean-org:hub-users"], admins: [ada]',
        "",
        {"ocean/prod", "ocean/staging"},
    ),
    "a check of servers": (
        COMMUNITY,
        PROD,
        PROD.replace("}", ", working_directory: '/home/{usrname}'}"),
        {"ocean/prod"},
    ),
    "names that are too long": (COMMUNITY, "  prod:", f"  {'a' * 40}:", {f"ocean/{'a' * 40}"}),
    "a domain twice": (REEF, "{domain: reef.example.org}", "{domain: ocean.example.org}", {"ocean/prod", "reef/prod"}),
    "a namespace twice": (
        REEF,
        "{domain: reef.example.org}",
        "{domain: r.example.org, namespace: ocean-prod}",
        {"ocean/prod", "reef/prod"},
    ),
    "a secret in a community's file": (
        COMMUNITY,
        "admins: [ada]",
        "admins: [ada], client_secret: a",
        {"ocean"},
    ),
    "a secret of one hub in its file": (
        COMMUNITY,
        PROD,
        PROD.replace("}", ", auth: {client_secret: a}}"),
        {"ocean/prod"},
    ),
    "a key of its secrets": (
        STACK,
        "    ocean: {auth:",
        "    ocean: {prod: {auth: {client_idd: {secure: v1}}}, auth:",
        {"ocean/prod"},
    ),
    "values of another shape": (
        COMMUNITY,
        PROD,
        PROD.replace("}", ", values: {jupyterhub: {hub: 1}}}"),
        {"ocean/prod"},
    ),
    "an unknown chart": (COMMUNITY, PROD, PROD.replace("}", ", values: {jupyterhubb: {}}}"), {"ocean/prod"}),
    "a default": (
        STACK,
        "  imagebuilding:secrets:",
        "  imagebuilding:defaults: {cul: 1}\n  imagebuilding:secrets:",
        EVERYTHING,
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_only_the_hubs_with_a_mistake_are_left_out(repository: Repository, name: str) -> None:
    path, old, new, gone = MISTAKES[name]
    before = {hub.key: hub for hub in what_works(repository).hubs}
    assert before.keys() == EVERYTHING
    repository.replace(path, old, new)
    stack = what_works(repository)
    assert set(stack.left_out) == gone
    lost = {"ocean/prod", "ocean/staging"} if gone == {"ocean"} else gone & EVERYTHING or {"ocean/prod"}
    assert {hub.key for hub in stack.hubs} == EVERYTHING - lost
    assert all(hub == before[hub.key] for hub in stack.hubs), "the others are as they were"
    with pytest.raises(SettingsError) as refused:
        update(repository)
    assert refused.value.problems == stack.problems, "an update refuses the whole stack, for the same reasons"


STACK_WIDE = {
    "the cluster": ("{name: earth}", "{name: earth, timeout: x}"),
    "the registry": ("type: quay", "type: quey"),
    "a check of the registry": ("{type: quay, organization: earth}", "{type: oci, host: docker.io}"),
    "an unknown key": ("  imagebuilding:secrets:", "  imagebuilding:secret: {}\n  imagebuilding:secrets:"),
    "a secret in plain text": ('password: {secure: "v1:cipher"}', "password: hunter2"),
    "the operators": ("{name: earth}", "{name: earth, operators: {github: {allow: ['a b']}}}"),
}


@pytest.mark.parametrize("name", STACK_WIDE)
def test_a_mistake_of_the_stack_is_an_error_for_everything(repository: Repository, name: str) -> None:
    repository.stack(*STACK_WIDE[name])
    repository.replace(COMMUNITY, "admins: [ada]", "admins: ada")
    with pytest.raises(SettingsError) as error:
        load_what_works("earth", repository.root)
    assert f"{COMMUNITY}:2: auth.admins: must be a list" in str(error.value), "with the other mistakes"


def test_a_hub_that_is_left_out_says_why(repository: Repository) -> None:
    repository.replace(COMMUNITY, PROD, PROD.replace("}", ", stge: prod}"))
    stack = what_works(repository)
    for key in ("ocean/prod", "ocean-prod"):
        with pytest.raises(SettingsError, match="stge: unknown key"):
            stack.hub(key)
    assert stack.hub("ocean/staging").name == "staging"
    with pytest.raises(UnknownNameError):
        stack.hub("ocean/pord")
    repository.write(COMMUNITY, "[")
    with pytest.raises(SettingsError, match=r"ocean.yaml:2: is not valid YAML"):
        what_works(repository).hub("ocean/prod")


def test_nothing_is_said_of_hubs_that_are_left_out(repository: Repository) -> None:
    repository.stack("    reef: {auth: {client_id", "    reef: {auth: {client_secret: null, client_id")
    repository.stack('"v1:cipher"}, client_secret: {secure: "v1:cipher"}}}\n    ocean', '"v1:cipher"}}}\n    ocean')
    reef = (repository.root / REEF).read_text()
    repository.write(REEF, reef + "decommission: true\n")
    assert {hub for item in what_works(repository).todo for hub in item.hubs} == {"reef/prod", "reef/staging"}
    repository.write(REEF, reef + "values: {jupyterhub: {hub: 1}}\ndecommission: true\n")
    stack = what_works(repository)
    assert set(stack.left_out) == {"reef/prod", "reef/staging"}
    assert stack.todo == []
    assert not any("decommission" in str(warning) for warning in stack.warnings)


def test_mistakes_everywhere_leave_an_empty_stack(repository: Repository) -> None:
    for path in (COMMUNITY, REEF):
        repository.write(path, "[")
    stack = what_works(repository)
    assert stack.hubs == []
    assert set(stack.left_out) == {"ocean", "reef"}
    assert [Path(problem.source.file).stem for problem in stack.problems] == ["ocean", "reef"]
