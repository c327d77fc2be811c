"""The digests that charts are pinned to, for which a Release resource has no input."""

from __future__ import annotations

from hubs.settings.stack import Stack
from hubs.values.releases import charts


def pinned_digests(stack: Stack) -> dict[tuple[str, str | None], str]:
    """Return `sha256:...` of every hub's pinned charts, by the chart's reference and version."""
    return {
        (chart.reference, None if chart.archive else chart.version): chart.digest
        for chart in charts(stack)
        if chart.digest
    }
