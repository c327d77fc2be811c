"""What a hub's processes tell the person who started them, through the hub's log."""

from __future__ import annotations

_OURS = "localhub: "


def say(line: str) -> None:
    """Writes a line for that person."""
    print(f"{_OURS}{line}", flush=True)


def notes(log: str) -> list[str]:
    """The lines of a hub's log that are for a person: ours, errors, and settings that nothing knows."""
    found = []
    for line in log.splitlines():
        if line.startswith(_OURS):
            found.append(line.removeprefix(_OURS))
        elif line.startswith(("[E ", "[C ")) or "not recognized by" in line:
            found.append(line)
    return found
