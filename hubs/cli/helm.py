"""Commands that need Helm: `diff` and `render`."""

from __future__ import annotations

from pathlib import Path

import click

from hubs.cli.parameters import MAYBE_STACK, STACK

_NO_CACHE = click.option("--no-cache", is_flag=True, help="Neither read nor write cached plans and manifests.")


@click.command(epilog="Examples: hubs diff earth; hubs diff --all --base main --format markdown")
@MAYBE_STACK
@click.option("--all", "every", is_flag=True, help="Compare every stack that changed.")
@click.option("--base", metavar="REV", help="Compare with this revision. Default: where the branch left main.")
@click.option("--head", metavar="REV", help="Compare this revision. Default: the working tree.")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "html", "json"]), default="text", show_default=True
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything differs, and with 128 on an error.")
@_NO_CACHE
@click.pass_context
def diff(  # noqa: PLR0917  (click passes them by name)
    context: click.Context,
    stack: str | None,
    every: bool,
    base: str | None,
    head: str | None,
    form: str,
    exit_code: bool,
    no_cache: bool,
) -> int:
    """Show what changes in STACK between git revisions.

    Dangers first, then Helm values and, where Helm is installed, Kubernetes objects.

    Runs the program of both revisions, without your credentials. On Linux 6.2 or newer, it can't read
    your home directory or use the network; elsewhere it runs as you.
    """
    if (stack is None) != every:
        raise click.UsageError("name either a STACK or --all.", context)
    from hubs.preview.diff.command import Options, diff_command

    return diff_command(context.obj, Options(stack, base, head, form, exit_code=exit_code, cached=not no_cache))


@click.command(epilog="Example: hubs render earth --out manifests")
@STACK
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Default: .state/rendered/STACK"
)
@_NO_CACHE
@click.pass_obj
def render(root: Path, stack: str, out: Path | None, no_cache: bool) -> int:
    """Write the Kubernetes manifests of STACK.

    One file for each Helm release, and one for the other objects of each hub. Needs Helm.
    """
    from hubs.preview.render_command import render_stack

    return render_stack(root, stack, out or Path(".state", "rendered", stack), cached=not no_cache)
