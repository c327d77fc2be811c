"""The command `completion`."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

_SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(epilog='Example: eval "$(hubs completion bash)"')
@click.argument("shell", type=click.Choice(list(_SHELLS)), metavar="bash|zsh|fish")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that makes the shell complete commands, stacks and hubs."""
    print(_SHELLS[shell](context.find_root().command, {}, "hubs", "_HUBS_COMPLETE").source())
