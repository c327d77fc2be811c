"""Compose the report on a stack from its differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hubs.preview.diff.compare import HubChange, StackChange
from hubs.preview.diff.grouping import Shared, cut_name, grouped, ordered, short_names
from hubs.preview.diff.judged import Judgement, Level
from hubs.preview.diff.leaves import MISSING
from hubs.preview.diff.left_out import why_not
from hubs.preview.diff.lines import hub_lines, resource_lines, secret_lines
from hubs.preview.diff.new_hub import new_hub_lines
from hubs.preview.diff.options_diff import brief, equal_pages
from hubs.preview.diff.report import Entry, Report, Section
from hubs.preview.diff.restarts import restart_level
from hubs.preview.diff.secret_changes import secret_changes
from hubs.preview.diff.summary import counts, headlines, in_order
from hubs.preview.diff.wording import MAX_PHRASE, changed_lines, sentence, short_title
from hubs.preview.diff.words import shown, whole
from hubs.printable import printable

_MAX_SOURCES = 3


def report_of(change: StackChange) -> Report:
    """Return the report on a stack."""
    judgements = judged(change)
    lines = headlines(change, judgements)
    shared = resource_lines(change.shared) + secret_lines(change)
    sections = [
        Section(f"{short_names(hubs, change.names)} (not compared)", lines)
        for lines, hubs in _not_compared(change).items()
    ]
    sections += [Section("shared by all hubs", tuple(shared))] if shared else []
    sections += [_section(group, change.names) for group in _groups(in_order(change))]
    levels = [headline.level for headline in lines] + [one.judgement.level for one in judgements]
    return Report(
        change.stack,
        max([*levels, restart_level(change)]),
        tuple(lines),
        counts(change),
        tuple(_entry(one, change.names) for one in judgements),
        tuple(map(printable, change.todos)),
        tuple(map(printable, change.warnings)),
        tuple(_pages(change)),
        tuple(sections),
    )


def judged(change: StackChange) -> list[Shared]:
    """Return what is judged about a stack and its hubs, each once, dangerous changes first."""
    hubs = [(hub.name, hub.judgements) for hub in in_order(change)]
    found = grouped(hubs, change.judgements)
    return ordered([*found, *secret_changes(change.secrets, change.names)])


def _not_compared(change: StackChange) -> dict[tuple[str, ...], list[str]]:
    """Return the names of the hubs that are not compared, by the reasons as lines."""
    found: dict[tuple[str, ...], list[str]] = {}
    for hub in change.not_compared:
        found.setdefault(tuple(map(printable, why_not(hub))), []).append(hub.hub)
    return found


def _pages(change: StackChange) -> Iterator[Section]:
    """Yield each options page that changes once. Profiles in which nothing changes are one line."""
    pages = [(hub.name, release.page) for hub in in_order(change) for release in hub.releases]
    for names, lines in equal_pages(pages):
        yield Section(short_names(names, change.names), tuple(printable(str(line)) for line in brief(lines)))


def _entry(one: Shared, every: Sequence[str]) -> Entry:
    judgement = _plain(one.judgement)
    more = f" and {len(one.sources) - _MAX_SOURCES} more" if len(one.sources) > _MAX_SOURCES else ""
    return Entry(
        judgement.level,
        judgement.touches,
        short_names(one.hubs, every),
        printable(short_title(judgement)),
        printable(sentence(judgement)),
        "" if judgement.sentence else printable(judgement.effect),
        () if _says_all(judgement) else tuple(map(printable, changed_lines(judgement))),
        printable(", ".join(one.sources[:_MAX_SOURCES])) + more,
    )


def _plain(judgement: Judgement) -> Judgement:
    """Return a harmless change without a sentence that only repeats subject, values and effect: values have lines."""
    values = f": {shown(judgement.old)} → {shown(judgement.new)}"
    repeats = judgement.level < Level.DANGEROUS and values in judgement.sentence
    return replace(judgement, sentence="") if repeats else judgement


def _says_all(judgement: Judgement) -> bool:
    """Return whether a judgement's own sentence is enough: its values are short."""
    values = [value for value in (judgement.old, judgement.new) if value is not MISSING]
    return bool(judgement.sentence) and all(len(whole(value)) <= MAX_PHRASE for value in values)


def _section(group: Sequence[HubChange], every: Sequence[str]) -> Section:
    hub = group[0]
    action = "" if hub.action == "changed" else f" ({hub.action})"
    title, lines = f"{short_names([hub.name for hub in group], every)}{action}", hub_lines(hub)
    if len(group) > 1:
        lines = [cut_name(line, hub.name) for line in lines]
    if hub.action == "added":
        return Section(title, tuple(new_hub_lines(hub)), tuple(lines))
    return Section(title, tuple(lines))


def _groups(hubs: Sequence[HubChange]) -> list[list[HubChange]]:
    """Group hubs with equal changes, so that a change of the program is listed only once."""
    found: dict[tuple[str, ...], list[HubChange]] = {}
    for hub in hubs:
        alike = (hub.action, *(cut_name(line, hub.name) for line in hub_lines(hub)))
        if len(alike) > 1:
            found.setdefault(alike, []).append(hub)
    return list(found.values())
