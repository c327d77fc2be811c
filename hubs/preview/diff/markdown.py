"""Format reports as a GitHub comment: folded per hub, cut to GitHub's limit, and with all input escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from hubs.preview.diff.report import Report
from hubs.preview.diff.words import plural
from hubs.printable import printable

LIMIT = 60_000
"""Characters. GitHub rejects comments of more than 65,536; the rest is for the text that the workflow adds."""

_MAX_DANGERS = 40


def markdown_report(reports: Sequence[Report], limit: int = LIMIT) -> str:
    """Return Markdown of at most `limit` characters: all summaries and dangers first, then as many hubs as fit.

    Untrusted text appears only as code, so it can't add markup, mention anyone or link anywhere.
    """
    parts = [_head(report) for report in reports]
    cut: list[str] = []
    room = limit - sum(len(part) + 2 for part in parts) - 500  # for the note
    for number, report in enumerate(reports):
        for section in report.sections:
            more = f"all of {section.title}"
            for summary, lines in ((section.title, section.lines), (more, section.more)):
                folded = _fold(summary, lines) if lines else ""
                if len(folded) > room:
                    folded, dropped = _fit(summary, lines, room)
                    cut.append(f"{summary}: {plural(dropped, 'line')}")
                parts[number] += folded
                room -= len(folded)
    if cut:
        names = "; ".join(cut[:8]) + (f"; and {len(cut) - 8} more" if len(cut) > 8 else "")
        parts.append(f"Shortened to fit into a comment: {_code(names[:300])}. Run `hubs diff` to see everything.")
    return "\n\n".join(parts)[:limit] + "\n"


def _head(report: Report) -> str:
    lines = [f"**{_code(report.stack)}**: {_plain(report.summary)}"]
    found = report.dangers
    lines += [f"- ⚠️ {_code(danger)}" for danger in found[:_MAX_DANGERS]]
    if len(found) > _MAX_DANGERS:
        lines.append(f"- ⚠️ and {plural(len(found) - _MAX_DANGERS, 'more danger')}: see the hubs below")
    return "\n".join([lines[0], "", *lines[1:]] if len(lines) > 1 else lines)


def _plain(text: str) -> str:
    """Return text as code if it has special characters. (Entities don't help: GitHub still finds mentions in them.)"""
    return text if re.fullmatch(r"[A-Za-z0-9 ,;:()'-]*", text) else _code(text)


def fenced(lines: Sequence[str], language: str = "") -> str:
    """Return lines as a code block that their content can't close."""
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    return "\n".join([f"{fence}{language}", *lines, fence])


def _fold(summary: str, lines: Sequence[str]) -> str:
    name = html.escape(summary if len(summary) <= 200 else summary[:200] + "…")
    return f"\n\n<details><summary><code>{name}</code></summary>\n\n{fenced(lines, 'diff')}\n\n</details>"


def _fit(summary: str, lines: Sequence[str], room: int) -> tuple[str, int]:
    """Return as many of the first lines as fit into `room` characters, and the number of dropped lines."""
    kept = lines
    while kept:
        section = _fold(summary, kept)
        if len(section) <= room:
            return section, len(lines) - len(kept)
        kept = kept[: min(len(kept) - 1, int(len(kept) * room / len(section)))] if room > 0 else []
    return "", len(lines)


def _code(text: str) -> str:
    """Return text as inline code, whatever characters it contains."""
    text = printable(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"
