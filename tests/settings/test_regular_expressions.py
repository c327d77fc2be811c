"""The program's expressions match in a short time. Python and browsers understand those of communities alike."""

from __future__ import annotations

import ast
import importlib
import json
import random
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hubs.settings.javascript import not_javascript
from hubs.settings.regular_expressions import growth
from tests.repository import ROOT

SEARCHES = {"search", "findall", "finditer", "sub", "subn", "split"}
USES = {"compile", "match", "fullmatch"} | SEARCHES
TRIMMING = r"\s+$"  # quadratic if it is searched for


@pytest.mark.parametrize(
    ("pattern", "search", "expected"),
    [
        ("a*b*c*", False, "linear"),
        ("[a-z]([-a-z0-9]{0,61}[a-z0-9])?", False, "linear"),
        ("([^,]*,)*x", False, "linear"),
        (r"\b(\w+)=", True, "linear"),
        (r"^\w+=", True, "linear"),
        ("a*a*b", False, "polynomial"),
        ("^.+:.+$", False, "polynomial"),
        (TRIMMING, False, "linear"),
        (TRIMMING, True, "polynomial"),
        (r"(\w+)=", True, "polynomial"),
        ("(a+)+b", False, "exponential"),
        ("(a|aa)*b", False, "exponential"),
        ("(a*b*)*c", False, "exponential"),
        ("x(?=(a+)+b)y", False, "exponential"),
        ("(a{1,9})*b", False, "exponential"),
        ("([a-z0-9][-._a-z0-9]*/?)*", False, "exponential"),
        (r"(\d+|\w+)*!", False, "exponential"),
        (r"^(([a-z])+.)+[A-Z]([a-z])+$", False, "exponential"),
    ],
)
def test_growth(pattern: str, search: bool, expected: str) -> None:
    assert growth(pattern, search=search) == expected


def test_what_matches_already_needs_no_other_way() -> None:
    for pattern in (r"(?:[ \n]|#[^\n]*)*", "a*a*", "`+"):
        assert growth(pattern, whole=False) == "linear", pattern
        assert growth(pattern + "$", whole=False) != "linear" or pattern == "`+"
    assert growth("[^a-z]+", search=True, whole=False) == "linear"
    assert growth("(?:(?:a+)+b)*", whole=False) == "exponential"


def expressions(path: Path) -> Iterator[tuple[str, int, bool, bool]]:
    """Yield pattern, flags, whether it is searched for, and whether the whole text has to match, of each expression in
    a file of the program."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    used = [
        (node.func.value.id, node.func.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    ]
    names = {
        node.value: target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = ast.unparse(node.func)
        if called != "matching" and not (called.startswith("re.") and called[3:] in USES):
            continue
        uses = {called.removeprefix("re.")}
        if called == "re.compile":
            # Without a name it is given to a library, and an imported one is used elsewhere.
            uses = {use for name, use in used if name == names.get(node)} or {"match", "fullmatch"}
        search, whole = bool(uses & SEARCHES), bool(uses & {"matching", "fullmatch"})
        flags = next((item.value for item in node.keywords if item.arg == "flags"), None)
        flags = flags or next((arg for arg in node.args[1:] if ast.unparse(arg).startswith("re.")), None)
        number = int(eval(ast.unparse(flags), {"re": re})) if flags is not None else 0
        try:
            pattern: Any = ast.literal_eval(node.args[0])
        except ValueError:
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            try:
                pattern = eval(ast.unparse(node.args[0]), vars(module))
            except (NameError, AttributeError):
                continue  # a variable of a function: the expression stands elsewhere
        if isinstance(pattern, str):
            yield pattern, number, search, whole


def program() -> list[tuple[str, str, int, bool, bool]]:
    found = []
    for folder in ("hubs", "components", "scripts", "docs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for item in expressions(path):
                found.append((str(path.relative_to(ROOT)), *item))
    return found


def test_the_program_has_linear_expressions_only() -> None:
    found = program()
    assert len(found) > 40, "the program's expressions were not found"
    slow = [item for item in found if growth(item[1], item[2], search=item[3], whole=item[4]) != "linear"]
    assert slow == []


def patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for value in schema.values():
            yield from patterns(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from patterns(value)


def test_editors_get_linear_expressions_only() -> None:
    found = {
        pattern
        for name in ("community", "stack")
        for pattern in patterns(json.loads((ROOT / f"stacks/{name}.schema.json").read_text(encoding="utf-8")))
    }
    assert len(found) > 10
    assert [pattern for pattern in found if growth(pattern, search=True) != "linear"] == []
    assert [pattern for pattern in found if not_javascript(pattern)] == []


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("^.+:.+$", None),
        (r"^quay\.io/(?:ocean|reef)/[^\s:]+:[\w.\-]{1,128}$", None),
        (r"(?<!a)b{2,}?\1(x)", None),
        ("(?P<name>a)", "'(?P' is not known to JavaScript"),
        ("(?i)a", "'(?i' is not known to JavaScript"),
        (r"\Aa\Z", "'\\\\A' is not the same in JavaScript"),
        ("[]a]", "'[]' is not the same in JavaScript"),
        ("a{,3}", "'{,n}' is text in JavaScript: write {0,n}"),
        ("a++", "'++' is not known to JavaScript"),
        ("(?>a)", "'(?>' is not known to JavaScript"),
        ("(?<=a)*", "a lookbehind can't be repeated in JavaScript"),
        ("[😀-😂]", "'[😀' is not the same in JavaScript"),
    ],
)
def test_what_javascript_understands(pattern: str, reason: str | None) -> None:
    assert not_javascript(pattern) == reason


PIECES = [
    *("a", ".", "^", "$", "|", "(", ")", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?P<n>", "(?P=n)", "(?i)", "(?i:"),
    *("(?>", "(?#c)", "*", "+", "?", "{2}", "{2,}", "{2,3}", "{,3}", "{", "}", "[", "]", "[^", "-", "a-z", "&&", "--"),
    *(r"\d", r"\w", r"\s", r"\A", r"\Z", r"\b", r"\B", r"\1", r"\2", r"\0", r"\01", r"\x41", r"\u0041"),
    *(r"\U00000041", r"\N{DASH}", r"\-", r"\/", r"\a", r"\t", r"\é", r"\_", r"\c", "é", "😀", ":", ",", "/", "9", "~"),
]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on PATH: no JavaScript to compare with")
def test_javascript_agrees(tmp_path: Path) -> None:
    chosen = random.Random(7)
    accepted = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(60_000):
            pattern = "".join(chosen.choice(PIECES) for _ in range(chosen.randint(1, 8)))
            try:
                re.compile(pattern)
            except re.error:
                continue
            if not_javascript(pattern) is None:
                accepted.append(pattern)
    assert len(accepted) > 5_000
    (tmp_path / "patterns.json").write_text(json.dumps(accepted))
    code = (
        "const refused = [];"
        "for (const p of JSON.parse(require('fs').readFileSync(process.argv[1]))) {"
        "  try { new RegExp(p, 'g') } catch (error) { refused.push(p) } }"
        "console.log(JSON.stringify(refused))"
    )
    done = subprocess.run(
        ["node", "-e", code, str(tmp_path / "patterns.json")], capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(done.stdout) == []
