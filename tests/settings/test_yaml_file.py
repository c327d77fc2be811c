"""YAML as Helm and Pulumi parse it, with line numbers, and one line for each error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hubs.settings.errors import SettingsError
from hubs.settings.layers import find, plain
from hubs.settings.yaml_file import parse, read


def error(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        parse(text, "f.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0755", 0o755),
        ("0o755", 0o755),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("-12", -12),
        ("0", 0),
        ("08", 8.0),  # not an octal number: Go's YAML reads a float
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("2026-07-28", "2026-07-28"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("12:30:45", "12:30:45"),
        ("null", None),
        ("~", None),
        ("", None),
        ('"5"', "5"),
        ("'true'", "true"),
        ("!!str 5", "5"),
        ("[]", []),
        ("{}", {}),
    ],
)
def test_scalars(text: str, value: Any) -> None:
    read_value = plain(parse(f"key: {text}\n", "f.yaml"), keep_null=True)["key"]
    assert read_value == value
    assert type(read_value) is type(value)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "null\n"])
def test_an_empty_file_is_an_empty_mapping(text: str) -> None:
    assert plain(parse(text, "f.yaml")) == {}


def test_each_value_knows_its_line() -> None:
    node = parse("a:\n  b: 1\n  c:\n    - x\n    - {y: 2}\n", "f.yaml")
    lines = {path: find(node, path).line for path in [("a",), ("a", "b"), ("a", "c", 0), ("a", "c", 1, "y")]}
    assert lines == {("a",): 1, ("a", "b"): 2, ("a", "c", 0): 4, ("a", "c", 1, "y"): 5}


def test_anchors_unfold_and_merge_keys_give_way() -> None:
    text = (
        "base: &base {a: 1, b: 1}\nother: &other {b: 2, c: 2}\nboth: {<<: [*base, *other], c: 3}\none:\n  <<: *base\n"
    )
    data = plain(parse(text, "f.yaml"))
    assert data["both"] == {"a": 1, "b": 1, "c": 3}
    assert data["one"] == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: a: duplicate key; first defined on line 1"),
        ("x:\n  y: {z: 1,\n      z: 2}\n", "f.yaml:3: z: duplicate key; first defined on line 2"),
        ("a: &a [*a]\n", "f.yaml:1: an anchor must not contain itself"),
        ("a: &a\n  b: {c: *a}\n", "f.yaml:1: an anchor must not contain itself"),
        ("a: *nowhere\n", "f.yaml:1: is not valid YAML: found undefined alias"),
        ("a: [1\nb: 2\n", "f.yaml:2: is not valid YAML: did not find expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", "f.yaml:2: is not valid YAML: found a tab character that violates indentation"),
        ("a: 1\nb: \x07\n", "f.yaml:2: is not valid YAML: control characters are not allowed"),
        ("- a\n", "f.yaml:1: the top level must be a mapping of keys to values"),
        ("just words\n", "f.yaml:1: the top level must be a mapping of keys to values"),
        ("a: 1\n? [1]\n: 2\n", "f.yaml:2: a key must be text"),
        (
            "a: !!python/object:os.system {}\n",
            "f.yaml:1: the YAML tag 'tag:yaml.org,2002:python/object:os.system' is not supported",
        ),
        ("a: !ruby x\n", "f.yaml:1: the YAML tag '!ruby' is not supported"),
        ("<<: 5\n", "f.yaml:1: '<<' can merge only mappings"),
    ],
)
def test_what_is_wrong_is_one_line(text: str, message: str) -> None:
    assert error(text) == message


def test_deep_nesting_is_refused() -> None:
    assert error("a: " + "[" * 100 + "]" * 100) == "f.yaml:1: is nested more than 60 levels deep"


def test_very_deep_nesting_is_refused() -> None:
    assert error("a: " + "[" * 50_000 + "]" * 50_000).startswith("f.yaml")


def test_anchors_that_unfold_to_too_much_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert error("\n".join(lines)).endswith(": anchors expand to more than 200000 values")


def test_files(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"

    def read_error() -> str:
        with pytest.raises(SettingsError) as caught:
            read(file, "f.yaml")
        return str(caught.value)

    assert read_error() == "f.yaml: can't be read: No such file or directory"
    file.write_bytes(b"a: \xff\n")
    assert read_error() == "f.yaml: is not UTF-8 text"
    file.write_text("a: " + "x" * 1_000_001)
    assert read_error() == "f.yaml: is over 1 MB: settings are small; keep data in other files"
    file.write_text("a: ä\n", encoding="utf-8")
    assert plain(read(file, "f.yaml")) == {"a": "ä"}
