"""`python -m settings`: what can be set, and where something was set."""

from __future__ import annotations

import argparse
import sys


def main() -> int:
    """Run the command line. Mistakes in settings are one line each on stderr, and exit code 1."""
    from .errors import SettingsError

    parser = argparse.ArgumentParser(prog="python -m settings", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("reference", help="every setting with its type, default and meaning")
    where = commands.add_parser("where", help="file and line that said a setting of a hub")
    where.add_argument("stack")
    where.add_argument("hub", metavar="COMMUNITY/HUB")
    where.add_argument("setting", help="such as auth.allow or home.nfs.path")
    arguments = parser.parse_args()
    try:
        return _reference() if arguments.command == "reference" else _where(arguments)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _reference() -> int:
    from .reference import lines

    print("\n".join(lines()))
    return 0


def _where(arguments: argparse.Namespace) -> int:
    from preview.secrets import masked
    from preview.values import load_with_placeholders

    from .loader import ROOT

    stack = load_with_placeholders(arguments.stack, ROOT)
    try:
        hub = stack.hub(arguments.hub)
    except KeyError:
        print(
            f"{stack.name} has no hub {arguments.hub}; it has: {', '.join(h.key for h in stack.hubs)}", file=sys.stderr
        )
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


if __name__ == "__main__":
    sys.exit(main())
