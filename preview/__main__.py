"""`python -m preview`: what the program would do, without an engine, an account or a cluster."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .diff.command import add_diff_arguments, run_diff
from .render_command import add_render_arguments, run_render

ROOT = Path(__file__).resolve().parent.parent


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m preview", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    plan = commands.add_parser("plan", help="the resources that an update would make")
    plan.add_argument("stack", help="name of a stack: stacks/Pulumi.<name>.yaml")
    form = plan.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="a list of all resources, for machines")
    form.add_argument("--values", metavar="COMMUNITY/HUB", help="the values of that hub's releases, as YAML")
    for_rendering = "with --json: secrets as [secret WHERE-IT-IS-FROM], and charts with the digests that are pinned"
    plan.add_argument("--for-rendering", action="store_true", help=for_rendering)
    plan.set_defaults(run=_plan)

    rendered = commands.add_parser("render", help="the manifests that reach the cluster, made by Helm")
    add_render_arguments(rendered)
    rendered.set_defaults(run=lambda arguments: run_render(arguments, ROOT))
    different = commands.add_parser("diff", help="what changes between two git revisions")
    add_diff_arguments(different)
    different.set_defaults(run=lambda arguments: run_diff(arguments, ROOT))
    return parser


def _plan(arguments: argparse.Namespace) -> int:
    if arguments.values:
        from settings.loader import ROOT

        from .values import annotated, load_with_placeholders, placeholder_values

        stack = load_with_placeholders(arguments.stack, ROOT)
        try:
            print(annotated(placeholder_values(stack, arguments.values)), end="")
        except KeyError:
            known = ", ".join(hub.key for hub in stack.hubs)
            print(f"{arguments.stack} has no hub {arguments.values}; it has: {known}", file=sys.stderr)
            return 1
        return 0
    from .plan import as_json, as_json_for_rendering, show
    from .program import run

    program = run(arguments.stack)
    if arguments.json:
        print(as_json_for_rendering(program) if arguments.for_rendering else as_json(program))
    else:
        show(program)
    return 0


def main() -> int:
    """Run the command line. Mistakes in settings are one line each on stderr, and exit code 1."""
    from settings.errors import SettingsError

    arguments = _parser().parse_args()
    try:
        return int(arguments.run(arguments))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader has seen enough
        return 0


if __name__ == "__main__":
    sys.exit(main())
