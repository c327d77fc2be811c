"""Format reports as a GitHub comment: folded per hub, cut to GitHub's limit, and with all input as code.

Reports may come from a stranger's pull request. Text of a report appears only in code spans, code blocks and `<code>`,
where Markdown has no markup, and where GitHub looks for no mentions, links or references. Text is escaped before it is
cut, and each part is written whole or not at all, so that no cut can open or close anything.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from hubs.preview.diff.report import Report, Section
from hubs.preview.diff.words import plural
from hubs.printable import printable

GITHUB_LIMIT = 65_536
"""Longest comment that GitHub accepts, see `size`."""

_MAX_NAME, _MAX_SUMMARY, _MAX_DANGER, _MAX_DANGERS = 200, 2_000, 500, 40
_NOTES = 2_000
"""Room for the notes on what was left out."""


def size(text: str) -> int:
    """Return the length of a text for GitHub's limit, in UTF-16 code units. It is never below that in characters."""
    return len(text.encode("utf-16-le")) // 2


def markdown_report(reports: Sequence[Report], limit: int = GITHUB_LIMIT) -> str:
    """Return Markdown with a size of at most `limit`: summaries and dangers first, then as many hubs as fit.

    `limit` is at least 5,000.
    """
    room = limit - _NOTES
    parts: list[str] = []
    for report in reports:
        head = _head(report)
        if size(head) + 2 > room:
            break
        parts.append(head)
        room -= size(head) + 2
    notes = [f"And {plural(len(reports) - len(parts), 'more stack')}."] if len(parts) < len(reports) else []
    cut: list[str] = []
    for number, report in enumerate(reports[: len(parts)]):
        for title, lines in _folds(report.sections):
            folded, dropped = _fit(title, lines, room)
            parts[number] += folded
            room -= size(folded)
            if dropped:
                cut.append(f"{title}: {plural(dropped, 'line')}")
    if cut:
        more = f"; and {len(cut) - 8} more" if len(cut) > 8 else ""
        notes.append(f"Shortened to fit into a comment: {code('; '.join(cut[:8]), 600)}{more}.")
    if notes:
        parts.append(f"{' '.join(notes)} Run `hubs diff` to see everything.")
    return "\n\n".join(parts) + "\n"


def _folds(sections: Sequence[Section]) -> list[tuple[str, Sequence[str]]]:
    """Return title and lines of all parts that are folded."""
    found = [
        (title, lines)
        for section in sections
        for title, lines in ((section.title, section.lines), (f"all of {section.title}", section.more))
    ]
    return [(title, lines) for title, lines in found if lines]


def _head(report: Report) -> str:
    lines = [f"**{code(report.stack, _MAX_NAME)}**: {code(report.summary, _MAX_SUMMARY)}"]
    found = report.dangers
    lines += [f"- ⚠️ {code(danger, _MAX_DANGER)}" for danger in found[:_MAX_DANGERS]]
    if len(found) > _MAX_DANGERS:
        lines.append(f"- ⚠️ and {plural(len(found) - _MAX_DANGERS, 'more danger')}: see the hubs below")
    return "\n".join([lines[0], "", *lines[1:]] if len(lines) > 1 else lines)


def code(text: str, most: int = 1_000) -> str:
    """Return text as inline code, whatever characters it contains, and at most `most` of them."""
    text = _shortened(text, most) or " "  # two backticks without anything between them are no code
    fence = "`" * (1 + _longest_run(text))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def fenced(lines: Sequence[str], language: str = "") -> str:
    """Return lines as a code block that their content can't close."""
    safe = [printable(line) for line in lines]
    fence = "`" * max(3, 1 + max(map(_longest_run, safe), default=0))
    return "\n".join([f"{fence}{language}", *safe, fence])


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _shortened(text: str, most: int) -> str:
    text = printable(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _fold(title: str, lines: Sequence[str]) -> str:
    name = html.escape(_shortened(title, _MAX_NAME))
    return f"\n\n<details><summary><code>{name}</code></summary>\n\n{fenced(lines, 'diff')}\n\n</details>"


def _fit(title: str, lines: Sequence[str], room: int) -> tuple[str, int]:
    """Return as many of the first lines as fit into `room`, folded, and the number of dropped lines."""
    kept = lines
    while kept:
        section = _fold(title, kept)
        if size(section) <= room:
            return section, len(lines) - len(kept)
        kept = kept[: min(len(kept) - 1, int(len(kept) * room / size(section)))] if room > 0 else []
    return "", len(lines)
