"""Put what matters most first: storage, the database, network and security, before labels and everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hubs.preview.diff.chart_paths import rule_for
from hubs.preview.diff.judged import Judgement
from hubs.preview.diff.leaves import Change, Path
from hubs.preview.diff.objects import ObjectChange
from hubs.settings.touches import Touches

_TOUCHES = (Touches.FILES, Touches.NETWORK, Touches.ISOLATION, Touches.IDENTITY, Touches.LOGIN, Touches.CODE)
_KINDS = (
    *(
        "PersistentVolumeClaim",
        "PersistentVolume",
        "StorageClass",
        "StatefulSet",
        "NetworkPolicy",
        "Ingress",
        "Service",
    ),
    *(
        "ClusterRole",
        "ClusterRoleBinding",
        "Role",
        "RoleBinding",
        "ServiceAccount",
        "Secret",
        "Deployment",
        "DaemonSet",
    ),
)


def touches_order(touches: Touches | None) -> int:
    """Return the place of what a change touches: files first."""
    return _TOUCHES.index(touches) if touches in _TOUCHES else len(_TOUCHES)


def objects_in_order(
    chart: str, objects: Sequence[ObjectChange], judgements: Sequence[Judgement]
) -> tuple[ObjectChange, ...]:
    """Return the objects with the most dangerous ones first, then by kind, and values in Secrets by what they touch."""
    levels: dict[str, int] = {}
    for one in judgements:
        levels[one.path] = max(one.level, levels.get(one.path, 0))

    def rank(change: ObjectChange) -> tuple[int, int]:
        kind = _KINDS.index(change.kind) if change.kind in _KINDS else len(_KINDS)
        if change.kind == "Secret" and change.changes and _order(chart, change.changes[0].path[2:]) == 0:
            kind = -1  # a chart's default for people's files changes
        return -levels.get(f"{change.kind} {change.name}", 0), kind

    return tuple(sorted((_with_values_in_order(chart, change) for change in objects), key=rank))


def values_in_order(chart: str, values: Sequence[Change]) -> tuple[Change, ...]:
    """Return changed values of a chart by what they touch."""
    return tuple(sorted(values, key=lambda change: _order(chart, change.path)))


def _with_values_in_order(chart: str, change: ObjectChange) -> ObjectChange:
    if change.kind != "Secret":
        return change
    # A Secret with all values of a release has them below its own two keys.
    found = sorted(change.changes, key=lambda one: _order(chart, one.path[2:]))
    return replace(change, changes=tuple(found))


def _order(chart: str, path: Path) -> int:
    found = rule_for(chart, path) if path else None
    mark = found.rule.mark if found is not None else None
    return touches_order(mark.what if mark is not None else None)
