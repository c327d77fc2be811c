"""`python -m hubs.check STACK`: what would fail, before `pulumi up`; with `--after`, whether what it made works.

Nothing is changed anywhere. Exit code: 0 where nothing failed (warnings, and what could not be checked, are no
failure), 1 where something did or the settings can't be read, 2 for a wrong command line, 130 for Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hubs.check.findings import Check, Status, unchecked, warning
from hubs.engine.cli import EngineError
from hubs.settings.errors import SettingsError
from hubs.settings.loader import ROOT, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubs.clients.http import Http
    from hubs.settings.stack import Stack

INTERRUPTED = 130
"""What shells say of a command that Ctrl-C ended."""
SECONDS = 10.0
"""For each of connecting, sending and receiving."""


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="python -m hubs.check", description="What would `pulumi up` fail on?")
    parser.add_argument("stack", metavar="STACK", help="a stack that has a file in stacks/")
    parser.add_argument("--after", action="store_true", help="check what was deployed, instead of what is to be")
    parser.add_argument("--json", action="store_true", help="findings as JSON")
    parser.add_argument("--context", help="kubectl context, instead of the stack's; for demonstrations only")
    options = parser.parse_args(arguments)
    try:
        return _preflight(options.stack, root, options.context or None, after=options.after, as_json=options.json)
    except (SettingsError, EngineError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _preflight(name: str, root: Path, context: str | None, *, after: bool, as_json: bool) -> int:
    import httpx

    from hubs.check import report
    from hubs.check.credentials import configuration, environment
    from hubs.check.run import run
    from hubs.clients.http import Http

    config, why_not = configuration(name, root)
    if context is not None:
        config["kubernetes:context"] = context
    stack = load(name, config, root=root)
    if context is not None and not stack.cluster.demonstration:
        raise EngineError(f"{name} names its own cluster: --context is for stacks for demonstration")
    credentials = environment()
    with httpx.Client(timeout=SECONDS, headers={"User-Agent": "imagebuilding-preflight"}) as client:
        checks = [*_settings(stack, why_not), *_checks(stack, config, root, Http(client), after=after)]
        with _progress(len(checks)) as done:
            findings = run(checks, credentials.words(config), done)
    if as_json:
        print(report.as_json(name, findings))
    else:
        from rich.console import Console

        # Lines in a file or in CI's log are as long as they are.
        report.show(findings, Console(highlight=False, width=None if sys.stdout.isatty() else 10_000))
    return 1 if any(finding.status is Status.FAILED for finding in findings) else 0


def _checks(stack: Stack, config: dict[str, str], root: Path, http: Http, *, after: bool) -> list[Check]:
    from hubs.check.credentials import environment
    from hubs.clients.kubernetes import Cluster

    cluster = Cluster(stack.context, config.get("kubernetes:kubeconfig"))
    if after:
        from hubs.check import after as deployed

        return deployed.checks(stack, cluster, http)
    from hubs.check import charts, domains, images, registry
    from hubs.check import cluster as place

    found = charts.Charts(root, http)
    credentials = environment()
    return [
        *registry.checks(stack, credentials, http),
        *charts.checks(stack, found),
        *images.checks(stack, credentials, http),
        *place.checks(stack, cluster, found),
        *domains.checks(stack, cluster),
    ]


def _settings(stack: Stack, why_not: str) -> list[Check]:
    """What loading the settings has to say, as checks that are done already."""
    checks = [
        Check("settings", problem.path, partial(warning, problem.message, f"see {problem.source}"))
        for problem in stack.warnings
    ]
    if why_not:
        from hubs.check.credentials import HOW_TO_GIVE

        checks.append(Check("settings", "secrets", partial(unchecked, f"are not at hand: {why_not}", HOW_TO_GIVE)))
    return checks


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Check], None]]:
    """A bar on a terminal, else a line for each check; on stderr, where it is in nobody's way."""
    if not sys.stderr.isatty():

        def line(check: Check) -> None:
            print(f"checked {check.area}: {check.subject}", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[last]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, last="")

        def advance(check: Check) -> None:
            bar.update(task, advance=1, last=f"{check.area}: {check.subject}")

        yield advance


def program(arguments: Sequence[str] | None = None, root: Path = ROOT) -> NoReturn:
    """`main`, and the end of the process, which after Ctrl-C waits for no check that waits for a server."""
    code = main(arguments, root)
    sys.stdout.flush()
    sys.stderr.flush()
    if code == INTERRUPTED:
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    program()
