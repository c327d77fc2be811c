"""`python -m hubs.preview plan STACK`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_plan_arguments(parser: argparse.ArgumentParser) -> None:
    """What `plan` takes."""
    parser.add_argument("stack", help="name of a stack: stacks/Pulumi.<name>.yaml")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="a list of all resources, for machines")
    form.add_argument("--values", metavar="COMMUNITY/HUB", help="the values of that hub's releases, as YAML")
    for_rendering = "with --json: secrets as [secret WHERE-IT-IS-FROM], and charts with the digests that are pinned"
    parser.add_argument("--for-rendering", action="store_true", help=for_rendering)


def run_plan(arguments: argparse.Namespace, root: Path) -> int:
    """Print the plan in the form that was asked for. The exit code."""
    if arguments.values:
        return _values(arguments.stack, arguments.values, root)
    from hubs.preview.plan import as_json, as_json_for_rendering, show
    from hubs.preview.program import run

    program = run(arguments.stack, root)
    if arguments.json:
        print(as_json_for_rendering(program, root) if arguments.for_rendering else as_json(program))
    else:
        show(program)
    return 0


def _values(name: str, hub: str, root: Path) -> int:
    from hubs.preview.values import annotated, load_with_placeholders, placeholder_values

    stack = load_with_placeholders(name, root)
    try:
        print(annotated(placeholder_values(stack, hub)), end="")
    except KeyError:
        print(f"{name} has no hub {hub}; it has: {', '.join(item.key for item in stack.hubs)}", file=sys.stderr)
        return 1
    return 0
