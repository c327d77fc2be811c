"""Parts of the documentation that are generated from the code when it is built, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from hubs.settings.advisories import ADVISORIES
from hubs.settings.build import REPO2DOCKER_IMAGE
from hubs.settings.hub import HUB_IMAGE, USER_IMAGE
from hubs.settings.layers import plain
from hubs.settings.reference import markdown
from hubs.settings.yaml_file import read
from hubs.values.binderhub import DOCKER_IMAGE
from hubs.values.branding import _GIT_IMAGE
from hubs.values.profiles import DEFAULT
from hubs.values.safety import IMAGE

ROOT = Path(__file__).resolve().parents[1]


def settings() -> str:
    """Return every setting, without the title of the page."""
    return re.sub(r"\A# .*\n", "", markdown())


def commands() -> str:
    """Return the output of `--help` of each command, below a heading."""
    from hubs.cli import commands as hubs

    parts = [f"## `{name}`\n\n```text\n{text}\n```" for name, text in help_texts(hubs)]
    return "\n\n".join(parts)


def help_texts(
    command: click.Command, name: str = "hubs", parent: click.Context | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the full name and the help of `command` and of all its subcommands."""
    options = {**command.context_settings, "terminal_width": 90, "max_content_width": 90}
    with click.Context(command, info_name=name, parent=parent, **options) as context:
        yield context.command_path, command.get_help(context).rstrip()
        if isinstance(command, click.Group):
            for below in command.list_commands(context):
                child = command.get_command(context, below)
                if child is not None and not child.hidden:
                    yield from help_texts(child, below, context)


def charts() -> str:
    """Return the charts of `Pulumi.yaml`."""
    config = plain(read(ROOT / "Pulumi.yaml", "Pulumi.yaml"))["config"]
    rows = config["imagebuilding:charts"]["default"].values()
    return _table(
        ("Chart", "Version", "From"), [(f"`{r['name']}`", f"`{r['version']}`", r["repository"]) for r in rows]
    )


def images() -> str:
    """Return the images that the program sets."""
    rows = [
        ("The hub", "`hub_image`", HUB_IMAGE),
        ("A server when its profile names no image", "`image`", USER_IMAGE),
        *(("A choice in the default profile", "`profiles`", choice.image) for choice in DEFAULT.images.values()),
        ("Builds: repo2docker", "`build.image`", REPO2DOCKER_IMAGE),
        ("Builds: the Docker daemon", "", DOCKER_IMAGE),
        ("Network rules before builds and servers", "", IMAGE),
        ("Fetching templates, with `branding.templates`", "", _GIT_IMAGE),
    ]
    return _table(("What", "Setting", "Image"), [(what, setting, f"`{image}`") for what, setting, image in rows])


def vulnerabilities() -> str:
    """Return the known vulnerabilities of JupyterHub."""
    rows: list[tuple[str, ...]] = [
        (f"`{one.id}`", one.what, ", ".join(one.fixed), one.only or "all") for one in ADVISORIES
    ]
    return _table(("Id", "What", "Fixed in JupyterHub", "Hubs"), rows)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings,
    "commands": commands,
    "charts": charts,
    "images": images,
    "vulnerabilities": vulnerabilities,
}
"""The generated parts by their names in pages."""
