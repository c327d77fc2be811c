"""Report differences as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from hubs.preview.diff.ciphertext import is_changed_secret
from hubs.preview.diff.compare import HubChange, ReleaseChange, StackChange
from hubs.preview.diff.compose import judged, report_of
from hubs.preview.diff.grouping import Shared
from hubs.preview.diff.leaves import MISSING, Change, dotted
from hubs.preview.diff.lines import SECRET_CHANGED
from hubs.preview.diff.report import VERSION, Entry
from hubs.preview.diff.resources import ResourceChange


def json_report(changes: Sequence[StackChange]) -> str:
    """Return `{"version": ..., "stacks": [...]}` with one mapping for each stack that differs.

    In a change, `old` or `new` is omitted if that side does not exist. `headlines`, the words of `judgements`, `pages`
    and `sections` are what other formats show, as `Report` has them.
    """
    report = {"version": VERSION, "stacks": [_stack(change) for change in changes]}
    return json.dumps(report, indent=2, ensure_ascii=False, default=str)


def _stack(change: StackChange) -> dict[str, Any]:
    secrets, report = change.secrets, report_of(change)
    return {
        "stack": change.stack,
        "class": report.level.word,
        "headlines": [
            {"level": headline.level.word, "hubs": headline.hubs, "text": headline.text}
            for headline in report.headlines
        ],
        "counts": report.counts,
        "judgements": [_judgement(one, entry) for one, entry in zip(judged(change), report.judgements, strict=True)],
        "todos": report.todos,
        "warnings": report.warnings,
        "pages": [asdict(page) for page in report.pages],
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


def _judgement(one: Shared, entry: Entry) -> dict[str, Any]:
    judgement = one.judgement
    found = {
        "level": judgement.level.word,
        "touches": judgement.touches and judgement.touches.name.lower(),
        "origin": judgement.origin.name.lower(),
        "path": judgement.path,
        "subject": judgement.subject,
    }
    return (
        found
        | _sides(judgement.old, judgement.new)
        | {"effect": judgement.effect, "source": entry.source, "hubs": one.hubs}
        | {"where": entry.hubs, "title": entry.title, "sentence": entry.sentence, "lines": entry.lines}
    )


def _hub(hub: HubChange) -> dict[str, Any]:
    return {
        "name": hub.name,
        "action": hub.action,
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
    return {"path": dotted(change.path)} | _sides(change.old, change.new)


def _sides(old: Any, new: Any) -> dict[str, Any]:
    """Return `old` and `new` as far as they exist. Of a changed secret there is only a placeholder."""
    if is_changed_secret(old, new):
        return {"new": SECRET_CHANGED}
    return {side: value for side, value in (("old", old), ("new", new)) if value is not MISSING}
