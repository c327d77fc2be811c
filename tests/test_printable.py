"""Text that people wrote can't move the cursor, add a line or hide anything."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hubs.errors import UserError
from hubs.printable import LONGEST, one_line, printable
from hubs.settings.errors import Problem, SettingsError
from hubs.settings.layers import Source

TEXT = st.text(st.characters(exclude_categories=()), max_size=50)
HOSTILE = "a\x1b[2Jb\rc\nd\x85e\u2028f\u202eg\x9bh\ud800i\x00"


def clean(text: str) -> bool:
    """Whether no character is one that a terminal acts on, or that reorders text."""
    return not any(unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" for c in text)


@given(TEXT)
def test_everything_hidden_is_escaped(text: str) -> None:
    assert clean(printable(text))


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_everything_else_stays(text: str) -> None:
    assert printable(text) == text


def test_escapes_are_pythons() -> None:
    assert printable(HOSTILE) == "a\\x1b[2Jb\\rc\\nd\\x85e\\u2028f\\u202eg\\x9bh\\ud800i\\x00"


def test_a_long_line_keeps_both_ends() -> None:
    line = one_line("stacks/a.yaml:1: x: " + "y" * 5000 + ": write z instead")
    assert len(line) == LONGEST
    assert line.startswith("stacks/a.yaml:1: x: ")
    assert line.endswith(": write z instead")
    assert "more characters" in line


@given(TEXT, TEXT, TEXT, st.integers(1, 3))
def test_an_error_has_one_line_for_each_problem(file: str, path: str, message: str, count: int) -> None:
    problems = [Problem(Source(file, line), path, message * 100) for line in range(1, count + 1)]
    for error in (SettingsError(problems), UserError(*(f"{path}{message}" for _ in problems))):
        lines = str(error).split("\n")
        assert len(lines) == count
        assert all(clean(line) and len(line) <= LONGEST for line in lines)
        assert str(error).splitlines() == lines or not all(lines)
