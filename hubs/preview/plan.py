"""What an update would create, as JSON for programs."""

from __future__ import annotations

import json
from typing import Any

from hubs.preview.pins import pinned_digests
from hubs.preview.program import Program, Registration
from hubs.preview.secrets import masked

HUB_TYPE = "imagebuilding:hub:ImagebuildingHub"


def as_json(program: Program) -> str:
    """Return a list with one object per resource: secrets are `[secret]`, values not known yet are `[unknown]`."""
    return json.dumps([masked(_entry(resource)) for resource in program.resources], indent=2)


def as_json_for_rendering(program: Program) -> str:
    """Return one line for `hubs.preview.planner`.

    `resources` is the same list with each secret as `[secret PATH]`, so that secrets stay distinct, and the
    `chart_digest` of releases whose chart is pinned. `todo` is what has to be done before an update, `left_out` are the
    problems of the hubs that are not in the plan, by hub or community: all as lines of text.
    """
    settings = program.settings
    pinned = pinned_digests(settings)
    entries = [_entry(resource) for resource in program.resources]
    hubs = {hub.slug: hub.key for hub in settings.hubs}
    for entry in entries:
        if entry["type"] == HUB_TYPE:
            entry["hub"] = hubs[entry["name"]]
        digest = pinned.get((entry["inputs"].get("chart"), entry["inputs"].get("version")))
        if digest is not None:
            entry["chart_digest"] = digest
    left_out = {key: [str(problem) for problem in sorted(set(found))] for key, found in settings.left_out.items()}
    return json.dumps({"resources": entries, "todo": [*map(str, settings.todo)], "left_out": left_out})


def _entry(resource: Registration) -> dict[str, Any]:
    return {
        "type": resource.type,
        "name": resource.name,
        "urn": resource.urn,
        "parent": resource.parent,
        "inputs": resource.inputs,
        "depends_on": resource.depends_on,
        "protect": resource.protect,
        "retain_on_delete": resource.retain_on_delete,
    }
