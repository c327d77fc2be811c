"""Compare two revisions of the project: `hubs diff STACK`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hubs import confine
from hubs.errors import UnknownNameError, unknown
from hubs.preview.cache import Cache
from hubs.preview.changed import changed_between
from hubs.preview.configuration import read_stack_file
from hubs.preview.diff import revisions
from hubs.preview.diff.as_json import json_report
from hubs.preview.diff.compare import Renderer, StackChange, State, compare
from hubs.preview.diff.compose import report_of
from hubs.preview.diff.markdown import markdown_report
from hubs.preview.diff.revisions import WORKING_TREE, RevisionError
from hubs.preview.diff.text import text_report
from hubs.preview.helm import Helm, HelmError, find_helm
from hubs.preview.planner import PlanError, Planner
from hubs.preview.releases import BadReleaseError, Release
from hubs.preview.render import Rendered, not_rendered, render
from hubs.preview.terminal import ending_cleanly, progress
from hubs.stack_files import stack_names

if TYPE_CHECKING:
    from hubs.settings.stack import Stack

DIFFERENCES, ERROR, ERROR_WITH_EXIT_CODE = 1, 1, 128
"""Exit codes. With `--exit-code`, 1 means differences and 128 means an error, as in git."""

_STYLES = {"+": "green", "-": "red", "~": "yellow", "!": "bold red"}


@dataclass(frozen=True)
class Options:
    """What to compare and how to show it. `stack` is None for every stack that changed."""

    stack: str | None
    base: str | None
    head: str | None
    form: str
    """text, markdown, html or json."""
    exit_code: bool
    cached: bool


def diff_command(root: Path, options: Options) -> int:
    """Compare two revisions of the project in `root`, print the differences, and return the exit code.

    Raises UnknownNameError for a stack that neither revision has.
    """
    error_code = ERROR_WITH_EXIT_CODE if options.exit_code else ERROR
    failed = False
    changes: list[StackChange] = []
    try:
        with ending_cleanly(), ExitStack() as trees:
            cache = trees.enter_context(Cache.default() if options.cached else Cache(None))
            base = revisions.default_base(root) if options.base is None else options.base
            before = trees.enter_context(_tree(root, base))
            after = trees.enter_context(_tree(root, options.head))
            render_with = _renderer(cache)
            if options.head is not None and sys.stderr.isatty():
                print(f"Runs the program of {options.head!a}. {confine.what_it_can_do()}", file=sys.stderr)
            for stack in _stacks(options, root, base, (before.path, after.path)):
                if options.stack is None and options.form == "text":
                    print(f"comparing {stack}", file=sys.stderr, flush=True)
                try:
                    change = _compare(stack, before, after, cache, render_with)
                    changes.append(change)
                    # What is wrong before the change is only in the report: the change may repair it.
                    lines = [f"{after.label}: {line}" for hub in change.not_compared for line in hub.new]
                except (PlanError, BadReleaseError) as error:
                    lines = str(error).splitlines()
                failed = failed or bool(lines)
                for line in dict.fromkeys(lines):
                    print(f"{stack}: {line}", file=sys.stderr)
    except RevisionError as error:
        print(error, file=sys.stderr)
        return error_code
    if changes or not failed:
        _print(changes, options.form)
    if failed:
        return error_code
    return DIFFERENCES if options.exit_code and not all(change.empty for change in changes) else 0


class _Tree:
    """The project at a revision, with the revision's name for messages."""

    def __init__(self, path: Path, label: str) -> None:
        self.path, self.label = path, label


@contextlib.contextmanager
def _tree(root: Path, revision: str | None) -> Iterator[_Tree]:
    label = WORKING_TREE if revision is None else revision
    if revision is None:
        revisions.check_config(root, label)
        yield _Tree(root, label)
    else:
        with revisions.worktree(root, revision) as path:
            revisions.check_config(path, label)
            yield _Tree(path, label)


def _stacks(options: Options, root: Path, base: str, trees: Sequence[Path]) -> list[str]:
    known = sorted({stack for tree in trees for stack in stack_names(tree)})
    if options.stack is not None:
        if options.stack not in known:
            problem = f"neither revision has a stack {options.stack!r}"
            raise UnknownNameError(unknown(problem, options.stack, known))
        return [options.stack]
    return changed_between(root, base, options.head, known)


def _compare(stack: str, before: _Tree, after: _Tree, cache: Cache, render_with: Renderer) -> StackChange:
    """Compare the stack in two trees. Both plans run in parallel, while the settings are read here."""
    with ExitStack() as running:
        planners = []
        for tree in (before, after):
            with _labelled(tree):
                there = stack in stack_names(tree.path)
                planners.append(running.enter_context(Planner(tree.path, stack, cache)) if there else None)
        states = []
        for tree, planner in zip((before, after), planners, strict=True):
            if planner is None:
                states.append(State([], {}, tree.path))
                continue
            settings, unreadable = _settings(stack, tree.path)
            with _labelled(tree):
                plan = planner.plan()
            file = read_stack_file(tree.path, stack)
            states.append(State(plan.resources, file, tree.path, settings, unreadable, plan.left_out))
    return compare(stack, states[0], states[1], render_with)


def _settings(stack: str, root: Path) -> tuple[Stack | None, str]:
    """Return the settings of a stack, or None and why this program can't read them."""
    from hubs.preview.values import load_what_works
    from hubs.settings.errors import SettingsError

    try:
        return load_what_works(stack, root), ""
    except SettingsError as error:
        return None, str(error)
    except OSError as error:
        return None, error.strerror or type(error).__name__


@contextlib.contextmanager
def _labelled(tree: _Tree) -> Iterator[None]:
    """Each line of a PlanError starts with the revision."""
    try:
        yield
    except PlanError as error:
        lines = str(error).splitlines()
        raise PlanError(*(f"{tree.label}: {line}" for line in lines)) from None


def _renderer(cache: Cache) -> Renderer:
    """Return a renderer that looks for helm only when there is a release to render."""
    found: list[Helm | str] = []

    def render_with(releases: Sequence[Release], root: Path) -> Sequence[Rendered]:
        if not releases:
            return []
        if not found:
            try:
                found.append(find_helm(cache))
            except HelmError as error:
                found.append(str(error))
        if isinstance(found[0], str):
            return [not_rendered(release, found[0]) for release in releases]
        return render(releases, root, found[0], cache, progress)

    return render_with


def _print(changes: Sequence[StackChange], form: str) -> None:
    if form == "json":
        print(json_report(changes))
        return
    reports = [report_of(change) for change in changes]
    if form == "html":
        from hubs.preview.diff.html_page import html_report

        print(html_report(reports), end="")
        return
    if form == "markdown":
        print(markdown_report(reports) if reports else "No stack changes.\n", end="")
    elif not changes:
        print("no stack changes")
    elif not sys.stdout.isatty():
        print("\n".join(text_report(reports)))
    else:
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False, soft_wrap=True)
        for line in text_report(reports):
            console.print(Text(line, style=_STYLES.get(line[:1], "bold" if line[:1] not in ("", " ") else "")))
