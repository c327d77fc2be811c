"""A difference put into words, and those words for a terminal or a log."""

from __future__ import annotations

from collections.abc import Sequence

from hubs.preview.diff.compare import HubChange, StackChange
from hubs.preview.diff.lines import hub_lines, resource_lines, secret_lines
from hubs.preview.diff.new_hub import new_hub_lines
from hubs.preview.diff.report import Report, Section
from hubs.preview.diff.summary import dangers, first_line, names_of
from hubs.preview.diff.words import plural


def report_of(change: StackChange) -> Report:
    """What is to be said of a stack that differs."""
    shared = resource_lines(change.shared) + secret_lines(change)
    sections = [Section("shared by the stack", tuple(shared))] if shared else []
    sections += [_section(group) for group in _groups(change.hubs)]
    return Report(change.stack, first_line(change), tuple(dangers(change)), tuple(sections))


def _section(group: Sequence[HubChange]) -> Section:
    title, lines = _title(group), tuple(hub_lines(group[0]))
    if group[0].action == "added":
        return Section(title, tuple(new_hub_lines(group[0])), lines)
    return Section(title, lines)


def text_report(reports: Sequence[Report]) -> list[str]:
    """Lines, for each stack: the first line, dangers (each after `!`), and the sections."""
    lines: list[str] = []
    for report in reports:
        lines += ["", f"{report.stack}: {report.summary}", *(f"! {danger}" for danger in report.dangers)]
        for section in report.sections:
            lines += [section.title, *section.lines]
            if section.more:
                lines.append(f"  and {plural(len(section.more), 'line')} that --format json and markdown show")
    return lines[1:]


def _groups(hubs: Sequence[HubChange]) -> list[list[HubChange]]:
    """Hubs that change in the same way, together: a change of the program is read once, not once for each hub."""
    found: dict[tuple[str, ...], list[HubChange]] = {}
    for hub in hubs:
        release = hub.name.replace("/", "-")
        alike = (hub.action, *(line.replace(release, "HUB") for line in hub_lines(hub)))
        found.setdefault(alike, []).append(hub)
    return list(found.values())


def _title(group: Sequence[HubChange]) -> str:
    """The hubs of a group by name, and what happens to them."""
    action = "" if group[0].action == "changed" else f" ({group[0].action})"
    return f"{names_of([hub.name for hub in group])}{action}"
