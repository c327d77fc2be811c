"""Commands that Pulumi's engine runs: `up`, `preview`, `destroy`, `refresh`."""

from __future__ import annotations

from pathlib import Path

import click

from hubs.cli.parameters import STACK

_CONTEXT = click.option("--context", metavar="CONTEXT", help="Use this kubectl context. Only for demonstration stacks.")
_OPTIONS = click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[PULUMI OPTIONS...]")
_PASS_ON = {"ignore_unknown_options": True}


@click.command(context_settings=_PASS_ON, epilog="Example: hubs up demo --context kind-kind")
@STACK
@_CONTEXT
@_OPTIONS
@click.pass_obj
def up(root: Path, stack: str, context: str | None, options: tuple[str, ...]) -> int:
    """Deploy STACK with `pulumi up`.

    Pulumi shows what it will change and asks for confirmation. Further options go to Pulumi as they
    are. Without a terminal, as in CI, pass --yes.
    """
    return _run("up", root, stack, context, options)


@click.command(context_settings=_PASS_ON, epilog="Example: hubs preview earth --diff")
@STACK
@_CONTEXT
@_OPTIONS
@click.pass_obj
def preview(root: Path, stack: str, context: str | None, options: tuple[str, ...]) -> int:
    """Compare STACK with what is deployed.

    Runs `pulumi preview`; `hubs plan` needs neither engine nor account. Further options go to
    Pulumi as they are.
    """
    return _run("preview", root, stack, context, options)


@click.command(context_settings=_PASS_ON, epilog="Example: hubs destroy demo --context kind-kind")
@STACK
@_CONTEXT
@_OPTIONS
@click.pass_obj
def destroy(root: Path, stack: str, context: str | None, options: tuple[str, ...]) -> int:
    """Delete the resources of STACK.

    Runs `pulumi destroy`. Resources that hold people's files and images are kept. Further options go to
    Pulumi as they are. Without a terminal, as in CI, pass --yes.
    """
    return _run("destroy", root, stack, context, options)


@click.command(context_settings=_PASS_ON, epilog="Example: hubs refresh earth")
@STACK
@_CONTEXT
@_OPTIONS
@click.pass_obj
def refresh(root: Path, stack: str, context: str | None, options: tuple[str, ...]) -> int:
    """Read the state of STACK from cluster and cloud.

    Runs `pulumi refresh`. Further options go to Pulumi as they are. Without a terminal, as in CI,
    pass --yes.
    """
    return _run("refresh", root, stack, context, options)


COMMANDS = (up, preview, destroy, refresh)


def _run(command: str, root: Path, stack: str, context: str | None, options: tuple[str, ...]) -> int:
    from hubs.engine.run import run_engine

    return run_engine(command, stack, context or None, options, root)
