"""Which secrets of a stack changed, told from the ciphertext alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hubs.preview.stack_file import config_of

_MARK = ", changed]"


@dataclass(frozen=True)
class Secrets:
    """The encrypted values of a stack file: ciphertext by path, and what they are encrypted with."""

    ciphertexts: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecretChanges:
    """Paths of secrets added, removed and changed; `new_key`: all were encrypted again, so a change can't be told."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    new_key: bool = False


def secrets_in(content: dict[str, Any]) -> Secrets:
    """The secrets in the content of a stack's file."""
    key = tuple(str(content.get(name)) for name in ("secretsprovider", "encryptedkey", "encryptionsalt"))
    return Secrets(dict(_secure(config_of(content), "")), key)


def compare_secrets(old: Secrets, new: Secrets) -> SecretChanges:
    """Which secrets differ. With another passphrase or key every ciphertext differs, whatever its value."""
    common = old.ciphertexts.keys() & new.ciphertexts.keys()
    changed = sorted(path for path in common if old.ciphertexts[path] != new.ciphertexts[path])
    new_key = bool(changed) and old.key != new.key
    return SecretChanges(
        tuple(sorted(new.ciphertexts.keys() - common)),
        tuple(sorted(old.ciphertexts.keys() - common)),
        () if new_key else tuple(changed),
        new_key,
    )


def mark_changed(planned: Any, paths: Sequence[str]) -> Any:
    """`planned` with the placeholders of these secrets marked: what a secret reaches then differs, as it would."""
    if isinstance(planned, dict):
        return {key: mark_changed(item, paths) for key, item in planned.items()}
    if isinstance(planned, (list, tuple)):
        return [mark_changed(item, paths) for item in planned]
    if isinstance(planned, str) and "[secret " in planned:
        for path in paths:
            planned = planned.replace(f"[secret {path}]", f"[secret {path}{_MARK}")
    return planned


def is_changed_secret(old: Any, new: Any) -> bool:
    """Whether two texts differ in nothing but a secret that changed."""
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
        yield path, str(node)  # written in the open, as user names and a demonstration's passwords may be
