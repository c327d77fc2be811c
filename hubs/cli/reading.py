"""Commands that look at the files of a stack: `plan`, `values`, `where`, `settings`."""

from __future__ import annotations

from pathlib import Path

import click

from hubs.cli.parameters import HUB, STACK


@click.command(epilog="Example: hubs plan earth")
@STACK
@click.option("--json", "as_json", is_flag=True, help="Print all resources as a JSON list.")
@click.option("-v", "--verbose", is_flag=True, help="List every resource.")
@click.option("--for-rendering", is_flag=True, hidden=True)
@click.pass_obj
def plan(root: Path, stack: str, as_json: bool, verbose: bool, for_rendering: bool) -> None:
    """Show what an update of STACK would create. Needs no engine, account or cluster."""
    from hubs.preview import plan as plans
    from hubs.preview.program import run

    program = run(stack, root)
    if for_rendering:
        print(plans.as_json_for_rendering(program, root))
    elif as_json:
        print(plans.as_json(program))
    else:
        plans.show(program, verbose=verbose)


@click.command(epilog="Example: hubs values earth ocean/prod")
@STACK
@HUB
@click.pass_obj
def values(root: Path, stack: str, hub: str) -> None:
    """Print the values of each Helm release of HUB as YAML, with the file and line that each value comes from."""
    from hubs.preview.values import annotated, load_with_placeholders, placeholder_values

    settings = load_with_placeholders(stack, root)
    print(annotated(placeholder_values(settings, settings.hub(hub).key)), end="")


@click.command(epilog="Example: hubs where earth ocean/prod auth.allow")
@STACK
@HUB
@click.argument("setting", metavar="SETTING")
@click.pass_obj
def where(root: Path, stack: str, hub: str, setting: str) -> None:
    """Show the file and line that set SETTING of HUB, and its value as YAML.

    SETTING is a path such as auth.allow or home.nfs.path.
    """
    from hubs.preview.values import load_with_placeholders
    from hubs.preview.where import where as found

    settings = load_with_placeholders(stack, root)
    print(found(settings, settings.hub(hub), setting), end="")


@click.command(epilog="Example: hubs settings")
@click.pass_obj
def settings(_root: Path) -> None:
    """Print every setting with its type, default and meaning."""
    from hubs.settings.reference import lines

    print("\n".join(lines()), flush=True)
