"""What an update would create, as text for people: 80 columns, one paragraph for each hub."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from hubs.preview.paragraph import paragraph
from hubs.preview.program import Program, Registration
from hubs.preview.releases import RELEASE_TYPE
from hubs.preview.secrets import masked
from hubs.printable import printable
from hubs.settings.hub import Hub
from hubs.settings.layers import value_at
from hubs.settings.todo import Todo
from hubs.values import jupyterhub

WIDTH = 80
"""Columns. Only what people copy is longer, such as a command or a URL."""

_LABEL = 12
"""Columns of the labels in a hub's paragraph, with the space before and after."""

Line = tuple[str, str]
"""A line of text and its style on a terminal."""


def show(program: Program, *, verbose: bool = False) -> None:
    """Print the number of hubs and resources, what has to be done first, warnings, and a paragraph for each hub; with
    `verbose` also the resources."""
    if not sys.stdout.isatty():
        for text, _ in lines(program, verbose=verbose):
            print(text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for text, style in lines(program, verbose=verbose):
        console.print(Text(text, style=style))


def lines(program: Program, *, verbose: bool = False) -> Iterator[Line]:
    """Yield the plan's lines."""
    stack = program.settings
    yield f"{stack.name}: {_count(len(stack.hubs), 'hub')}, {_count(len(program.resources), 'resource')}", "bold"
    if stack.left_out:
        yield from _wrapped(f"Left out because of mistakes: {', '.join(sorted(stack.left_out))}", "", "bold red")
    if stack.todo:
        yield "", ""
        yield "To do before an update:", "bold yellow"
        for item in stack.todo:
            yield from _todo(item)
    if program.warnings:
        yield "", ""
        yield "Warnings:", "bold yellow"
        for warning in program.warnings:
            yield from _wrapped(f"- {warning}", "  ", "yellow")
    values = {
        resource.name: resource.inputs["values"] for resource in program.resources if resource.type == RELEASE_TYPE
    }
    for hub in sorted(stack.hubs, key=_order):
        yield "", ""
        yield hub.key, "bold"
        outputs = program.outputs["hubs"][hub.key]
        for label, text in paragraph(stack, hub, outputs, values[jupyterhub.CHART.name(hub)]):
            if label:
                style = "yellow" if label == "to do" else ""
                yield from _wrapped(f"  {label:{_LABEL - 2}}{text}", " " * _LABEL, style)
            else:
                yield f"{' ' * _LABEL}{printable(text)}", ""
    if verbose:
        yield "", ""
        yield "Resources:", "bold"
        yield from _resources(program.resources)


def _order(hub: Hub) -> tuple[str, bool, str]:
    """Communities by name, and in each of them what is deployed first: staging before prod."""
    return hub.community, hub.stage == "prod", hub.name


def _todo(item: Todo) -> Iterator[Line]:
    yield from _wrapped(f"- {item.source}: {item.path}: {item.what}", "  ", "yellow")
    first = (
        f"{item.first[:1].upper()}{item.first[1:]}{', then run:' if item.commands else '.'}" if item.first else "Run:"
    )
    yield from _wrapped(f"  {first}", "  ", "")
    for command in item.commands:
        yield f"    {printable(command)}", ""


def _wrapped(text: str, indent: str, style: str) -> Iterator[Line]:
    """Yield the text in lines of at most `WIDTH` columns, all but the first one with an indent. Words stay whole."""
    wrapped = textwrap.wrap(
        printable(text), WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    yield from ((line, style) for line in wrapped)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _resources(resources: list[Registration]) -> Iterator[Line]:
    depths: dict[str, int] = {}
    for resource in resources:
        depth = depths[resource.urn] = depths.get(resource.parent or "", 0) + 1
        summary = "; ".join(_details(resource))
        yield f"{'  ' * depth}{_title(resource)}{'  -- ' + summary if summary else ''}", ""


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
