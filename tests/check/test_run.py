"""Checks in parallel: a failing check does not hide others, and no secret is shown."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator

import pytest

from hubs.check import report
from hubs.check.findings import CannotCheckError, Check, Finding, Result, Status, failed, ok, unchecked, warning
from hubs.check.run import run


def broken() -> Result:
    raise RuntimeError("MARKER-secret and\nmore")


def half() -> Iterator[Result]:
    yield ok("the first half")
    raise CannotCheckError("the second half is out of reach", "come nearer")


def test_a_check_that_breaks_hides_no_other_and_says_nothing_of_its_error() -> None:
    checks = [Check("a", "one", broken), Check("a", "two", lambda: ok("fine")), Check("a", "three", lambda: 1 / 0)]  # type: ignore[arg-type, return-value]
    findings = run(checks, set(), lambda _: None)
    assert [f.status for f in findings] == [Status.UNCHECKED, Status.OK, Status.UNCHECKED]
    assert findings[0].message.startswith("this check crashed (RuntimeError at test_run.py:")
    assert "MARKER" not in str(findings)


def test_a_check_that_can_go_on_no_further() -> None:
    findings = run([Check("a", "one", half)], set(), lambda _: None)
    assert [(f.status, f.message, f.todo) for f in findings] == [
        (Status.OK, "the first half", ""),
        (Status.UNCHECKED, "the second half is out of reach", "come nearer"),
    ]


def test_findings_have_the_order_of_the_checks_and_run_side_by_side() -> None:
    gate = threading.Event()
    done: list[str] = []

    def last_first() -> Result:
        assert gate.wait(10), "the other check waits for this one"
        return ok("after")

    def opens() -> Result:
        gate.set()
        return ok("before")

    findings = run([Check("a", "one", last_first), Check("a", "two", opens)], set(), lambda c: done.append(c.subject))
    assert [f.subject for f in findings] == ["one", "two"]
    assert sorted(done) == ["one", "two"]


def test_secrets_and_control_characters_are_taken_out() -> None:
    check = Check("a", "b", lambda: failed("no MARKER-secret\x1b[31m\nhere", "use MARKER-secret"))
    finding = run([check], {"MARKER-secret"}, lambda _: None)[0]
    assert (finding.message, finding.todo) == ("no [secret] [31m here", "use [secret]")


def findings() -> list[Finding]:
    results = [
        ok("a"),
        warning("b", "do b"),
        failed("c [bold]", "do c"),
        unchecked("d", "do d"),
        unchecked("d", "do d"),
    ]
    return [Finding("area", f"s{i}", r.status, r.message, r.todo) for i, r in enumerate(results)]


def test_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    report.show(findings())
    assert capsys.readouterr().out.splitlines() == [
        "area",
        "  ok           s0: a",
        "  warning      s1: b",
        "               → do b",
        "  FAILED       s2: c [bold]",
        "               → do c",
        "  not checked  s3, s4: d",
        "               → do d",
        "1 ok, 1 warning, 1 failed, 2 could not be checked",
    ]


def test_many_checks_that_are_not_possible_for_one_reason_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    cannot = unchecked("there is no context rig", "get it into your kubeconfig")
    report.show([Finding("cluster", f"names of a/{i}", cannot.status, cannot.message, cannot.todo) for i in range(40)])
    assert capsys.readouterr().out.splitlines() == [
        "cluster",
        "  not checked  40 checks: there is no context rig",
        "               → get it into your kubeconfig",
        "0 ok, 0 warnings, 0 failed, 40 could not be checked",
    ]


def test_on_a_terminal_lines_fit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    report.show([Finding("area", "subject", Status.FAILED, "word " * 40, "")])
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert len(lines) > 4
    assert max(map(len, lines)) <= 60


def test_as_json() -> None:
    data = json.loads(report.as_json("earth", findings()))
    assert data["stack"] == "earth"
    assert data["counts"] == {"ok": 1, "warning": 1, "failed": 1, "unchecked": 2}
    assert data["findings"][2] == {
        "area": "area",
        "subject": "s2",
        "status": "failed",
        "message": "c [bold]",
        "todo": "do c",
    }
