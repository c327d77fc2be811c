"""Problems in the settings, reported to the people who write them."""

from __future__ import annotations

from dataclasses import dataclass

from hubs.errors import UserError
from hubs.settings.layers import Source


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: its file and line, the path of the setting, what is wrong, and what to write instead.

    `message` never quotes a value that may be a secret.
    """

    source: Source
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.path}: {self.message}" if self.path else f"{self.source}: {self.message}"


class SettingsError(UserError):
    """The settings can't be used. `str()` is one line for each problem, in the order of files and lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
