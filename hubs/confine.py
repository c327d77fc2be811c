"""Run code that a stranger may have written, such as the program of a pull request: `hubs diff`, `hubs page`.

Such a process gets the variables of one short list, so no tokens and passphrases; a temporary home; and no view into
the memory of the process that starts it. On Linux, Landlock limits it further
(https://docs.kernel.org/userspace-api/landlock.html): it reads the project and the installed software only, so no keys
in the home directory, and writes to its temporary home only. This is a limit for code that misbehaves, not a virtual
machine: the kernel is shared, and so is Docker.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
"""The only variables of the caller that are passed on."""

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/opt", "/nix", "/proc", "/sys", "/dev",
          "/run/systemd/resolve")  # fmt: skip
"""Folders that may be read, if they exist."""

OLDEST_ABI = 3
"""The first version of Landlock that also stops a process from truncating files (Linux 6.2)."""

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full")
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 4, 24, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on all of Linux's architectures
_VERSION, _PATH_BENEATH = 1, 1
# Rights of Landlock: execute, read file, list folder; write and truncate file.
_READ, _READ_FILE, _WRITE_FILE = 0b1101, 0b101, 1 << 1 | 1 << 14
_TCP, _ABSTRACT_SOCKETS, _SIGNALS = 0b11, 1, 2
_FAILED = 125


@functools.cache
def is_confined() -> bool:
    """Return whether this machine can limit what the code reads and writes."""
    return sys.platform == "linux" and _abi() >= OLDEST_ABI


def what_it_can_do() -> str:
    """Return one sentence for the person who runs the code."""
    if is_confined():
        return "It gets no credentials, can't read your home directory, and writes to a temporary folder only."
    return "It gets no credentials, but runs as you: it can read and write your files."


def environment(home: Path) -> dict[str, str]:
    """Return the variables for a process whose home is `home`."""
    kept = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    return kept | {"HOME": str(home), "TMPDIR": str(home)}


def start(
    command: Sequence[str],
    *,
    home: Path,
    project: Path,
    network: bool,
    variables: Mapping[str, str] | None = None,
    cwd: Path,
    **streams: Any,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that it and its children can be ended together.

    It reads the folder `project` and the installed software, and writes to the folder `home` only. Without `network` it
    has no TCP, from Linux 6.7 on. `variables` are added to the environment; `streams` are those of Popen.
    """
    _close_memory()
    if is_confined():
        rules = {"read": _readable(project), "write": str(home), "network": network}
        command = [sys.executable, "-I", "-S", __file__, json.dumps(rules), *command]
    return subprocess.Popen(
        command, cwd=cwd, env=environment(home) | dict(variables or {}), start_new_session=True, **streams
    )


def _close_memory() -> None:
    """Keep other processes of the same user from reading this one's environment and memory in /proc."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _readable(project: Path) -> list[str]:
    """Return the folders with the project, with this Python and its packages, and with the programs on PATH."""
    python = [sys.prefix, sys.base_prefix, sys.base_exec_prefix, *sys.path, str(Path(sys.executable).resolve().parent)]
    programs = [path for path in os.environ.get("PATH", "").split(os.pathsep) if path]
    node = shutil.which("node")
    prefix = [str(Path(node).resolve().parents[1])] if node else []  # with the packages that npm installed globally
    found = [str(project), *SYSTEM, *python, *programs, *prefix]
    # A folder that contains the home directory, such as `/`, would open it.
    home = os.path.realpath(Path.home())
    real = {os.path.realpath(path) for path in found if os.path.isdir(path)}  # noqa: PTH112  (false without access)
    return sorted(path for path in real if os.path.commonpath((path, home)) != path)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _abi() -> int:
    """Return the version of the kernel's Landlock, or a number below 1 if there is none."""
    return int(_libc().syscall(_CREATE_RULESET, None, 0, _VERSION))


def _limit(rules: dict[str, Any]) -> None:
    """Limit this process and everything that it starts. Raises OSError."""
    abi = _abi()
    handled = (1 << (16 if abi >= 5 else 15)) - 1
    network = 0 if rules["network"] or abi < 4 else _TCP
    scoped = _ABSTRACT_SOCKETS | _SIGNALS if abi >= 6 else 0
    fields = [handled, network, scoped][: 1 if abi < 4 else 2 if abi < 6 else 3]
    attributes = (ctypes.c_uint64 * len(fields))(*fields)
    ruleset = _done(_libc().syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.sizeof(attributes), 0))
    for path in rules["read"]:
        _allow(ruleset, path, _READ)
    for path in _DEVICES:
        _allow(ruleset, path, _READ_FILE | _WRITE_FILE)
    _allow(ruleset, rules["write"], handled)
    # Root's own rights, with which it reads the memory of every process. Nobody else may drop them, or has them.
    for capability in range(64):
        _libc().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    _done(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _done(_libc().syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, PermissionError):
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = rights.to_bytes(8, sys.byteorder) + folder.to_bytes(4, sys.byteorder)  # packed
            _done(_libc().syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
        finally:
            os.close(folder)


def _done(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


if __name__ == "__main__":
    try:
        _limit(json.loads(sys.argv[1]))
    except OSError as error:
        print(f"the code can't be confined: {error}", file=sys.stderr)
        sys.exit(_FAILED)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606
