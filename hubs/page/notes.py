"""Notes for the person who started a local hub, which its processes write to the hub's log."""

from __future__ import annotations

PREFIX = "local hub: "


def print_note(line: str) -> None:
    """Write a note to the log."""
    print(f"{PREFIX}{line}", flush=True)


def notes(log: str) -> list[str]:
    """Return the lines of a hub's log that people must see: notes, errors, and settings that no class has."""
    found = []
    for line in log.splitlines():
        if line.startswith(PREFIX):
            found.append(line.removeprefix(PREFIX))
        elif line.startswith(("[E ", "[C ")) or "not recognized by" in line:
            found.append(line)
    return found
