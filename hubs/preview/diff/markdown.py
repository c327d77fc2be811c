"""Format reports as a GitHub comment: what matters first, short parts open, long ones folded, within GitHub's limit.

Reports may come from a stranger's pull request, so every text of a report goes through `hubs.preview.diff.github`. Each
item is written whole or not at all, so that no cut can open or close anything. What does not fit is left out from the
end of the order of importance, in all stacks, and the comment says so.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from hubs.preview.diff.github import code, fenced, prose, wrapped
from hubs.preview.diff.judged import Level
from hubs.preview.diff.report import SHORT, Entry, Report, Section
from hubs.preview.diff.text import by_subject
from hubs.preview.diff.words import plural
from hubs.printable import printable

GITHUB_LIMIT = 65_536
"""Longest comment that GitHub accepts, see `size`."""

PHONE, DESKTOP = 30, 100
"""Characters of a line of code in a comment that are visible on a phone (375 px) and on a wide screen."""

_NOTES = 2_000
"""Room for the notes on what was left out."""


class Order(IntEnum):
    """What is written first if not everything fits."""

    HEAD = 0
    HEADLINE = 1
    DANGER = 2
    TODO = 3
    CAREFUL = 4
    WARNING = 5
    ROUTINE = 6
    PAGE = 7
    DETAIL = 8
    MORE = 9


_NOUNS = {
    Order.HEAD: "stack",
    Order.HEADLINE: "headline",
    Order.DANGER: "danger",
    Order.TODO: "to-do",
    Order.CAREFUL: "careful change",
    Order.WARNING: "warning",
    Order.ROUTINE: "routine change",
    Order.PAGE: "line",
    Order.DETAIL: "line",
    Order.MORE: "line",
}
_COLOURS = {"+": "🟩 **added** ", "-": "🟥 **removed** ", "~": "🟨 **changed** "}
_CHANGES = {Level.DANGEROUS: Order.DANGER, Level.CAREFUL: Order.CAREFUL, Level.ROUTINE: Order.ROUTINE}


@dataclass
class _Block:
    """A part of the comment: a title in Markdown, a title as text for a fold, and items that are kept or left out.

    `alert`: GitHub's word for the kind of alert that the block is, or empty. `code`: the items are lines of one code
    block.
    """

    order: Order
    title: str
    items: Sequence[str]
    alert: str = ""
    folded: str = ""
    code: bool = False
    kept: int = field(default=0, init=False)

    def text(self, count: int) -> str:
        """Return the block with its first `count` items."""
        items = self.items[:count]
        if not items:
            return ""
        body = fenced(items, "diff") if self.code else "\n".join(items)
        if self.alert:
            quoted = "\n".join(f"> {line}".rstrip() for line in [self.title, *body.split("\n")])
            return f"> [!{self.alert}]\n{quoted}"
        if self.folded and sum(item.count("\n") + 1 for item in items) > SHORT:
            return f"<details><summary>{self.folded}</summary>\n\n{body}\n\n</details>"
        return f"{self.title}\n\n{body}" if self.title else body


def size(text: str) -> int:
    """Return the length of a text for GitHub's limit, in UTF-16 code units. It is never below that in characters."""
    return len(text.encode("utf-16-le")) // 2


def markdown_report(reports: Sequence[Report], limit: int = GITHUB_LIMIT) -> str:
    """Return Markdown with a size of at most `limit`, which is at least 5,000."""
    blocks = [list(_blocks(report)) for report in reports]
    room = limit - _NOTES
    for order in Order:
        for stack in blocks:
            for block in stack:
                # Without its heading, nothing of a stack is shown.
                if block.order == order and (order == Order.HEAD or stack[0].kept):
                    room -= _fit(block, room)
    parts = [block.text(block.kept) for stack in blocks if stack[0].kept for block in stack]
    parts = [part for part in parts if part]
    left = Counter[str]()
    for stack in blocks:
        for block in stack:
            left[_NOUNS[block.order]] += len(block.items) - block.kept
    if missing := [plural(count, noun) for noun, count in left.items() if count]:
        parts.append(
            f"Left out, because GitHub limits comments: {', '.join(missing)}. Run `hubs diff` to see everything."
        )
    return "\n\n".join(parts) + "\n"


def _fit(block: _Block, room: int) -> int:
    """Keep as many of the first items as fit, and return their size with the empty line before the next block."""
    low, high = 0, len(block.items)
    while low < high:
        middle = (low + high + 1) // 2
        if size(block.text(middle)) + 2 <= room:
            low = middle
        else:
            high = middle - 1
    block.kept = low
    return size(block.text(low)) + 2 if low else 0


def _blocks(report: Report) -> Iterator[_Block]:
    word = report.level.word if report.headlines else "nothing changes"
    yield _Block(Order.HEAD, "", [f"### {prose(report.stack)}: {word}"])
    lines = [f"- **{prose(headline.hubs)}**: {prose(headline.text)}" for headline in report.headlines]
    yield _Block(Order.HEADLINE, "", lines)
    if report.counts:
        yield _Block(Order.HEADLINE, "", [f"{prose(report.counts)}."])
    if report.todos:
        items = [f"- {prose(todo)}" for todo in report.todos]
        yield _Block(Order.TODO, "**To do before the update**", items, "IMPORTANT")
    for subject, entries in by_subject(report.dangers):
        yield _Block(Order.DANGER, f"**Dangerous: {subject}**", [_danger(entry) for entry in entries], "CAUTION")
    for level in (Level.CAREFUL, Level.ROUTINE):
        those = [entry for entry in report.judgements if entry.level == level]
        for subject, entries in by_subject(those):
            name = f"{level.word.capitalize()}: {subject}"
            folded = f"{name} ({plural(len(entries), 'change')})"
            yield _Block(_CHANGES[level], f"**{name}**", [_change(entry) for entry in entries], folded=folded)
    if report.warnings:
        items = [f"- {prose(warning)}" for warning in report.warnings]
        yield _Block(Order.WARNING, "**New warnings**", items, folded="New warnings")
    for page in report.pages:
        folded = f"Options page of <code>{html.escape(page.title)}</code>"
        title = f"**Options page of {prose(page.title)}**"
        yield _Block(Order.PAGE, title, list(_nested(page.lines)), folded=folded)
    for section in report.sections:
        yield from _details(section)


def _nested(lines: Sequence[str]) -> Iterator[str]:
    """Yield a page's lines as a nested list, which fits any width, with a colour for what changes."""
    deepest = -1
    for line in lines:
        mark, text = line[:1], line[1:].lstrip(" ")
        deepest = min((len(line) - len(text) - 2) // 2, deepest + 1) if text else deepest
        if text:
            yield f"{'  ' * deepest}- {_COLOURS.get(mark, '')}{prose(text)}"


def _danger(entry: Entry) -> str:
    text = f"- {_where(entry)}{prose(entry.sentence)}{_source(entry)}"
    return text if entry.says_values else f"{text}\n{_diff(entry.lines)}"


def _change(entry: Entry) -> str:
    effect = f": {prose(entry.effect)}" if entry.effect else ""
    text = f"- {_where(entry)}{prose(entry.title)}{effect}{_source(entry)}"
    return f"{text}\n{_diff(entry.lines)}" if entry.lines else text


def _where(entry: Entry) -> str:
    return f"**{prose(entry.hubs)}**: " if entry.hubs else ""


def _source(entry: Entry) -> str:
    return f" ({code(entry.source)})" if entry.source else ""


def _diff(lines: Sequence[str]) -> str:
    return f"  {fenced(wrapped(lines, PHONE), 'diff', '  ')}"


def _details(section: Section) -> Iterator[_Block]:
    yield _lines(Order.DETAIL, "Values and objects of ", section.title, section.lines, DESKTOP)
    yield _lines(Order.MORE, "All of ", section.title, section.more, DESKTOP)


def _lines(order: Order, words: str, name: str, lines: Sequence[str], width: int) -> _Block:
    folded = f"{words}<code>{html.escape(printable(name))}</code>"
    return _Block(order, f"**{words}{prose(name)}**", wrapped(lines, width), folded=folded, code=True)
