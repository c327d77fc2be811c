"""Check what would fail when a stack is deployed, or whether a deployed stack works: `hubs check STACK`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from hubs.check import report
from hubs.check.credentials import HOW_TO_GIVE, configuration, environment
from hubs.check.findings import Check, Finding, Status, unchecked, warning
from hubs.check.run import run
from hubs.clients.charts import Charts
from hubs.clients.http import Http
from hubs.engine.cli import EngineError
from hubs.settings.loader import load
from hubs.settings.stack import Stack
from hubs.stack_files import stack_names

SECONDS = 10.0
"""For each of connecting, sending and receiving."""


def check_stack(name: str, root: Path, context: str | None, *, after: bool, probe_network: bool, as_json: bool) -> int:
    """Run all checks of the stack `name`, or with `after` those of the deployed stack, and print their findings.

    `probe_network`: also try network policies, which creates pods in a temporary namespace of the cluster.

    `context` replaces the kubectl context of a demonstration stack. Returns the exit code: 1 if a check failed.
    Raises SettingsError and EngineError.
    """
    config, why_not = configuration(name, root)
    if context is not None:
        config["kubernetes:context"] = context
    stack = load(name, config, root=root)
    if context is not None and not stack.cluster.demonstration:
        raise EngineError(f"{name} names its own cluster: --context is only for demonstration stacks")
    credentials = environment()
    with httpx.Client(timeout=SECONDS, headers={"User-Agent": "imagebuilding-check"}) as client:
        checks = [*_settings(stack, why_not), *_checks(stack, config, root, Http(client), after=after)]
        checks += _network(stack, config, probe=probe_network, after=after)
        with _progress(len(checks)) as done:
            findings = run(checks, credentials.words(config), done)
    return _report(name, findings, as_json=as_json)


def _report(name: str, findings: Sequence[Finding], *, as_json: bool) -> int:
    if as_json:
        print(report.as_json(name, findings))
    else:
        report.show(findings)
    return 1 if any(finding.status is Status.FAILED for finding in findings) else 0


def check_github(name: str, root: Path, repository: str, *, as_json: bool) -> int:
    """Check how `repository` on GitHub protects the deployment of the stack `name`, and print the findings.

    Returns the exit code: 1 if a check failed. Raises SettingsError.
    """
    from hubs.check import github
    from hubs.preview.values import load_with_placeholders

    stack = load_with_placeholders(name, root)
    with httpx.Client(timeout=SECONDS, headers={"User-Agent": "imagebuilding-check"}) as client:
        found = github.repository(repository, Http(client))
        checks = github.checks(stack, found, stack_names(root))
        with _progress(len(checks)) as done:
            findings = run(checks, {found.token} - {""}, done)
    return _report(name, findings, as_json=as_json)


def _checks(stack: Stack, config: dict[str, str], root: Path, http: Http, *, after: bool) -> list[Check]:
    from hubs.clients.kubernetes import Cluster

    cluster = Cluster(stack.context, config.get("kubernetes:kubeconfig"))
    if after:
        from hubs.check import after as deployed

        return deployed.checks(stack, cluster, http)
    from hubs.check import charts, domains, images, registry, rendered, start
    from hubs.check import cluster as cluster_checks

    found = Charts(root, http)
    credentials = environment()
    of_charts, not_rendered = rendered.images(stack.name, root)
    return [
        *registry.checks(stack, credentials, http),
        *charts.checks(stack, found),
        *images.checks(stack, credentials, http, of_charts),
        *not_rendered,
        *cluster_checks.checks(stack, cluster, found),
        *domains.checks(stack, cluster),
        *start.checks(stack, root),
    ]


def _network(stack: Stack, config: dict[str, str], *, probe: bool, after: bool) -> list[Check]:
    from hubs.check import network
    from hubs.clients.kubernetes import Cluster

    found = [] if after else network.checks(stack)
    if probe:
        # Before all checks and in the main thread, so that an interrupt does not leave the namespace behind.
        result = network.probe(stack, Cluster(stack.context, config.get("kubernetes:kubeconfig")))
        return [*found, Check(network.AREA, network.POLICIES, lambda: result)]
    return found if after else [*found, Check(network.AREA, network.POLICIES, network.not_probed(stack.name))]


def _settings(stack: Stack, why_not: str) -> list[Check]:
    """Return the warnings of the settings as checks."""
    checks = [
        Check("settings", problem.path, partial(warning, problem.message, f"see {problem.source}"))
        for problem in stack.warnings
    ]
    if why_not:
        message = f"could not be decrypted: {why_not}"
        checks.append(Check("settings", "secrets", partial(unchecked, message, HOW_TO_GIVE)))
    return checks


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Check], None]]:
    """Show a progress bar on stderr if it is a terminal."""
    if not sys.stderr.isatty():
        yield lambda check: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[last]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, last="")

        def advance(check: Check) -> None:
            bar.update(task, advance=1, last=f"{check.area}: {check.subject}")

        yield advance
