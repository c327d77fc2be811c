"""A renamed file or hub is recognised before its secrets are missed."""

from __future__ import annotations

import pytest

from tests.repository import OCEAN, Repository
from tests.settings.test_todo import update_errors

COMMUNITY, STACK = "stacks/earth/ocean.yaml", "stacks/Pulumi.earth.yaml"
SECRET = '{auth: {client_id: {secure: "v1:c"}, client_secret: {secure: "v1:c"}}}'
SHARED = f"    ocean: {SECRET}\n".replace("v1:c", "v1:cipher")


@pytest.fixture
def repository(repository: Repository) -> Repository:
    """Return a stack whose hubs have secrets of their own."""
    repository.stack(SHARED, f"    ocean:\n      staging: {SECRET}\n      prod: {SECRET}\n")
    return repository


def said(repository: Repository) -> list[str]:
    """Return the to-dos and the warnings about secrets; an update refuses the to-dos."""
    stack = repository.load()
    todo = [str(item) for item in stack.todo]
    assert update_errors(repository) == sorted(todo)
    return [*todo, *(str(item) for item in stack.warnings if "secrets" in item.path)]


def rename_file(repository: Repository, name: str = "sea") -> None:
    (repository.root / COMMUNITY).rename(repository.root / f"stacks/earth/{name}.yaml")


def test_a_renamed_file_is_one_line(repository: Repository) -> None:
    rename_file(repository)
    assert said(repository) == [
        f"{STACK}:8: sea: ocean was renamed to sea, but its secrets were not: rename the key ocean below "
        "imagebuilding:secrets to sea too; if its hubs are deployed, also write renamed_from: ocean/HUB into each"
    ]
    repository.stack("    ocean:\n", "    sea:\n")
    assert said(repository) == [], "what it says is all"


def test_secrets_of_the_whole_community_are_recognised_too(repository: Repository) -> None:
    repository.stack(f"    ocean:\n      staging: {SECRET}\n      prod: {SECRET}\n", SHARED)
    rename_file(repository)
    (line,) = said(repository)
    assert "sea: ocean was renamed to sea" in line


def test_a_renamed_hub_is_one_line(repository: Repository) -> None:
    repository.replace(COMMUNITY, "  prod:", "  main:")
    assert said(repository) == [
        f"{STACK}:10: ocean/main: ocean/prod was renamed to ocean/main, but its secrets were not: rename the key prod "
        "below imagebuilding:secrets.ocean to main too; if it is deployed, also write renamed_from: prod into it"
    ]
    repository.stack("      prod:", "      main:")
    assert said(repository) == []


def test_renamed_from_is_asked_for_once(repository: Repository) -> None:
    repository.replace(COMMUNITY, "  prod: {", "  main: {renamed_from: prod, ")
    (line,) = said(repository)
    assert line.endswith("rename the key prod below imagebuilding:secrets.ocean to main too")


def test_other_missing_secrets_are_missed_as_before(repository: Repository) -> None:
    """Secrets that are unused, and new names that lack some, are a rename only if it is clear which is which."""
    repository.write("stacks/earth/reef.yaml", OCEAN.replace("ocean.example.org", "reef.example.org"))
    assert len(said(repository)) == 2, "a new community, and no name is free"
    rename_file(repository)
    lines = said(repository)
    assert len(lines) == 5
    assert "imagebuilding:secrets.ocean: is not used" in lines[-1]
    assert not any("was renamed" in line for line in lines)


def test_hubs_with_other_names_are_no_rename(repository: Repository) -> None:
    rename_file(repository)
    text = (repository.root / "stacks/earth/sea.yaml").read_text()
    repository.write("stacks/earth/sea.yaml", text.replace("staging:", "one:").replace("prod:", "two:"))
    assert not any("was renamed" in line for line in said(repository))


def test_a_file_with_a_mistake_is_no_rename(repository: Repository) -> None:
    repository.write("stacks/earth/reef.yaml", OCEAN.replace("ocean.example.org", "reef.example.org"))
    repository.write(COMMUNITY, "[")
    assert not any("was renamed" in line for line in update_errors(repository))
