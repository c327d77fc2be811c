from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubs.preview.diff.leaves import MISSING, Change, changes, dotted, leaves

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab.[", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "slug", "a", "b.c"]), inner, max_size=3)
    ),
    max_leaves=12,
)


def same(old: Any, new: Any) -> bool:
    """Return whether two values are equal, where true and 1 are different."""
    return repr(old) == repr(new) if not isinstance(old, dict) else _same_mappings(old, new)


def _same_mappings(old: dict[str, Any], new: Any) -> bool:
    return isinstance(new, dict) and old.keys() == new.keys() and all(same(old[key], new[key]) for key in old)


@given(PLAIN)
def test_nothing_differs_from_itself(value: Any) -> None:
    assert changes(value, value) == []


@given(PLAIN, PLAIN)
def test_a_difference_is_always_found(old: Any, new: Any) -> None:
    if old != new:
        assert changes(old, new)


@given(PLAIN, PLAIN)
def test_the_other_way_round_is_the_opposite(old: Any, new: Any) -> None:
    assert bool(changes(old, new)) == bool(changes(new, old))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": None}, {}, [("a", None, MISSING)]),
        ({}, {"a": {"b": 1}}, [("a", MISSING, {"b": 1})]),
        ({"a.b": 1}, {"a.b": 2}, [('"a.b"', 1, 2)]),
        ({"l": [1, 2]}, {"l": [2, 1]}, [("l", [1, 2], [2, 1])]),
        (
            {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"env": [{"name": "B", "value": "3"}, {"name": "A", "value": "1"}]},
            [("env[B].value", "2", "3"), ("env[order]", ["[A]", "[B]"], ["[B]", "[A]"])],
        ),
        (
            {"p": [{"slug": "x", "n": 1}]},
            {"p": [{"slug": "x", "n": 1}, {"slug": "y"}]},
            [("p[y]", MISSING, {"slug": "y"})],
        ),
        ({"r": [{"host": "a", "x": 1}]}, {"r": [{"host": "b", "x": 1}]}, [("r[a].host", "a", "b")]),
        ({"t": [{"x": 1}, {"x": 2}]}, {"t": [{"x": 0}, {"x": 1}, {"x": 2}]}, [("t[0]", MISSING, {"x": 0})]),
        ({"t": [{"x": 1}]}, {"t": [{"x": 2}]}, [("t[0].x", 1, 2)]),
    ],
)
def test_what_is_said_of_a_difference(old: Any, new: Any, expected: list[tuple[str, Any, Any]]) -> None:
    assert [(dotted(change.path), change.old, change.new) for change in changes(old, new)] == expected


def test_leaves_reach_into_lists() -> None:
    found = dict(leaves({"a": {"b": [{"name": "x", "c": [1, 2]}]}, "d": {}}))
    assert found == {("a", "b", "[x]", "name"): "x", ("a", "b", "[x]", "c"): [1, 2], ("d",): {}}


def test_below_looks_from_further_in() -> None:
    assert Change(("stringData", "values.yaml", "a"), 1, 2).below(2) == Change(("a",), 1, 2)
