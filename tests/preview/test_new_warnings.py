"""Which warnings of new settings are new."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubs.preview.diff.new_warnings import new_warnings
from hubs.preview.values import load_what_works
from hubs.settings.errors import Problem
from hubs.settings.layers import Source
from hubs.settings.stack import Stack
from tests.repository import Repository

KNOWN = [
    Problem(Source("Pulumi.yaml", 3), "ocean/staging, ocean/prod: hub_image", "is old"),
    Problem(Source("stack.yaml", 1), "registry", "one account pulls the images of ocean/staging, ocean/prod; write x"),
    Problem(Source("stack.yaml", 1), "many and 1 more hubs: hub_image", "x", ("ocean/staging", "ocean/prod")),
]


@pytest.fixture
def stack(repository: Repository) -> Stack:
    """A stack with the hubs ocean/staging and ocean/prod."""
    found = load_what_works("earth", repository.root)
    assert {hub.key for hub in found.hubs} == {"ocean/staging", "ocean/prod"}
    return replace(found, warnings=KNOWN)


@pytest.mark.parametrize(
    ("path", "message", "new"),
    [
        ("ocean/staging, ocean/prod: hub_image", "is old", False),
        ("ocean/prod: hub_image", "is old", False),
        ("ocean/prod: hub_image", "is very old", True),
        ("ocean/prod: image", "is old", True),
        ("registry", "one account pulls the images of ocean/prod; write x", False),
        ("registry", "one account pulls the images of ocean/prod; write y", True),
        ("other/ocean/prod: hub_image", "is old", True),
    ],
)
def test_only_what_was_not_said_before(stack: Stack, path: str, message: str, new: bool) -> None:
    problem = Problem(Source("Pulumi.yaml", 9), path, message)
    assert list(new_warnings(stack, replace(stack, warnings=[problem]))) == [problem] * new


def test_a_hub_that_had_no_such_warning(stack: Stack) -> None:
    before = replace(stack, warnings=[Problem(Source("Pulumi.yaml", 3), "ocean/staging: hub_image", "is old")])
    assert list(new_warnings(before, stack)) == KNOWN


def test_a_stack_that_appears_or_disappears(stack: Stack) -> None:
    assert list(new_warnings(None, stack)) == KNOWN
    assert list(new_warnings(stack, None)) == []
