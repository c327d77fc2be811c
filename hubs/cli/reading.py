"""Commands that read the files of a stack: `plan`, `values`, `where`, `settings`."""

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
def plan(root: Path, stack: str, as_json: bool, verbose: bool, for_rendering: bool) -> int:
    """Show what an update of STACK would create.

    Needs no engine, account or cluster. Hubs whose settings have a mistake are left out, and the exit code is 1.
    """
    from hubs.preview import plan as plans
    from hubs.preview.notices import complain, remind
    from hubs.preview.program import run
    from hubs.settings.errors import SettingsError

    program = run(stack, root)
    if program.settings.left_out and not (program.settings.hubs or for_rendering):
        raise SettingsError(program.settings.problems)
    code = complain(program.settings.problems)
    if for_rendering:
        print(plans.as_json_for_rendering(program))
    elif as_json:
        remind(program.settings)
        print(plans.as_json(program))
    else:
        from hubs.preview.plan_text import show

        show(program, verbose=verbose)
    return code


@click.command(epilog="Example: hubs values earth ocean/prod")
@STACK
@HUB
@click.pass_obj
def values(root: Path, stack: str, hub: str) -> None:
    """Print the Helm values of HUB, and where each comes from.

    Prints one YAML document for each release. Comments name the file and line that set a value.
    """
    from hubs.preview.notices import remind
    from hubs.preview.values import annotated, load_what_works, placeholder_values

    settings = load_what_works(stack, root)
    key = settings.hub(hub).key
    text = annotated(placeholder_values(settings, key))
    remind(settings, key)
    print(text, end="")


@click.command(epilog="Example: hubs where earth ocean/prod auth.admins")
@STACK
@HUB
@click.argument("path")
@click.pass_obj
def where(root: Path, stack: str, hub: str, path: str) -> None:
    """Show where a value of HUB comes from.

    Prints the value, and each layer that sets it. PATH is a setting, such as auth.admins or
    profiles.cpu.images, or a chart's value, such as hub.config.Authenticator.admin_users. Items of
    lists have names or numbers.
    """
    from hubs.preview.notices import remind
    from hubs.preview.values import load_what_works
    from hubs.preview.where import where as found

    settings = load_what_works(stack, root)
    text = found(settings, settings.hub(hub), path)
    remind(settings, settings.hub(hub).key)
    print(text, end="")


@click.command(epilog="Example: hubs settings home.disk")
@click.argument("setting", required=False)
@click.option(
    "--schema",
    metavar="[DIR]",
    type=click.Path(file_okay=False, writable=True),
    is_flag=False,
    flag_value="",
    help="Write the JSON schemas of stack and community files into DIR (default: stacks/).",
)
@click.pass_obj
def settings(root: Path, setting: str | None, schema: str | None) -> None:
    """Explain settings: type, default, meaning and an example.

    Without SETTING, explains all of them. SETTING is a path such as home.disk, auth.github.allow or cluster.ingress.
    """
    if schema is not None:
        from hubs.settings.schema import write_schemas

        folder = Path(schema) if schema else root / "stacks"
        if not folder.is_dir():
            raise click.UsageError(
                f"there is no folder {str(folder)!r} to write the schemas to", click.get_current_context()
            )
        for path in write_schemas(folder):
            print(f"wrote {path}")
        return
    from hubs.settings.reference import reference

    print(reference(setting), end="", flush=True)
