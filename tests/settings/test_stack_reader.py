"""Whether a stack is for demonstrations, read without a YAML parser: the same answer as with one, or none."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hubs.settings.errors import SettingsError
from hubs.settings.yaml_file import parse
from hubs.stack_reader import PATH, UnsureError, is_demonstration
from tests.repository import ROOT


def ask(folder: Path, text: str) -> bool | None:
    """Return the answer for a stack file with this text, or None if there is none."""
    (folder / "stacks").mkdir(exist_ok=True)
    (folder / "stacks" / "Pulumi.mars.yaml").write_text(text, encoding="utf-8", newline="")
    try:
        return is_demonstration("mars", folder)
    except UnsureError as error:
        assert str(error).startswith("stacks/Pulumi.mars.yaml:")
        assert str(error).count("\n") == 0
        return None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("config:\n  imagebuilding:cluster: {name: mars, demonstration: true}\n", True),
        ("config:\n  imagebuilding:cluster:\n    name: mars\n    demonstration: true # yes\n", True),
        ("config:\n  'imagebuilding:cluster':\n    \"demonstration\": True\n", True),
        ("config: {imagebuilding:cluster: {name: mars,\n  # a comment, {\n  demonstration: TRUE}}\n", True),
        ("config:\n  imagebuilding:cluster: {demonstration: false}\n", False),
        ("config:\n  imagebuilding:cluster: {name: mars} # demonstration: true\n", False),
        ('config:\n  imagebuilding:cluster: {operators: {google: {admins: ["x demonstration: true"]}}}\n', False),
        ("config:\n  x: |\n    imagebuilding:cluster: {demonstration: true}\n  imagebuilding:cluster: {}\n", False),
        ("config:\n  imagebuilding:defaults:\n    demonstration: true\n", False),
        ("config:\n  imagebuilding:cluster:\n    ingress: {demonstration: true}\n", False),
        ("imagebuilding:cluster: {demonstration: true}\n", False),
        ("config:\n  imagebuilding:cluster:\n    operators:\n    - demonstration: true\n    - x\n", False),
        ("config:\n  it's: the demonstration: true\n", None),
        ("config:\n  imagebuilding:cluster: {demonstration: 'true'}\n", None),
        ("config:\n  imagebuilding:cluster: {demonstration: yes}\n", None),
        ("config:\n  imagebuilding:cluster: &x\n    demonstration: true\n", None),
        ("x: &x {demonstration: true}\nconfig:\n  imagebuilding:cluster:\n    <<: *x\n", None),
        ("config:\n  imagebuilding:cluster: '{\"demonstration\": true}'\n", None),
        ('config:\n  x: "\n  imagebuilding:cluster: {demonstration: true}\n  "\n', None),
        ("config:\n  x: a\n   'b\n  imagebuilding:cluster: {demonstration: true}\n  y: '\n", None),
        ("config:\n  imagebuilding:cluster: {demonstration: true}\n---\nconfig: {}\n", None),
        ("demonstration: " + "[" * 100_000, None),
        ("config: {imagebuilding:cluster: {}}", False),
        ("", False),
    ],
)
def test_answers(tmp_path: Path, text: str, answer: bool | None) -> None:
    assert ask(tmp_path, text) is answer


def test_the_example_stacks(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    assert {name: is_demonstration(name, tmp_path) for name in ("demo", "earth", "mars")} == {
        "demo": True,
        "earth": False,
        "mars": False,
    }


_WORDS = st.sampled_from(
    [*PATH, "demonstration: true", "x demonstration: true", "name", "mars", "it's", '"', "a: b", "- c", "#d", "true"]
)
_SCALARS = st.one_of(_WORDS, st.booleans(), st.none(), st.integers(-3, 3), st.text("ab :#'\"\n-{}[],|&*", max_size=12))
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_WORDS, inner, max_size=3)),
    max_leaves=10,
)
_CLUSTERS = st.one_of(
    _TREES,
    st.dictionaries(_WORDS, _TREES, max_size=3),
    st.fixed_dictionaries({"name": _SCALARS, "demonstration": st.booleans()}, optional={"operators": _TREES}),
)
_FILES = st.one_of(
    _TREES,
    st.fixed_dictionaries(
        {"config": st.fixed_dictionaries({"x": _TREES, "imagebuilding:cluster": _CLUSTERS, "y": _TREES})}
    ),
)


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """YAML in any style, in which a few characters were changed."""
    text = yaml.safe_dump(
        draw(_FILES),
        default_flow_style=draw(st.sampled_from([True, False, None])),
        default_style=draw(st.sampled_from([None, None, None, "'", '"', "|"])),
        width=draw(st.sampled_from([20, 80, 10_000])),
        indent=draw(st.sampled_from([2, 4])),
        sort_keys=False,
    )
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        removed = draw(st.integers(0, 2))
        added = draw(st.text(" \n:#'\"-{}[],|>&*!?%\t\\\r\ufeff\u2028abtrue", max_size=3))
        text = text[:at] + added + text[at + removed :]
    return text


@settings(max_examples=600)
@given(text=_texts())
def test_never_another_answer_than_the_parser(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    answer = ask(tmp_path_factory.getbasetemp(), text)
    assume(answer is not None)
    try:
        node: Any = parse(text, "stacks/Pulumi.mars.yaml")
    except SettingsError:
        return  # such a file is refused everywhere else
    for key in PATH:
        node = node.get(key) if node is not None and node.is_mapping else None
    assert answer is (node is not None and node.value is True)
