"""YAML as Helm and Pulumi parse it, with line numbers, and one line for each error."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hubs import yaml_text
from hubs.settings.errors import SettingsError
from hubs.settings.layers import find, plain
from hubs.settings.yaml_file import parse, read
from tests.repository import ROOT


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
        ("18446744073709551616", 2.0**64),  # Go's YAML too reads more than 64 bits as a float
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
        ("a: 1\nb: .inf\n", "f.yaml:2: is not a number that JSON can have: write text in quotes"),
        ("a: [.NaN]\n", "f.yaml:1: is not a number that JSON can have: write text in quotes"),
        ("a: 1e999\n", "f.yaml:1: is not a number that JSON can have: write text in quotes"),
        (f"a: {'9' * 400}\n", "f.yaml:1: is not a number that JSON can have: write text in quotes"),
        ("a: 1\nb: \ud800\n", "f.yaml:2: is not valid YAML: half of a surrogate pair is not a character"),
        ('a: "\\ud83c\\udf84"\n', "f.yaml:1: is not valid YAML: found invalid Unicode character escape code"),
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

    assert read_error() == "f.yaml:1: can't be read: No such file or directory"
    file.write_bytes(b"a: \xff\n")
    assert read_error() == "f.yaml:1: is not UTF-8 text"
    file.write_text("a: " + "x" * 1_000_001)
    assert read_error() == "f.yaml:1: is over 1 MB: settings are small; keep data in other files"
    file.write_text("a: ä\n", encoding="utf-8")
    assert plain(read(file, "f.yaml")) == {"a": "ä"}


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device", "null in the name"])
def test_only_regular_files_are_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "f.yaml"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "socket":
            socket.socket(socket.AF_UNIX).bind(str(path))
        case "device":
            path = Path("/dev/zero")
        case _:
            path = tmp_path / "\0"
    with pytest.raises(SettingsError, match=r"^f\.yaml:1: (is not a regular file|can't be read: )"):
        read(path, "f.yaml")


def test_the_line_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_bytes(b"a: 1\nb: 2\nc: \xff\n")
    with pytest.raises(SettingsError, match=r"^f\.yaml:3: is not UTF-8 text$"):
        read(tmp_path / "f.yaml", "f.yaml")


@given(st.binary(max_size=200) | st.text("[]{}:-,&*!|>'\"%@`?#\n\t a1", max_size=200).map(str.encode))
def test_no_bytes_are_more_than_an_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    try:
        read(path, "f.yaml")
    except SettingsError as found:
        assert re.match(r"f\.yaml:[0-9]+: .", str(found))
        assert str(found).isprintable()


@pytest.mark.parametrize("text", ["[", "{a: ", "- ", "? ", "a: {b: [", "[a: "])
def test_nesting_of_every_kind_is_refused(text: str) -> None:
    said = error(text * 50_000)
    assert "is nested more than 60 levels deep" in said or "is not valid YAML" in said
    with pytest.raises(yaml.YAMLError):
        yaml_text.load(text * 100_000)


def test_rendered_aliases_that_expand_to_too_much_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    for text in ("\n".join(lines), "a: &a [*a]", "a: &a {b: *a}"):
        with pytest.raises(yaml.YAMLError, match="aliases expand to more than"):
            yaml_text.load(text)
    assert yaml_text.load("a: &a [1]\nb: *a") == [{"a": [1], "b": [1]}]


def test_one_module_reads_files_and_one_reads_what_helm_rendered() -> None:
    """Each call of PyYAML's readers elsewhere would be without their guards."""
    readers = re.compile(r"yaml\.(?:safe_|full_|unsafe_)?(?:load|load_all|compose|compose_all|parse|scan)\b|SafeLoader")
    sources = [path for folder in ("hubs", "components", "scripts", "docs") for path in (ROOT / folder).rglob("*.py")]
    found = {
        str(path.relative_to(ROOT)) for path in [*sources, ROOT / "__main__.py"] if readers.search(path.read_text())
    }
    assert found == {"hubs/settings/yaml_file.py", "hubs/yaml_text.py"}
