"""Every setting says what it touches."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from hubs.settings.auth import AnyAuth
from hubs.settings.marks import groups, mark_of
from hubs.settings.touches import DANGEROUS, becomes, each, fewer, higher, lower, more, narrower, touches
from tests.settings.kinds import kinds_of
from tests.settings.models import fields_of, reachable


@pytest.mark.parametrize("model", reachable(), ids=lambda model: model.__name__)
def test_every_setting_has_a_mark(model: type[BaseModel]) -> None:
    """A setting that consists of others needs none, because they have theirs."""
    missing = [name for name, field in fields_of(model) if not groups(field) and mark_of(field) is None]
    assert missing == [], "write touches(...) beside the type: what does a change of it affect?"


@pytest.mark.parametrize("model", reachable(), ids=lambda model: model.__name__)
def test_a_mark_says_what_happens(model: type[BaseModel]) -> None:
    for name, field in fields_of(model):
        marks = [item for item in field.metadata if isinstance(item, touches)]
        assert len(marks) <= 1, name
        for mark in marks:
            if mark.what in DANGEROUS and model.__name__ != "SharedDirectory":  # as one sentence, in its rule
                assert mark.effect or (mark.gained and mark.lost), f"{name}: nobody learns what it means"
            for text in (mark.effect, mark.otherwise, mark.subject, mark.gained, mark.lost):
                assert not text.endswith("."), name
        items = [item for item in field.metadata if isinstance(item, each)]
        assert all("{}" in item.name for item in items), name


def test_the_kinds_of_a_choice_are_found() -> None:
    assert set(kinds_of(AnyAuth)) < set(reachable())


def test_directions() -> None:
    assert fewer(["a", "b"], ["b"])
    assert fewer({"a": 1, "b": 2}, {"a": 1})
    assert not fewer({"a": 1}, {"a": 2})
    assert not fewer(["a"], ["a", "b"])
    assert fewer(["a"], None)
    assert more([], ["a"])
    assert narrower([], ["a"])
    assert narrower(["a", "b"], ["a"])
    assert not narrower(["a"], [])
    assert not narrower(["a"], ["b"])
    assert lower(None, 5)
    assert lower(5, 4)
    assert not lower(5, None)
    assert higher(4, 5)
    assert becomes(False, None)(True, None)
    assert not becomes(False)(True, 0.5)
