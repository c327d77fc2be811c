"""Find the secrets of a stack that changed, by comparing ciphertexts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hubs.preview.configuration import config_of

_MARK = ", changed]"


@dataclass(frozen=True)
class Secrets:
    """The encrypted values of a stack file: ciphertexts by path, and the settings of their encryption key."""

    ciphertexts: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecretChanges:
    """Paths of secrets that were added, removed and changed.

    `new_key`: all secrets were encrypted again, so changed values can't be detected.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    new_key: bool = False


def secrets_in(content: dict[str, Any]) -> Secrets:
    """Return the secrets in the content of a stack's file."""
    key = tuple(str(content.get(name)) for name in ("secretsprovider", "encryptedkey", "encryptionsalt"))
    return Secrets(dict(_secure(config_of(content), "")), key)


def compare_secrets(old: Secrets, new: Secrets) -> SecretChanges:
    """Return the secrets that differ. With another passphrase or key every ciphertext differs, even if values don't."""
    common = old.ciphertexts.keys() & new.ciphertexts.keys()
    changed = sorted(path for path in common if old.ciphertexts[path] != new.ciphertexts[path])
    new_key = bool(changed) and old.key != new.key
    added, removed = (
        {path: text for path, text in side.ciphertexts.items() if path not in common} for side in (new, old)
    )
    # What was only moved to another place, as for a hub that is renamed, is the same secret.
    moved = {*added.values()} & {*removed.values()}
    return SecretChanges(
        tuple(sorted(path for path, text in added.items() if text not in moved)),
        tuple(sorted(path for path, text in removed.items() if text not in moved)),
        () if new_key else tuple(changed),
        new_key,
    )


def mark_changed(planned: Any, paths: Sequence[str]) -> Any:
    """Return `planned` with the placeholders of these secrets marked, so that everything that uses them differs."""
    if isinstance(planned, dict):
        return {key: mark_changed(item, paths) for key, item in planned.items()}
    if isinstance(planned, (list, tuple)):
        return [mark_changed(item, paths) for item in planned]
    if isinstance(planned, str) and "[secret " in planned:
        for path in paths:
            planned = planned.replace(f"[secret {path}]", f"[secret {path}{_MARK}")
    return planned


def is_changed_secret(old: Any, new: Any) -> bool:
    """Return whether two texts differ only in a changed secret."""
    return isinstance(old, str) and isinstance(new, str) and old == new.replace(_MARK, "]") != new


def _secure(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if set(node) == {"secure"}:
            yield path, str(node["secure"])
        else:
            for key, item in node.items():
                yield from _secure(item, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from _secure(item, f"{path}.{number}")
    elif path.startswith("imagebuilding:secrets."):
        yield path, str(node)  # plain text, such as user names or the passwords of a demonstration
