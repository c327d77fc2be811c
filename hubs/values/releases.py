"""The Helm releases of a hub: the single list that the program, previews, checks and summaries use."""

from __future__ import annotations

from collections.abc import Iterable

from hubs.settings.charts import Chart
from hubs.settings.errors import Problem, SettingsError
from hubs.settings.hub import Hub
from hubs.settings.layers import Source
from hubs.settings.stack import Stack
from hubs.values import binderhub, home_nfs, jupyterhub
from hubs.values.release import HubChart, Release

CHARTS: tuple[HubChart, ...] = (home_nfs.CHART, jupyterhub.CHART, binderhub.CHART)
"""Every chart that a hub may install, in the order in which releases are installed.

Add a chart here, define it in a file next to this one, and give its version in `Pulumi.yaml`.
"""


def releases(stack: Stack, hub: Hub) -> list[Release]:
    """Return the releases of `hub`, in the order in which they are installed.

    Raises SettingsError if `Pulumi.yaml` has no version of one of their charts.
    """
    found = [Release(stack, hub, chart) for chart in CHARTS if chart.installed(stack, hub)]
    missing = [f"imagebuilding:charts.{release.key}" for release in found if release.key not in hub.charts]
    if missing:
        message = "is missing: the program installs this chart, and needs its name, version and repository"
        raise SettingsError([Problem(Source("Pulumi.yaml", 1), path, message) for path in missing])
    return found


def charts(stack: Stack) -> dict[Chart, list[str]]:
    """Return the charts that the hubs of a stack install, with the keys of these hubs. Raises as `releases`."""
    found: dict[Chart, list[str]] = {}
    for hub in stack.hubs:
        for release in releases(stack, hub):
            found.setdefault(release.chart, []).append(hub.key)
    return found


def check_releases(stack: Stack, hubs: Iterable[Hub] | None = None) -> None:
    """Check the releases of `hubs`, by default of all, before anything is created. Raises SettingsError with all
    problems."""
    if problems := release_problems(stack, hubs):
        raise SettingsError(problems)


def release_problems(stack: Stack, hubs: Iterable[Hub] | None = None) -> list[Problem]:
    """Return the problems of the releases of `hubs`, by default of all. Raises as `releases`."""
    chosen = stack.hubs if hubs is None else hubs
    return [problem for hub in chosen for release in releases(stack, hub) for problem in release.problems()]
