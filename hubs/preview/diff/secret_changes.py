"""Judge changed secrets, of which only the paths are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hubs.preview.diff.chart_paths import judge
from hubs.preview.diff.ciphertext import SecretChanges
from hubs.preview.diff.grouping import Shared
from hubs.preview.diff.judged import Judgement, Level, level_of
from hubs.preview.diff.leaves import MISSING
from hubs.preview.diff.wording import ADDED, CHANGED, REMOVED
from hubs.settings.environment import power_of
from hubs.settings.touches import Touches

_PREFIX = "imagebuilding:secrets."
_HIDDEN = "[secret]"
_EFFECTS = {
    ("auth", "password"): (Touches.AVAILABILITY, "people need the new password"),
    ("auth", "admin_password"): (Touches.AVAILABILITY, "administrators need the new password"),
    ("auth",): (Touches.AVAILABILITY, "with a wrong value nobody can log in"),
    ("registry",): (Touches.AVAILABILITY, "with a wrong value builds can't push, or servers can't pull"),
}
"""What a secret touches, by its purpose."""


def secret_changes(secrets: SecretChanges, hubs: Sequence[str]) -> Iterator[Shared]:
    """Yield each secret that was added, removed or changed, with the hubs that use it. `hubs`: all of the stack."""
    for paths, word in ((secrets.changed, CHANGED), (secrets.added, ADDED), (secrets.removed, REMOVED)):
        for path in paths:
            owner, purpose = _owner(path.removeprefix(_PREFIX).split("."), hubs)
            level, touches, effect = _meaning(purpose, word)
            subject = f"secret {'.'.join(purpose)} {word}"
            judgement = Judgement(level, touches, path, subject, effect=effect)
            yield Shared(judgement, tuple(hub for hub in hubs if hub.startswith(owner)) if owner else ())


def _meaning(purpose: Sequence[str], word: str) -> tuple[Level, Touches | None, str]:
    """Return what it means that a secret is added, removed or changed, whatever its value is."""
    if purpose[0] == "values" and len(purpose) > len(("values", "chart")):
        sides = {ADDED: (MISSING, _HIDDEN), REMOVED: (_HIDDEN, MISSING), CHANGED: (_HIDDEN, f"{_HIDDEN} changed")}[word]
        found = judge(purpose[1], tuple(purpose[2:]), *sides)
        hidden = "" if word == REMOVED else "nobody can read it here"
        return found.level, found.touches, "; ".join(part for part in (found.effect, hidden) if part)
    effect = power_of(purpose[-1]) if purpose[0] == "environment" and word != REMOVED else ""
    if effect:
        return Level.DANGEROUS, Touches.FILES, effect
    touches, effect = _EFFECTS.get(tuple(purpose), _EFFECTS.get((purpose[0],), (Touches.NOTHING, "")))
    # A secret that a hub still needs is a to-do if it was removed.
    return (level_of(touches), touches, effect) if word == CHANGED else (Level.ROUTINE, touches, "")


def _owner(keys: list[str], hubs: Sequence[str]) -> tuple[str, list[str]]:
    """Return how the names of the hubs begin that a secret is for, and the rest of its path."""
    if len(keys) > 2 and f"{keys[0]}/{keys[1]}" in hubs:
        return f"{keys[0]}/{keys[1]}", keys[2:]
    if len(keys) > 1 and any(hub.startswith(f"{keys[0]}/") for hub in hubs):
        return f"{keys[0]}/", keys[1:]
    return "", keys
