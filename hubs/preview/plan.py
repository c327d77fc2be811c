"""What an update would create, as a tree for people or as JSON for programs."""

from __future__ import annotations

import json
import sys
from typing import Any

from hubs.preview.pins import pinned_digests
from hubs.preview.program import Program, Registration
from hubs.preview.releases import RELEASE_TYPE
from hubs.preview.secrets import masked
from hubs.printable import printable
from hubs.settings.layers import value_at

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


def show(program: Program, *, verbose: bool = False) -> None:
    """Print what has to be done first, the number of resources, the outputs of each hub, and warnings; with `verbose`
    also the resources."""
    kept = sum(resource.retain_on_delete for resource in program.resources)
    hubs: dict[str, Any] = program.outputs.get("hubs", {})
    headline = f"{program.settings.name}: {_count(len(hubs), 'hub')}, {_count(len(program.resources), 'resource')}"
    headline += f" ({kept} kept if removed from the config)"
    if sys.stdout.isatty():
        _rich(program, headline, hubs, verbose=verbose)
    else:
        _plain(program, headline, hubs, verbose=verbose)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _depths(resources: list[Registration]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for resource in resources:
        depths[resource.urn] = depths.get(resource.parent or "", -1) + 1
    return depths


def _hub_lines(hub: dict[str, Any]) -> list[tuple[str, str]]:
    lines = [
        ("URL", hub["url"]),
        ("OAuth callback URL", hub["oauth_callback_url"]),
        ("built images", f"{hub['image_prefix']}..."),
    ]
    return [(label, printable(text)) for label, text in lines]


def _plain(program: Program, headline: str, hubs: dict[str, Any], *, verbose: bool) -> None:
    for item in program.settings.todo:
        print(f"to do: {item}\n")
    print(headline)
    depths = _depths(program.resources)
    for resource in program.resources if verbose else []:
        summary = "; ".join(_details(resource))
        indent = "  " * (depths[resource.urn] + 1)
        print(f"{indent}{_title(resource)}{'  -- ' + summary if summary else ''}")
    for key, hub in hubs.items():
        print(f"\n{key}")
        for label, text in _hub_lines(hub):
            print(f"  {label:22}{text}")
    for warning in program.warnings:
        print(f"\nwarning: {printable(warning)}")


def _rich(program: Program, headline: str, hubs: dict[str, Any], *, verbose: bool) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
    from rich.tree import Tree

    console = Console(highlight=False)
    for item in program.settings.todo:
        console.print(f"[yellow]to do:[/] {escape(str(item))}\n")
    root = Tree(f"[bold]{escape(headline)}[/]", guide_style="dim")
    branches: dict[str, Tree] = {}
    for resource in program.resources if verbose else []:
        kind, _, name = _title(resource).partition(" ")
        about = escape("; ".join(_details(resource)))
        label = f"[cyan]{kind}[/] [bold]{escape(name)}[/]{'  [dim]' + about + '[/]' if about else ''}"
        branches[resource.urn] = branches.get(resource.parent or "", root).add(label)
    console.print(root)
    for key, hub in hubs.items():
        table = Table(title=f"\n{escape(key)}", title_justify="left", title_style="bold", box=None, show_header=False)
        for row in _hub_lines(hub):
            table.add_row(f"[dim]{row[0]}[/]", escape(row[1]))
        console.print(table)
    for warning in program.warnings:
        console.print(f"\n[yellow]warning:[/] {escape(printable(warning))}")


def _title(resource: Registration) -> str:
    """Return the last part of the type, and the name."""
    return printable(f"{resource.type.split(':')[-1]} {resource.name}")


def _details(resource: Registration) -> list[str]:
    """Return the most important inputs, and whether the resource is kept when it is removed from the config."""
    found: list[str] = _DETAILS.get(resource.type, lambda _: [])(resource.inputs)
    if resource.retain_on_delete:
        found.append("kept when removed from the config")
    if resource.protect:
        found.append("protected")
    return [printable(str(masked(item))) for item in found]


def _release(inputs: dict[str, Any]) -> list[str]:
    chart = f"{inputs['chart']} {inputs.get('version', '')}".rstrip()
    repository = inputs.get("repositoryOpts", {}).get("repo")
    return [
        chart + (f" from {repository}" if repository else ""),
        f"in {inputs['namespace']}",
        *_release_values(inputs["values"]),
    ]


def _release_values(values: dict[str, Any]) -> list[str]:
    found: list[str] = []
    if authenticator := value_at(values, "hub", "config", "JupyterHub", "authenticator_class"):
        found.append(f"login: {authenticator}")
    if hosts := value_at(values, "ingress", "hosts"):
        found.append(f"at {', '.join(map(str, hosts))}")
    if storage := value_at(values, "singleuser", "storage", "type"):
        found.append(f"homes: {storage}")
    if profiles := value_at(values, "singleuser", "profileList"):
        found.append(_count(len(profiles), "profile"))
    if prefix := value_at(values, "config", "BinderHub", "image_prefix"):
        found.append(f"pushes to {prefix}")
    return found


def _volume(inputs: dict[str, Any]) -> list[str]:
    nfs = inputs["spec"].get("nfs", {})
    return [f"{nfs.get('server')}:{nfs.get('path')}"]


def _policy(inputs: dict[str, Any]) -> list[str]:
    """Return which pods a policy is for, and what it allows besides public addresses and DNS."""
    pods = ", ".join(f"{key}={value}" for key, value in inputs["spec"]["podSelector"]["matchLabels"].items())
    opened = [
        f"{block['cidr']} port {', '.join(str(port['port']) for port in rule['ports'])}"
        for rule in inputs["spec"]["egress"]
        for block in (item["ipBlock"] for item in rule.get("to", []))
        if "ports" in rule
    ]
    return [f"pods with {pods}", "reach public addresses and DNS" + "".join(f", {text}" for text in opened)]


_DETAILS: dict[str, Any] = {
    RELEASE_TYPE: _release,
    "kubernetes:core/v1:Namespace": lambda inputs: [inputs["metadata"]["name"]],
    "kubernetes:core/v1:PersistentVolume": _volume,
    "kubernetes:core/v1:PersistentVolumeClaim": lambda inputs: [inputs["metadata"]["name"]],
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": _policy,
    "pulumi:providers:kubernetes": lambda inputs: [
        f"context {inputs['context']}" if "context" in inputs else "kubeconfig"
    ],
    "gcp:artifactregistry/repository:Repository": lambda inputs: [
        f"{inputs['format']} in {inputs['location']}, {inputs['project']}"
    ],
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": lambda inputs: [
        inputs["role"],
        str(inputs["member"]),
    ],
    "gcp:serviceaccount/account:Account": lambda inputs: [inputs["accountId"]],
    "gcp:projects/service:Service": lambda inputs: [inputs["service"]],
}
