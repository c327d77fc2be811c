"""A difference as a GitHub comment: folded per hub, cut below the limit, and nothing in it but text."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from hubs.preview.diff.report import Report
from hubs.preview.diff.words import plural, printable

LIMIT = 60_000
"""Characters. GitHub refuses a comment of more than 65,536; the rest is for what the workflow adds."""

_MAX_DANGERS = 40


def markdown_report(reports: Sequence[Report], limit: int = LIMIT) -> str:
    """Markdown of at most `limit` characters: all summaries and dangers first, then the hubs until it is full.

    What others wrote stands in code only, so it can't break out, mention anyone or link anywhere.
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
        parts.append(f"Cut to fit into a comment: {_code(names[:300])}. `hubs diff` shows everything.")
    return "\n\n".join(parts)[:limit] + "\n"


def _head(report: Report) -> str:
    lines = [f"**{_code(report.stack)}**: {_plain(report.summary)}"]
    found = report.dangers
    lines += [f"- ⚠️ {_code(danger)}" for danger in found[:_MAX_DANGERS]]
    if len(found) > _MAX_DANGERS:
        lines.append(f"- ⚠️ and {plural(len(found) - _MAX_DANGERS, 'more danger')}: see the hubs below")
    return "\n".join([lines[0], "", *lines[1:]] if len(lines) > 1 else lines)


def _plain(text: str) -> str:
    """Words that GitHub makes nothing of as they are, anything else as code. (An entity is still a mention.)"""
    return text if re.fullmatch(r"[A-Za-z0-9 ,;:()'-]*", text) else _code(text)


def fenced(lines: Sequence[str], language: str = "") -> str:
    """Lines as a block of code that they can't end."""
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    return "\n".join([f"{fence}{language}", *lines, fence])


def _fold(summary: str, lines: Sequence[str]) -> str:
    name = html.escape(summary if len(summary) <= 200 else summary[:200] + "…")
    return f"\n\n<details><summary><code>{name}</code></summary>\n\n{fenced(lines, 'diff')}\n\n</details>"


def _fit(summary: str, lines: Sequence[str], room: int) -> tuple[str, int]:
    """As many of the first lines as there is room for; and how many were dropped."""
    kept = lines
    while kept:
        section = _fold(summary, kept)
        if len(section) <= room:
            return section, len(lines) - len(kept)
        kept = kept[: min(len(kept) - 1, int(len(kept) * room / len(section)))] if room > 0 else []
    return "", len(lines)


def _code(text: str) -> str:
    """Inline code, whatever is in it."""
    text = printable(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"
