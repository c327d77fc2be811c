"""Arguments that commands share: STACK and HUB, with completion."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from hubs.errors import unknown
from hubs.stack_files import stack_names


def hub_names(root: Path, stack: str) -> list[str]:
    """Return the hubs of a stack as `community/hub`, from all of its files that can be read."""
    from hubs.settings.errors import SettingsError
    from hubs.settings.yaml_file import read

    names: list[str] = []
    for path in sorted((root / "stacks" / stack).glob("*.y*ml")):
        with contextlib.suppress(SettingsError):
            hubs = read(path, path.name).get("hubs")
            names += [f"{path.stem}/{hub}" for hub in (hubs.value if hubs is not None and hubs.is_mapping else ())]
    return names


class _Stack(click.ParamType[str]):
    """The name of an existing stack; with `known=False` any name, because another revision may have the stack."""

    name = "STACK"

    def __init__(self, *, known: bool = True) -> None:
        self.known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not self.known or ctx is None:
            return value
        names = stack_names(ctx.obj)
        if value.startswith("-"):
            raise click.UsageError("STACK comes before Pulumi's options.", ctx)
        if value not in names:
            raise click.UsageError(unknown(f"there is no stack {value[:100]!r}", value, names), ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(name) for name in stack_names(ctx.obj) if name.startswith(incomplete)]


class _Hub(click.ParamType[str]):
    """A hub of the stack before it, as `community/hub`."""

    name = "HUB"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        stack = ctx.params.get("stack")
        names = hub_names(ctx.obj, stack) if stack else []
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


STACK = click.argument("stack", type=_Stack(), metavar="STACK")
MAYBE_STACK = click.argument("stack", type=_Stack(known=False), metavar="[STACK]", required=False)
CLUSTER = click.option(
    "--cluster", "stack", type=_Stack(), required=True, metavar="STACK", help="Stack to add the community to."
)
HUB = click.argument("hub", type=_Hub(), metavar="HUB")
MAYBE_HUB = click.argument("hub", type=_Hub(), metavar="[HUB]", required=False)
