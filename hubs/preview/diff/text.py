"""Print reports as text, for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hubs.preview.diff.judged import Level
from hubs.preview.diff.report import Entry, Report
from hubs.preview.diff.words import plural

MARKS = {Level.DANGEROUS: "!", Level.CAREFUL: "?", Level.ROUTINE: " "}
"""How lines about a change begin."""


def text_report(reports: Sequence[Report]) -> list[str]:
    """Return for each stack: class and headlines, judged changes with the dangerous ones first, details, as lines."""
    return [line for report in reports for line in ("", *_report(report))][1:]


def _report(report: Report) -> Iterator[str]:
    if not report.headlines:
        yield f"{report.stack}: nothing changes"
    first = f"{report.stack}: {report.level.word} · "
    for headline in report.headlines:
        yield f"{first}{headline.hubs}: {headline.text}"
        first = "  "
    if report.counts:
        yield f"  {report.counts}"
    yield from _list("To do before the update", report.todos)
    for level in sorted(Level, reverse=True):
        yield from _entries(level, [entry for entry in report.judgements if entry.level == level])
    yield from _list("New warnings", report.warnings)
    for page in report.pages:
        yield from ("", f"Options page of {page.title}", *page.lines)
    if report.sections:
        yield from ("", "Resources, chart values and objects")
    for section in report.sections:
        yield from (section.title, *section.lines)
        if section.more:
            yield f"  {plural(len(section.more), 'more line')}: use --format json or markdown to see them"


def _list(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield from ("", title, *(f"? {item}" for item in items))


def _entries(level: Level, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the changes of a level, grouped by what they touch."""
    mark = MARKS[level]
    for subject, those in by_subject(entries):
        yield from ("", f"{mark if mark != ' ' else ''} {level.word.capitalize()}: {subject}".strip())
        for entry in those:
            where = f"{entry.hubs}: " if entry.hubs else ""
            yield f"{mark} {where}{entry.sentence}{f' ({entry.source})' if entry.source else ''}"
            if not entry.says_values:
                yield from (f"{line[:1]}   {line[1:]}" for line in entry.lines)


def by_subject(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return changes by what they touch, in the order given."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.about, []).append(entry)
    return list(found.items())
