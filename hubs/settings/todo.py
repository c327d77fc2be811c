"""What people still have to do before a stack can be deployed, such as setting a secret."""

from __future__ import annotations

from dataclasses import dataclass, field

from hubs.printable import one_line
from hubs.settings.layers import Source


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do. Two are equal if they ask for the same, wherever the lines of the settings are.

    `str()` is one line with everything.
    """

    source: Source = field(compare=False)
    path: str
    """The hub, as `community/hub`, or the setting of the stack."""
    hubs: tuple[str, ...]
    """The hubs that can't be deployed before, as `community/hub`."""
    what: str
    """What is missing, as a sentence: `auth.client_id and auth.client_secret are not set`."""
    first: str
    """What to do before the commands, such as registering a callback URL. Empty if the commands are enough."""
    commands: tuple[str, ...]
    """The commands to run, if any. Pulumi asks for the values."""

    @property
    def message(self) -> str:
        """What is missing and what to do, as text."""
        if not self.commands:
            return f"{self.what}: {self.first}"
        commands = " and ".join(f"`{command}`" for command in self.commands)
        return f"{self.what}: {self.first}, then run {commands}" if self.first else f"{self.what}: run {commands}"

    def __str__(self) -> str:
        return one_line(f"{self.source}: {self.path}: {self.message}")
