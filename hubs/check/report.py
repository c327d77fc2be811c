"""Findings for people, and for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from hubs.check.findings import Finding, Status

if TYPE_CHECKING:
    from rich.console import Console

WORDS = {
    Status.OK: ("ok", "green"),
    Status.WARNING: ("warning", "yellow"),
    Status.FAILED: ("FAILED", "bold red"),
    Status.UNCHECKED: ("not checked", "cyan"),
}


def as_json(stack: str, findings: Sequence[Finding]) -> str:
    """`{"stack": ..., "findings": [{"area", "subject", "status", "message", "todo"}], "counts": {status: n}}`."""
    counts = Counter(finding.status for finding in findings)
    data = {
        "stack": stack,
        "findings": [asdict(finding) for finding in findings],
        "counts": {status.value: counts[status] for status in Status},
    }
    return json.dumps(data, indent=2)


def show(findings: Sequence[Finding], console: Console) -> None:
    """Every finding below its area, what to do below it, and the count of each kind as the last line.

    What could not be checked for one and the same reason is one line.
    """
    from rich.table import Table
    from rich.text import Text

    for area, below in _by_area(findings):
        console.print(Text(area, style="bold"))
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, min_width=len("  not checked"))
        table.add_column(overflow="fold")
        for subject, finding in below:
            word, style = WORDS[finding.status]
            line = Text.assemble((subject, "bold"), ": ", finding.message)
            if finding.todo:
                line.append(f"\n→ {finding.todo}")
            table.add_row(Text(f"  {word}", style=style), line)
        console.print(table)
    console.print(Text(summary(findings), style="bold"))


def summary(findings: Iterable[Finding]) -> str:
    """Such as `21 ok, 2 warnings, 1 failed, 3 could not be checked`."""
    counts = Counter(finding.status for finding in findings)
    warnings = counts[Status.WARNING]
    parts = [
        f"{counts[Status.OK]} ok",
        f"{warnings} warning{'s' if warnings != 1 else ''}",
        f"{counts[Status.FAILED]} failed",
        f"{counts[Status.UNCHECKED]} could not be checked",
    ]
    return ", ".join(parts)


def _by_area(findings: Sequence[Finding]) -> list[tuple[str, list[tuple[str, Finding]]]]:
    """The findings of each area, with what each is about; those that are merged are about several things."""
    areas: dict[str, dict[object, tuple[list[str], Finding]]] = {}
    for number, finding in enumerate(findings):
        same = (finding.message, finding.todo) if finding.status is Status.UNCHECKED else number
        subjects, _ = areas.setdefault(finding.area, {}).setdefault(same, ([], finding))
        subjects.append(finding.subject)
    return [
        (area, [(", ".join(subjects), finding) for subjects, finding in below.values()])
        for area, below in areas.items()
    ]
