"""Problems in the settings, reported to the people who write them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hubs.errors import UserError
from hubs.printable import LONGEST, one_line
from hubs.settings.layers import Source


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: its file and line, the path of the setting, what is wrong, and what to write instead.

    `message` never quotes a value that may be a secret.
    """

    source: Source
    path: str
    message: str
    hubs: tuple[str, ...] = field(default=(), compare=False)
    """The hubs that it concerns, as `community/hub`, or a community, for all of its hubs. Empty: the whole stack."""

    def of(self, *hubs: str) -> Problem:
        """Return the problem as one of these hubs."""
        return replace(self, hubs=hubs)

    def __str__(self) -> str:
        """Return the problem as one line, with everything that people wrote escaped and shortened."""
        place = one_line(f"{self.source}: {self.path}" if self.path else str(self.source), LONGEST // 2)
        return one_line(f"{place}: {self.message}")


class SettingsError(UserError):
    """The settings can't be used. `str()` is one line for each problem, in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__(*map(str, self.problems))
