"""Revisions of the repository, each in a worktree of its own that is always removed."""

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
"""Config files larger than this are not read: real ones have a few kilobytes."""

WORKING_TREE = "the working tree"


class RevisionError(UserError):
    """A revision that can't be compared. The message names it."""


def git(root: Path, *arguments: str) -> str:
    """What git prints. Raises RevisionError with its own words. Hooks of the person's repository don't run."""
    command = ["git", "-C", str(root), "-c", f"core.hooksPath={os.devnull}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["git failed without a word"]
        raise RevisionError(said[-1].removeprefix("fatal: "))
    return done.stdout


def resolve(root: Path, revision: str) -> str:
    """The commit that `revision` names, as a full hash. Raises RevisionError when there is none."""
    try:
        return git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except RevisionError:
        raise RevisionError(f"revision {revision!r} is not in this repository") from None


def default_base(root: Path) -> str:
    """Where the current branch left the main branch; on the main branch itself, its last commit."""
    for main in ("origin/main", "main", "origin/master", "master"):
        with contextlib.suppress(RevisionError):
            return git(root, "merge-base", "HEAD", main).strip()
    return resolve(root, "HEAD")


@contextlib.contextmanager
def worktree(root: Path, revision: str) -> Iterator[Path]:
    """The project as it was at `revision`, in a temporary folder. Removed in any case; `root` is never touched."""
    commit = resolve(root, revision)
    top = Path(git(root, "rev-parse", "--show-toplevel").strip())
    folder = Path(tempfile.mkdtemp(prefix="imagebuilding-diff-"))
    try:
        git(root, "worktree", "add", "--quiet", "--detach", str(folder / "tree"), commit)
        yield folder / "tree" / root.resolve().relative_to(top.resolve())
    finally:
        with _uninterrupted():
            # Git first, since it also forgets the worktree; stopped half-way, it forgets by itself.
            with contextlib.suppress(RevisionError):
                git(root, "worktree", "remove", "--force", "--force", str(folder / "tree"))
            shutil.rmtree(folder, ignore_errors=True)


def check_config(root: Path, revision: str) -> None:
    """Refuse config that leads out of the tree or is absurdly large: RevisionError names file and revision."""
    stacks = root / "stacks"
    inside = root.resolve()
    for path in [root / "Pulumi.yaml", stacks, *sorted(stacks.rglob("*"))]:
        name = path.relative_to(root)
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            raise RevisionError(f"{revision}: {name} is a symbolic link that leads out of the repository")
        if path.is_file() and path.stat().st_size > MAX_CONFIG_BYTES:
            size = path.stat().st_size / MAX_CONFIG_BYTES
            raise RevisionError(f"{revision}: {name} has {size:.1f} MiB, config files have at most 1 MiB")


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C does not stop the cleaning up after the first."""
    numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
