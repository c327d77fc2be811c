"""Print findings for people, or as JSON."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TextIO

from hubs.check.findings import Finding, Status

WORDS = {
    Status.OK: ("ok", "green"),
    Status.WARNING: ("warning", "yellow"),
    Status.FAILED: ("FAILED", "bold red"),
    Status.UNCHECKED: ("not checked", "cyan"),
}
MOST_NAMED = 3
"""If more checks were not possible for the same reason, only their number is shown."""
_WIDTH = len("not checked  ")


def as_json(stack: str, findings: Sequence[Finding]) -> str:
    """Return the findings as JSON.

    `{"stack": ..., "findings": [{"area", "subject", "status", "message", "todo"}], "counts": {status: n}}`.
    """
    counts = Counter(finding.status for finding in findings)
    data = {
        "stack": stack,
        "findings": [asdict(finding) for finding in findings],
        "counts": {status.value: counts[status] for status in Status},
    }
    return json.dumps(data, indent=2)


def show(findings: Sequence[Finding], out: TextIO | None = None) -> None:
    """Print each finding under its area, with what to do about it, and the number of each kind in the last line.

    Checks of an area that were not possible for the same reason are one line. The output is colored and folded only on
    a terminal.
    """
    out = out or sys.stdout
    if out.isatty():
        _rich(findings)
        return
    for area, below in _by_area(findings):
        print(area, file=out)
        for subject, finding in below:
            print(f"  {WORDS[finding.status][0]:{_WIDTH}}{subject}: {finding.message}", file=out)
            if finding.todo:
                print(f"  {'':{_WIDTH}}→ {finding.todo}", file=out)
    print(summary(findings), file=out)


def _rich(findings: Sequence[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for area, below in _by_area(findings):
        console.print(Text(area, style="bold"))
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, min_width=_WIDTH)
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
    """Return the numbers, such as `21 ok, 2 warnings, 1 failed, 3 could not be checked`."""
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
    """Return the findings by area, each with its subjects. Merged findings have several subjects."""
    areas: dict[str, dict[object, tuple[list[str], Finding]]] = {}
    for number, finding in enumerate(findings):
        same = (finding.message, finding.todo) if finding.status is Status.UNCHECKED else number
        subjects, _ = areas.setdefault(finding.area, {}).setdefault(same, ([], finding))
        subjects.append(finding.subject)
    return [
        (area, [(_subject(subjects), finding) for subjects, finding in below.values()]) for area, below in areas.items()
    ]


def _subject(subjects: Sequence[str]) -> str:
    return ", ".join(subjects) if len(subjects) <= MOST_NAMED else f"{len(subjects)} checks"
