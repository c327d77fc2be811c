"""`python -m hubs.preview where STACK COMMUNITY/HUB SETTING`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_where_arguments(parser: argparse.ArgumentParser) -> None:
    """What `where` takes."""
    parser.add_argument("stack", help="name of a stack: stacks/Pulumi.<name>.yaml")
    parser.add_argument("hub", metavar="COMMUNITY/HUB")
    parser.add_argument("setting", help="such as auth.allow or home.nfs.path")


def run_where(arguments: argparse.Namespace, root: Path) -> int:
    """Print file and line that said a setting, and its value. The exit code."""
    from hubs.preview.secrets import masked
    from hubs.preview.values import load_with_placeholders

    stack = load_with_placeholders(arguments.stack, root)
    try:
        hub = stack.hub(arguments.hub)
    except KeyError:
        known = ", ".join(item.key for item in stack.hubs)
        print(f"{stack.name} has no hub {arguments.hub}; it has: {known}", file=sys.stderr)
        return 1
    value = hub.model_dump(by_alias=True)
    path = tuple(arguments.setting.split("."))
    for step in path:
        if not isinstance(value, dict) or step not in value:
            print(f"{hub.key} has no setting {arguments.setting}", file=sys.stderr)
            return 1
        value = value[step]
    default = "secrets of the stack" if path[0] == "secrets" else "program default"
    print(f"{stack.source(hub, path) or default}: {masked(value)}")
    return 0
