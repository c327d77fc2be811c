"""A difference for a terminal or a log."""

from collections.abc import Iterator, Sequence

from preview.diff.compare import HubChange, StackChange
from preview.diff.lines import hub_lines, resource_lines, secret_lines
from preview.diff.summary import dangers, first_line, names_of
from preview.diff.words import printable


def text_report(changes: Sequence[StackChange]) -> list[str]:
    """Lines, for each stack: the summary, dangers (each after ``!``), what is shared, and the hubs."""
    lines: list[str] = []
    for change in changes:
        lines += ["", *_stack(change)]
    return lines[1:]


def groups(hubs: Sequence[HubChange]) -> list[list[HubChange]]:
    """Hubs that change in the same way, together: a change of the program is read once, not once for each hub."""
    found: dict[tuple[str, ...], list[HubChange]] = {}
    for hub in hubs:
        alike = (hub.action, *(line.replace(hub.name, "HUB") for line in hub_lines(hub)))
        found.setdefault(alike, []).append(hub)
    return list(found.values())


def title(group: Sequence[HubChange]) -> str:
    """The hubs of a group by name, and what happens to them."""
    names = names_of([hub.name for hub in group])
    action = "" if group[0].action == "changed" else f" ({group[0].action})"
    return f"{names}{action}"


def _stack(change: StackChange) -> Iterator[str]:
    yield f"{printable(change.stack)}: {first_line(change)}"
    yield from (f"! {danger}" for danger in dangers(change))
    shared = resource_lines(change.shared) + secret_lines(change)
    if shared:
        yield "shared by the stack"
        yield from shared
    for group in groups(change.hubs):
        yield title(group)
        yield from hub_lines(group[0])
