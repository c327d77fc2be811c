"""The command `check`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from hubs.cli.parameters import STACK


@click.command(epilog="Examples: hubs check earth; hubs check earth --after; hubs check earth --github my-org/hubs")
@STACK
@click.option("--after", is_flag=True, help="Check what is deployed, instead of what is about to be deployed.")
@click.option(
    "--probe-network",
    is_flag=True,
    help="Also try whether the cluster enforces NetworkPolicies, with three small pods in a temporary namespace.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--github",
    metavar="ORGANIZATION/REPOSITORY",
    help="Check how this repository on GitHub protects the deployment. Reads GITHUB_TOKEN or GH_TOKEN.",
)
@click.option("--context", metavar="CONTEXT", help="Use this kubectl context. Only for demonstration stacks.")
@click.pass_obj
def check(
    root: Path,
    stack: str,
    *,
    after: bool,
    probe_network: bool,
    as_json: bool,
    github: str | None,
    context: str | None,
) -> int:
    """Check what would fail when STACK is deployed.

    Reads registry, charts, images, cluster and DNS, and changes nothing without --probe-network. The
    exit code is 1 if a check failed. Warnings, and checks that were not possible, do not count.
    """
    from hubs.check.command import check_github, check_stack

    if github is not None:
        if after or probe_network or context:
            raise click.UsageError("--github can't be used with --after, --probe-network or --context.")
        if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", github):
            raise click.UsageError("--github needs ORGANIZATION/REPOSITORY.")
        return check_github(stack, root, github, as_json=as_json)

    return check_stack(stack, root, context or None, after=after, probe_network=probe_network, as_json=as_json)
