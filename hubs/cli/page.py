"""The command `page`."""

from __future__ import annotations

from pathlib import Path

import click

from hubs.cli.parameters import MAYBE_HUB, STACK


@click.command(epilog="Example: hubs page earth ocean/prod --screenshot ocean.png")
@STACK
@MAYBE_HUB
@click.option("--port", type=int, metavar="N", help="Port of 127.0.0.1 to listen on. Default: a free port.")
@click.option(
    "--screenshot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a PNG of the page where people choose their server, and exit.",
)
@click.pass_obj
def page(root: Path, stack: str, hub: str | None, port: int | None, screenshot: Path | None) -> int:
    """Run the web page of HUB on this machine.

    It shows what people will see once HUB is deployed. Ctrl-C stops it. HUB can be left out when
    the stack has only one.

    Runs the code in the hub's values, such as hub.extraConfig, without your credentials. On Linux
    6.2 or newer, the code can't read your home directory; elsewhere it runs as you.
    """
    from hubs.page.command import run_page

    return run_page(stack, hub, root, port, screenshot)
