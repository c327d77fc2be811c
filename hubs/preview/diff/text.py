"""Render a StackChange as a Report, and reports as text for a terminal or a log."""

from __future__ import annotations

from collections.abc import Sequence

from hubs.preview.diff.compare import HubChange, StackChange
from hubs.preview.diff.left_out import why_not
from hubs.preview.diff.lines import hub_lines, resource_lines, secret_lines
from hubs.preview.diff.new_hub import new_hub_lines
from hubs.preview.diff.report import Report, Section
from hubs.preview.diff.summary import dangers, first_line, names_of
from hubs.preview.diff.words import plural


def report_of(change: StackChange) -> Report:
    """Return the report on a stack that differs."""
    shared = resource_lines(change.shared) + secret_lines(change)
    sections = [Section("shared by all hubs", tuple(shared))] if shared else []
    sections += [_section(group) for group in _groups(change.hubs)]
    sections += [Section(f"{names} (not compared)", lines) for lines, names in _not_compared(change).items()]
    return Report(change.stack, first_line(change), tuple(dangers(change)), tuple(sections))


def _not_compared(change: StackChange) -> dict[tuple[str, ...], str]:
    """Return the names of the hubs that are not compared, by the reasons as lines."""
    found: dict[tuple[str, ...], list[str]] = {}
    for hub in change.not_compared:
        found.setdefault(tuple(why_not(hub)), []).append(hub.hub)
    return {lines: names_of(hubs) for lines, hubs in found.items()}


def _section(group: Sequence[HubChange]) -> Section:
    title, lines = _title(group), tuple(hub_lines(group[0]))
    if group[0].action == "added":
        return Section(title, tuple(new_hub_lines(group[0])), lines)
    return Section(title, lines)


def text_report(reports: Sequence[Report]) -> list[str]:
    """Return for each stack the summary line, the dangers (each after `!`), and the sections, as lines."""
    lines: list[str] = []
    for report in reports:
        lines += ["", f"{report.stack}: {report.summary}", *(f"! {danger}" for danger in report.dangers)]
        for section in report.sections:
            lines += [section.title, *section.lines]
            if section.more:
                lines.append(f"  {plural(len(section.more), 'more line')}: use --format json or markdown to see them")
    return lines[1:]


def _groups(hubs: Sequence[HubChange]) -> list[list[HubChange]]:
    """Group hubs with equal changes, so that a change of the program is listed only once."""
    found: dict[tuple[str, ...], list[HubChange]] = {}
    for hub in hubs:
        release = hub.name.replace("/", "-")
        alike = (hub.action, *(line.replace(release, "HUB") for line in hub_lines(hub)))
        found.setdefault(alike, []).append(hub)
    return list(found.values())


def _title(group: Sequence[HubChange]) -> str:
    """Return the names of the hubs in a group, and whether they are added or removed."""
    action = "" if group[0].action == "changed" else f" ({group[0].action})"
    return f"{names_of([hub.name for hub in group])}{action}"
