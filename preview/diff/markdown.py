"""A difference as a GitHub comment: folded per hub, cut below the limit, and nothing in it but text."""

import html
import re
from collections.abc import Sequence

from preview.diff.compare import StackChange
from preview.diff.lines import hub_lines, resource_lines, secret_lines
from preview.diff.summary import dangers, first_line
from preview.diff.text import groups, title
from preview.diff.words import plural, printable

LIMIT = 60_000
"""Characters. GitHub refuses a comment of more than 65,536; the rest is for what the workflow adds."""

_MAX_DANGERS = 40


def markdown_report(changes: Sequence[StackChange], limit: int = LIMIT) -> str:
    """Markdown of at most ``limit`` characters: all summaries and dangers first, then the hubs until it is full.

    What others wrote stands in code only, so it can't break out, mention anyone or link anywhere.
    """
    parts = [_head(change) for change in changes]
    cut: list[str] = []
    room = limit - sum(len(part) + 2 for part in parts) - 500  # for the note
    for number, change in enumerate(changes):
        for summary, lines in _sections(change):
            section = _fold(summary, lines)
            if len(section) > room:
                section, dropped = _fit(summary, lines, room)
                cut.append(f"{summary}: {plural(dropped, 'line')}")
            parts[number] += section
            room -= len(section)
    if cut:
        names = "; ".join(cut[:8]) + (f"; and {len(cut) - 8} more" if len(cut) > 8 else "")
        parts.append(f"Cut to fit into a comment: {_code(names[:300])}. `python -m preview diff` shows everything.")
    return "\n\n".join(parts)[:limit] + "\n"


def _head(change: StackChange) -> str:
    lines = [f"**{_code(change.stack)}**: {html.escape(first_line(change), quote=False)}"]
    found = list(dangers(change))
    lines += [f"- ⚠️ {_code(danger)}" for danger in found[:_MAX_DANGERS]]
    if len(found) > _MAX_DANGERS:
        lines.append(f"- ⚠️ and {plural(len(found) - _MAX_DANGERS, 'more danger')}: see the hubs below")
    return "\n".join([lines[0], "", *lines[1:]] if len(lines) > 1 else lines)


def _sections(change: StackChange) -> list[tuple[str, list[str]]]:
    sections = [(title(group), hub_lines(group[0])) for group in groups(change.hubs)]
    shared = resource_lines(change.shared) + secret_lines(change)
    return ([("shared by the stack", shared)] if shared else []) + sections


def _fold(summary: str, lines: Sequence[str]) -> str:
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    name = html.escape(summary if len(summary) <= 200 else summary[:200] + "…")
    block = "\n".join([f"{fence}diff", *lines, fence])
    return f"\n\n<details><summary><code>{name}</code></summary>\n\n{block}\n\n</details>"


def _fit(summary: str, lines: list[str], room: int) -> tuple[str, int]:
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
