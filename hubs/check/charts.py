"""Check that the charts are available, and that they match the pinned digests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from hubs.check.findings import Check, Result, failed, ok, warning
from hubs.clients.charts import Charts, NoChartError
from hubs.clients.errors import ClientError
from hubs.settings.charts import Chart
from hubs.settings.stack import Stack
from hubs.values.releases import charts as installed

AREA = "charts"


def checks(stack: Stack, charts: Charts) -> list[Check]:
    """Return one check for each chart that the hubs install."""
    return [Check(AREA, charts.label(chart), partial(_look, charts, chart)) for chart in installed(stack)]


def _look(charts: Charts, chart: Chart) -> Iterator[Result]:
    where = chart.archive or chart.repository
    try:
        archive = charts.archive(chart)
    except NoChartError as error:
        yield failed(str(error), "correct the chart's name, version, repository or archive (imagebuilding:charts)")
        return
    except ClientError as error:
        # The engine downloads charts to this machine too, so `pulumi up` would fail here.
        yield failed(
            f"could not be downloaded: {error}", "check the network and any proxy, or name an `archive` of the chart"
        )
        return
    if not chart.digest:
        yield ok(f"is available at {where}")
        if not chart.archive:
            pin = f"pin it with `digest: {archive.digest}`"
            yield warning("is not pinned: the repository could serve something else later", pin)
    elif not archive.digest:
        yield warning("is a folder, which has no digest", "remove `digest`, or name an archive")
    elif archive.digest == chart.digest:
        yield ok(f"is available at {where}, as pinned")
    else:
        yield failed(
            f"{where} serves {archive.digest}, which is not the pinned digest",
            "find out why it changed; if the change is intended, pin the new digest",
        )
