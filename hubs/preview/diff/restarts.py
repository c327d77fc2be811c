"""Say what it means for people when pods restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubs.preview.diff.compare import StackChange
from hubs.preview.diff.judged import Level

if TYPE_CHECKING:
    from hubs.values.release import Restart


def restart(name: str) -> Restart:
    """Return what a restart of the pods of the object `name` means for people."""
    from hubs.values.release import Restart  # the settings' models take a while to import, and few changes restart pods
    from hubs.values.releases import CHARTS

    meanings = {workload: meaning for chart in CHARTS for workload, meaning in chart.restarts.items()}
    for known, meaning in meanings.items():
        if name == known or name.endswith(f"-{known}"):
            return meaning
    return Restart(f"{name} restarts")


def restart_level(change: StackChange) -> Level:
    """Return how closely the restarts of a stack have to be read."""
    restarts = (restart(o.name) for hub in change.hubs for r in hub.releases for o in r.objects if o.restarts)
    return Level.CAREFUL if any(found.disturbs for found in restarts) else Level.ROUTINE
