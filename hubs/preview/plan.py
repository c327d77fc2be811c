"""What an update would make, as a tree for people or JSON for machines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, TextIO

from hubs.preview.describe import details, title
from hubs.preview.pins import pinned_digests
from hubs.preview.program import Program, Registration
from hubs.preview.secrets import masked

HUB_TYPE = "imagebuilding:hub:ImagebuildingHub"


def as_json(program: Program) -> str:
    """A list with one object for each resource, secrets as `[secret]`, what is not known yet as `[unknown]`."""
    return json.dumps([masked(_entry(resource)) for resource in program.resources], indent=2)


def as_json_for_rendering(program: Program, root: Path) -> str:
    """The same with each secret as `[secret PATH]`, `chart_digest` of releases, and `hub` (community/hub) of hubs."""
    pinned = pinned_digests(program.stack, root)
    entries = [_entry(resource) for resource in program.resources]
    hubs = {key.replace("/", "-"): key for key in program.outputs.get("hubs", {})}
    for entry in entries:
        if entry["type"] == HUB_TYPE:
            entry["hub"] = hubs[entry["name"]]
        digest = pinned.get((entry["inputs"].get("chart"), entry["inputs"].get("version")))
        if digest is not None:
            entry["chart_digest"] = digest
    return json.dumps(entries)


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


def show(program: Program, out: TextIO | None = None, *, verbose: bool = False) -> None:
    """How many resources there are, the addresses of each hub, warnings last; with `verbose` also all resources."""
    out = out or sys.stdout
    kept = sum(resource.retain_on_delete for resource in program.resources)
    hubs: dict[str, Any] = program.outputs.get("hubs", {})
    headline = f"{program.stack}: {_count(len(hubs), 'hub')}, {_count(len(program.resources), 'resource')}"
    headline += f", {kept} of them kept if removed from the config"
    if out.isatty():
        _rich(program, headline, hubs, verbose=verbose)
    else:
        _plain(program, headline, hubs, out, verbose=verbose)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _depths(resources: list[Registration]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for resource in resources:
        depths[resource.urn] = depths.get(resource.parent or "", -1) + 1
    return depths


def _hub_lines(hub: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("people go to", hub["url"]),
        ("register callback", hub["oauth_callback_url"]),
        ("images are pushed to", f"{hub['image_prefix']}..."),
    ]


def _plain(program: Program, headline: str, hubs: dict[str, Any], out: TextIO, *, verbose: bool) -> None:
    print(headline, file=out)
    depths = _depths(program.resources)
    for resource in program.resources if verbose else []:
        about = "; ".join(str(masked(item)) for item in details(resource))
        indent = "  " * (depths[resource.urn] + 1)
        print(f"{indent}{title(resource)}{'  -- ' + about if about else ''}", file=out)
    for key, hub in hubs.items():
        print(f"\n{key}", file=out)
        for label, text in _hub_lines(hub):
            print(f"  {label:22}{text}", file=out)
    for warning in program.warnings:
        print(f"\nwarning: {warning}", file=out)


def _rich(program: Program, headline: str, hubs: dict[str, Any], *, verbose: bool) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
    from rich.tree import Tree

    console = Console(highlight=False)
    root = Tree(f"[bold]{escape(headline)}[/]", guide_style="dim")
    branches: dict[str, Tree] = {}
    for resource in program.resources if verbose else []:
        kind, _, name = title(resource).partition(" ")
        about = escape("; ".join(str(masked(item)) for item in details(resource)))
        label = f"[cyan]{kind}[/] [bold]{escape(name)}[/]{'  [dim]' + about + '[/]' if about else ''}"
        branches[resource.urn] = branches.get(resource.parent or "", root).add(label)
    console.print(root)
    for key, hub in hubs.items():
        table = Table(title=f"\n{escape(key)}", title_justify="left", title_style="bold", box=None, show_header=False)
        for row in _hub_lines(hub):
            table.add_row(f"[dim]{row[0]}[/]", escape(row[1]))
        console.print(table)
    for warning in program.warnings:
        console.print(f"\n[yellow]warning:[/] {escape(warning)}")
