"""Changes of `values` in each layer of the example stacks, judged without Helm and without another process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hubs.preview.diff.judged import Judgement, Level
from hubs.preview.diff.release_judgements import Releases, release_judgements
from hubs.preview.values import hub_values, load_with_placeholders
from hubs.settings.stack import Stack
from hubs.values.releases import releases
from tests.repository import Repository, copy_files

HUBS = {"earth": "ocean/prod", "mars": "astro/prod", "demo": "sandbox/prod"}
"""A hub of each example stack."""
CHARTS = ("jupyterhub", "binderhub-service", "jupyterhub-home-nfs")
LAYERS = ("defaults", "community", "hub")
_HUB_LINES = {
    "earth": "  prod:\n    domain: ocean.example.org\n",
    "mars": "  prod:\n    domain: astro.example.net\n",
    "demo": "  prod: {domain: hub.localhost}\n",
}


def example_stacks(root: Path) -> Repository:
    """Copy the example stacks."""
    copy_files(root, ("Pulumi.yaml", "__main__.py", "stacks"))
    return Repository(root)


def write(repository: Repository, stack: str, layer: str, chart: str, values: Any) -> None:
    """Write values of a chart into a layer of a stack."""
    text = json.dumps({chart: values})
    community, hub = HUBS[stack].split("/")
    file, of_stack = f"stacks/{stack}/{community}.yaml", f"stacks/Pulumi.{stack}.yaml"
    if layer == "community":
        repository.replace(file, "\ndisplay_name:", f"\nvalues: {text}\ndisplay_name:")
    elif layer == "hub":
        line = _HUB_LINES[stack]
        domain = line.rpartition("domain: ")[2].strip(" }\n")
        repository.replace(file, line, f"  {hub}: {{domain: {domain}, values: {text}}}\n")
    elif stack == "earth":
        repository.replace(of_stack, "  imagebuilding:defaults:\n", f"  imagebuilding:defaults:\n    values: {text}\n")
    else:
        repository.replace(
            of_stack,
            "  imagebuilding:secrets:",
            f"  imagebuilding:defaults: {{values: {text}}}\n  imagebuilding:secrets:",
        )


def judged(chart: str, stack: str, old: Stack, new: Stack) -> list[Judgement]:
    """Return what differs for the example's hub, as `hubs diff` judges it."""
    sides = [hub_values(side, side.hub(HUBS[stack]))[chart].data for side in (old, new)]
    (name,) = [release.name for release in releases(new, new.hub(HUBS[stack])) if release.key == chart]
    return list(release_judgements(name, chart, (sides[0], sides[1]), (Releases(old), Releases(new))))


def load(repository: Repository, stack: str) -> Stack:
    """Load the settings of a stack."""
    return load_with_placeholders(stack, repository.root)


def level(judgements: list[Judgement]) -> Level:
    """Return the highest level."""
    return max((one.level for one in judgements), default=Level.ROUTINE)
