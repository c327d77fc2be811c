"""Report differences as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from hubs.preview.diff.ciphertext import is_changed_secret
from hubs.preview.diff.compare import HubChange, ReleaseChange, StackChange
from hubs.preview.diff.leaves import MISSING, Change, dotted
from hubs.preview.diff.lines import SECRET_CHANGED
from hubs.preview.diff.report import VERSION
from hubs.preview.diff.resources import ResourceChange
from hubs.preview.diff.text import report_of


def json_report(changes: Sequence[StackChange]) -> str:
    """Return `{"version": ..., "stacks": [...]}` with one mapping for each stack that differs.

    In a change, `old` or `new` is omitted if that side does not exist. `sections` have the same content as lines of
    text, as `Report` has them.
    """
    report = {"version": VERSION, "stacks": [_stack(change) for change in changes]}
    return json.dumps(report, indent=2, ensure_ascii=False)


def _stack(change: StackChange) -> dict[str, Any]:
    secrets, report = change.secrets, report_of(change)
    return {
        "stack": change.stack,
        "summary": report.summary,
        "dangers": report.dangers,
        "secrets": {
            "added": secrets.added,
            "removed": secrets.removed,
            "changed": secrets.changed,
            "encrypted_again": secrets.new_key,
        },
        "shared": [_resource(resource) for resource in change.shared],
        "hubs": [_hub(hub) for hub in change.hubs],
        "sections": [asdict(section) for section in report.sections],
    }


def _hub(hub: HubChange) -> dict[str, Any]:
    return {
        "name": hub.name,
        "action": hub.action,
        "dangers": hub.dangers,
        "resources": [_resource(resource) for resource in hub.resources],
        "releases": [_release(release) for release in hub.releases],
    }


def _resource(resource: ResourceChange) -> dict[str, Any]:
    return {
        "action": resource.action,
        "type": resource.type,
        "name": resource.name,
        "kept": resource.kept,
        "protected": resource.protected,
        "changes": [_change(change) for change in resource.changes],
    }


def _release(release: ReleaseChange) -> dict[str, Any]:
    return {
        "name": release.name,
        "chart": release.chart,
        "versions": release.versions,
        "values": [_change(change) for change in release.values],
        "problem": release.problem or None,
        "page": [line.plain for line in release.page],
        "objects": [
            {
                "action": change.action,
                "kind": change.kind,
                "name": change.name,
                "restarts": change.restarts,
                "only_labels": change.only_labels,
                "values_repeated": change.repeated,
                "changes": [_change(difference) for difference in change.changes],
            }
            for change in release.objects
        ],
    }


def _change(change: Change) -> dict[str, Any]:
    if is_changed_secret(change.old, change.new):
        return {"path": dotted(change.path), "new": SECRET_CHANGED}
    sides = {"old": change.old, "new": change.new}
    return {"path": dotted(change.path)} | {side: value for side, value in sides.items() if value is not MISSING}
