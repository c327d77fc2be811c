"""The rule that merges layers."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hubs.settings.layers import Node, Source, find, leaves, located, merge, plain

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(st.sampled_from("abc"), DATA, max_size=3)


def tree(data: Any, file: str = "f") -> Node:
    return located(data, Source(file))


EMPTY = tree({}, "empty")


def merged(*layers: Any) -> Any:
    result = EMPTY
    for layer in layers:
        result = merge(result, tree(layer))
    return plain(result)


def without_nulls(data: Any) -> Any:
    """An independent version of `plain`: removes null keys of mappings, and keeps lists."""
    if isinstance(data, dict):
        return {key: without_nulls(value) for key, value in data.items() if value is not None}
    return data


def expected(lower: Any, upper: Any) -> Any:
    """The shortest form of the rule."""
    if not isinstance(upper, dict):
        return upper
    if not isinstance(lower, dict):
        return without_nulls(upper)
    result = dict(lower)
    for key, value in upper.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = expected(result.get(key), value)
    return result


@given(MAPPINGS)
def test_the_empty_layer_changes_nothing(data: Any) -> None:
    assert merge(EMPTY, tree(data)).value == tree(data).value
    assert merge(tree(data), EMPTY) == tree(data)


@given(MAPPINGS, MAPPINGS, MAPPINGS)
def test_grouping_does_not_matter(first: Any, second: Any, third: Any) -> None:
    a, b, c = tree(first, "1"), tree(second, "2"), tree(third, "3")
    left, right = merge(merge(a, b), c), merge(a, merge(b, c))
    assert plain(left) == plain(right)
    assert plain(left, keep_null=True) == plain(right, keep_null=True)
    assert [(path, leaf.source) for path, leaf in leaves(left)] == [(path, leaf.source) for path, leaf in leaves(right)]


@given(MAPPINGS)
def test_a_layer_over_itself_changes_nothing(data: Any) -> None:
    assert merged(data, data) == merged(data)


@given(MAPPINGS, MAPPINGS)
def test_mappings_merge_and_everything_else_replaces(lower: Any, upper: Any) -> None:
    assert merged(lower, upper) == expected(without_nulls(lower), upper)


@given(MAPPINGS, st.sampled_from("abc"))
def test_null_removes(data: Any, key: str) -> None:
    assert merged(data, {key: None}) == {name: value for name, value in merged(data).items() if name != key}


@given(MAPPINGS, MAPPINGS)
def test_each_value_knows_the_layer_that_said_it(lower: Any, upper: Any) -> None:
    said = dict(leaves(tree(upper, "upper")))
    for path, leaf in leaves(merge(tree(lower, "lower"), tree(upper, "upper"))):
        if leaf.value != {}:  # an empty mapping sets nothing
            assert leaf.source.file == ("upper" if path in said else "lower")
            assert leaf.value == (said[path].value if path in said else leaf.value)


def test_a_mapping_over_a_null_starts_anew() -> None:
    assert merged({"a": {"old": 1}}, {"a": None}, {"a": {"new": 2}}) == {"a": {"new": 2}}
    assert merged({"a": {"old": 1}}, {"a": 5}, {"a": {"new": 2}}) == {"a": {"new": 2}}


def test_nulls_in_lists_mean_something() -> None:
    assert merged({"list": [{"mem_limit": None}, None]}) == {"list": [{"mem_limit": None}, None]}


def test_find_stops_at_the_nearest_parent_that_exists() -> None:
    inner = Node({"b": Node([Node(1, Source("f", 3))], Source("f", 2))}, Source("f", 1))
    node = Node({"a": inner}, Source("f", 0))
    lines = {(): 0, ("a",): 1, ("a", "x"): 1, ("a", "b", 0): 3, ("a", "b", 7): 2, ("a", "b", "x"): 2}
    assert {path: find(node, path).line for path in lines} == lines
