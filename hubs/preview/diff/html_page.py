"""Format reports as one HTML page that needs nothing else: no script, no other file, no network.

Reports may come from a stranger's pull request: each text is escaped, and the browser may not load anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from hubs.preview.diff.judged import Level
from hubs.preview.diff.report import SHORT, Entry, Report, Section
from hubs.preview.diff.text import by_subject
from hubs.printable import printable

_STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --old: #ffebe9; --new: #dafbe1; --danger: #cf222e; --care: #9a6700 }
@media (prefers-color-scheme: dark) {
  :root { --line: #3d444d; --old: #4c1f22; --new: #1b4128; --danger: #f85149; --care: #d29922 } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere }
h2 { border-bottom: 1px solid var(--line) } h3 { margin-bottom: .3rem }
.dangerous { color: var(--danger) } .careful { color: var(--care) }
.alert { border-left: .25rem solid var(--danger); padding-left: 1rem }
pre { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; border: 1px solid var(--line); padding: .5rem }
pre span { display: block } .old { background: var(--old) } .new { background: var(--new) }
.source { opacity: .75; font-size: .85em } summary { cursor: pointer; font-weight: 600 }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
_CLASSES = {"-": "old", "+": "new"}


def html_report(reports: Sequence[Report]) -> str:
    """Return a whole HTML document with everything that the reports contain."""
    body = "\n".join(part for report in reports for part in _stack(report)) or "<p>No stack changes.</p>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Changes</title>\n<style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _stack(report: Report) -> Iterator[str]:
    word = report.level.word if report.headlines else "nothing changes"
    yield f'<h2>{_text(report.stack)}: <span class="{report.level.word}">{word}</span></h2>'
    yield _list(f"<strong>{_text(line.hubs)}</strong>: {_text(line.text)}" for line in report.headlines)
    yield f"<p>{_text(report.counts)}</p>" if report.counts else ""
    if report.todos:
        yield f"<h3>To do before the update</h3>{_list(map(_text, report.todos))}"
    for level in sorted(Level, reverse=True):
        for subject, entries in by_subject(entry for entry in report.judgements if entry.level == level):
            kind = "alert" if level == Level.DANGEROUS else ""
            heading = f'<h3 class="{level.word}">{level.word.capitalize()}: {subject}</h3>'
            yield f'<section class="{kind}">{heading}{_list(map(_entry, entries))}</section>'
    if report.warnings:
        yield f"<h3>New warnings</h3>{_list(map(_text, report.warnings))}"
    for page in report.pages:
        yield from _section("Options page of ", page)
    for section in report.sections:
        yield from _section("Values and objects of ", section)


def _entry(entry: Entry) -> str:
    where = f"<strong>{_text(entry.hubs)}</strong>: " if entry.hubs else ""
    source = f' <code class="source">{_text(entry.source)}</code>' if entry.source else ""
    return f"{where}{_text(entry.sentence)}{source}{_lines(entry.lines)}"


def _section(words: str, section: Section) -> Iterator[str]:
    for title, lines in ((words, section.lines), ("All of ", section.more)):
        if lines:
            is_open = " open" if len(lines) <= SHORT else ""
            yield f"<details{is_open}><summary>{title}{_text(section.title)}</summary>{_lines(lines)}</details>"


def _lines(lines: Sequence[str]) -> str:
    if not lines:
        return ""
    rows = (f'<span class="{_CLASSES.get(line[:1], "same")}">{_text(line) or " "}</span>' for line in lines)
    return f"<pre>{''.join(rows)}</pre>"


def _list(items: Iterable[str]) -> str:
    rows = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{rows}</ul>" if rows else ""


def _text(text: str) -> str:
    return escape(printable(text))
