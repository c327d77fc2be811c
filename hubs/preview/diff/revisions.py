"""Check out revisions of the repository, each into a temporary worktree."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hubs.errors import UserError

MAX_CONFIG_BYTES = 1024 * 1024
"""Larger config files are not read. Real ones have a few kilobytes."""

WORKING_TREE = "the working tree"


class RevisionError(UserError):
    """A revision that can't be compared. The message names it."""


def git(root: Path, *arguments: str) -> str:
    """Run git without hooks and return its output. Raises RevisionError with git's error message."""
    command = ["git", "-C", str(root), "-c", f"core.hooksPath={os.devnull}", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise RevisionError(f"git can't be run: {error.strerror}") from None
    if done.returncode != 0:
        errors = done.stderr.strip().splitlines() or ["git failed without an error message"]
        raise RevisionError("; ".join(dict.fromkeys(line.removeprefix("fatal: ") for line in errors)))
    return done.stdout


def resolve(root: Path, revision: str) -> str:
    """Return the full hash of the commit `revision`. Raises RevisionError if there is no such commit."""
    try:
        return git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except RevisionError:
        raise RevisionError(f"revision {revision!r} is not in this repository") from None


def default_base(root: Path) -> str:
    """Return the commit where the current branch left the main branch; on the main branch itself, its last commit."""
    for main in ("origin/main", "main", "origin/master", "master"):
        with contextlib.suppress(RevisionError):
            return git(root, "merge-base", "HEAD", main).strip()
    return resolve(root, "HEAD")


@contextlib.contextmanager
def worktree(root: Path, revision: str) -> Iterator[Path]:
    """Yield a temporary folder with the project at `revision`. The folder is always removed; `root` is not changed."""
    commit = resolve(root, revision)
    top = Path(git(root, "rev-parse", "--show-toplevel").strip())
    folder = Path(tempfile.mkdtemp(prefix="imagebuilding-diff-"))
    try:
        git(root, "worktree", "add", "--quiet", "--detach", str(folder / "tree"), commit)
        yield folder / "tree" / root.resolve().relative_to(top.resolve())
    finally:
        with _uninterrupted():
            # Let git remove the worktree first, because it also removes its own record of it.
            with contextlib.suppress(RevisionError):
                git(root, "worktree", "remove", "--force", "--force", str(folder / "tree"))
            shutil.rmtree(folder, ignore_errors=True)


def check_config(root: Path, revision: str) -> None:
    """Raise RevisionError, with file and revision, for config files that link out of the tree or are too large."""
    stacks = root / "stacks"
    inside = root.resolve()
    for path in [root / "Pulumi.yaml", stacks, *sorted(stacks.rglob("*"))]:
        name = path.relative_to(root)
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            raise RevisionError(f"{revision}: {name} is a symbolic link to a file outside of the repository")
        if path.is_file() and path.stat().st_size > MAX_CONFIG_BYTES:
            size = path.stat().st_size / MAX_CONFIG_BYTES
            raise RevisionError(f"{revision}: {name} has {size:.1f} MiB; the limit for config files is 1 MiB")


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Block signals, so that a second Ctrl-C does not interrupt the clean-up after the first one."""
    numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
