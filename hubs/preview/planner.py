"""Plan a stack with the program of any tree, in a separate process: that tree's code, this Python, no credentials."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from hubs import confine
from hubs.errors import UserError
from hubs.preview.cache import Cache, key_of
from hubs.printable import one_line

PLAN_SECONDS = 300
PLAN_BYTES = 256 * 1024 * 1024
"""Limit for the output of a program. A plan of 100 hubs has 3 MB."""

_SKIPPED = ("__pycache__", "node_modules", "tests", "bench", "docs")


class PlanError(UserError):
    """The program did not produce a plan. The message has one line per problem."""


@dataclass(frozen=True)
class Plan:
    """The resources of a stack, and what its program says besides, as lines of text."""

    resources: list[dict[str, Any]]
    todo: tuple[str, ...] = ()
    """What has to be done before an update."""
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Problems of the hubs that are not in the plan: by `community/hub`, or by community for all of its hubs."""

    @property
    def problems(self) -> list[str]:
        """The problems of all hubs that are left out, each once."""
        return list(dict.fromkeys(line for lines in self.left_out.values() for line in lines))


class Planner:
    """A plan that is being made. Use it as a context manager: leaving it ends the process if it still runs.

    The process is confined (`hubs.confine`), because its code may come from an untrusted pull request. The plan depends
    on the tree, the installed packages and the stack only; it is cached by those, by this process.
    """

    def __init__(self, root: Path, stack: str, cache: Cache) -> None:
        self._cache = cache
        self._process: subprocess.Popen[bytes] | None = None
        variables = [os.environ.get(name, "") for name in confine.VARIABLES]
        self._key = key_of("plan", stack, _tree(root), _packages(), json.dumps(variables))
        self._stored = cache.get(self._key)
        if self._stored is None:
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115
            command = [sys.executable, "-m", _program(root), "plan", stack, "--json", "--for-rendering"]
            self._home = tempfile.TemporaryDirectory(prefix="imagebuilding-home-", ignore_cleanup_errors=True)
            self._process = confine.start(
                command,
                home=Path(self._home.name),
                project=root,
                network=False,
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                bufsize=0,
                stderr=self._errors,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            _pipe(self._process).close()
            self._errors.close()
            self._home.cleanup()

    def plan(self) -> Plan:
        """Wait for the plan and return it. Raises PlanError with the program's error output."""
        if self._stored is not None:
            return _plan(self._stored)
        printed = self._read_plan()
        plan = _plan(printed)
        self._cache.put(self._key, printed)
        return plan

    def _read_plan(self) -> bytes:
        """Return the plan that the program prints, which is one line, without waiting for the program to exit. Its exit
        code is 1 if hubs are left out, so that a program that does not know of such plans takes it for a failure."""
        assert self._process is not None  # noqa: S101  (it was started because nothing was cached)
        pipe, end, plan = _pipe(self._process), time.monotonic() + PLAN_SECONDS, bytearray()
        while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
            part = pipe.read(1 << 20)
            plan += part
            if len(plan) > PLAN_BYTES:
                raise PlanError(f"the program printed more than {PLAN_BYTES >> 20} MB, which is too much for a plan")
            if plan.endswith((b"]\n", b"}\n")) and plan.index(b"\n") == len(plan) - 1:
                return bytes(plan)
            if not part:
                break
        try:
            code = self._process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise PlanError(f"the program did not finish the plan within {PLAN_SECONDS} s") from None
        if code != 0:
            self._errors.seek(0)
            raise PlanError(*_error_lines(self._errors.read(100_000).decode(errors="replace"), code))
        return bytes(plan)


def _program(root: Path) -> str:
    """The package whose command `plan` makes a plan in this tree, with its own code."""
    # Up to release 0.1.0 it is `preview`: a pull request that upgrades the program compares both.
    for package in ("hubs", "preview"):
        # Without __init__.py, Python would take the package of the checkout that is installed.
        if all((root / package / name).is_file() for name in ("__init__.py", "__main__.py")):
            return package
    raise PlanError("has no program that makes plans: neither hubs/ nor preview/")


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None  # noqa: S101  (it was started with a pipe)
    return process.stdout


def _plan(printed: bytes) -> Plan:
    try:
        written: Any = json.loads(printed)
        if isinstance(written, list):  # the plan of an earlier version: a list of resources
            written = {"resources": written}
        for resource in written["resources"]:
            if not (isinstance(resource["type"], str) and isinstance(resource["name"], str)):
                raise TypeError
            if not isinstance(resource["inputs"], dict):
                raise TypeError
        left_out = {one_line(key): _lines(lines) for key, lines in written.get("left_out", {}).items()}
        return Plan(list(written["resources"]), _lines(written.get("todo", [])), left_out)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise PlanError("the program did not print a plan") from None


def _lines(lines: Any) -> tuple[str, ...]:
    """Return lines that a program printed, which is not trusted."""
    if not all(isinstance(line, str) for line in lines):
        raise TypeError
    return tuple(one_line(line) for line in lines)


def _error_lines(errors: str, code: int) -> list[str]:
    """Return the program's own error lines; of a traceback only the last line."""
    lines = [line for line in errors.splitlines() if line.strip()]
    if not lines:
        return [f"the program exited with code {code} and no error message"]
    if any(line.startswith("Traceback ") for line in lines):
        return [f"the program failed: {lines[-1]}"]
    return lines[:20]


def _tree(root: Path) -> str:
    """Return a digest of everything that the program can read in its tree: names and contents of files not hidden."""
    parts: list[str | bytes] = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(files):
            path = Path(folder, name)
            if not name.startswith(".") and not name.endswith((".pyc", ".md")):
                parts += [str(path.relative_to(root)), path.read_bytes() if path.is_file() else b"broken link"]
    return key_of(*parts)


def _packages() -> str:
    """Return the installed packages with their versions, from the names of their metadata folders."""
    site = Path(sysconfig.get_path("purelib"))
    return "\n".join([sys.version, *sorted(path.name for path in site.glob("*.dist-info"))])
