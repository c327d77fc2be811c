"""The threat model: every threat names what stops it and a test, and every test exists."""

from __future__ import annotations

import ast
import re

import pytest

from tests.repository import ROOT

PAGE = (ROOT / "docs" / "explanation" / "threats.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("| ").split(" | "))
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| Threat")
]


def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_each_threat_has_a_test(row: tuple[str, ...]) -> None:
    threat, stop, tests = row
    assert threat
    assert stop
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", tests)
    assert named
    assert ", ".join(f"`{path}::{name}`" for path, name in named) == tests
    assert [f"{path}::{name}" for path, name in named if name not in functions(path)] == []


def test_everyone_who_could_attack_is_there() -> None:
    assert re.findall(r"^## (.+)$", PAGE, re.M) == [
        "A user of a hub",
        "A repository that someone builds",
        "The maintainer of a community",
        "A fork",
        "Someone who may push a branch",
        "On an operator's laptop",
    ]
    assert len(ROWS) > 25


def test_how_to_report_is_found() -> None:
    assert "docs/explanation/threats.md" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "SECURITY.md" in (ROOT / "README.md").read_text(encoding="utf-8")
