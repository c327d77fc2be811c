"""What people answer to `hubs new`: each option and each answer on the terminal is checked when it is given."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

import click

_REFUSED = {"Cc", "Cn", "Cs", "Zl", "Zp"}
"""Unicode categories of control characters, line breaks, and what is not a character."""


class Text(click.ParamType[str]):
    """One line of text. `setting` names the setting that it must be valid for, such as `home.Nfs.server`."""

    name = "text"

    def __init__(self, setting: str | None = None) -> None:
        self.setting = setting

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if any(unicodedata.category(character) in _REFUSED for character in text):
            self.fail(f"{text[:100]!a} must be one line without control characters", param, ctx)
        text = text.strip()
        if not text:
            self.fail("must not be empty", param, ctx)
        kind = self.kind()
        if kind is not None:
            from hubs.new.kinds import problem

            wrong = problem(text, kind)
            if wrong:
                self.fail(f"{text[:100]!r} {wrong}", param, ctx)
        return text

    def kind(self) -> Any:
        """Return the type that the text must be valid for, if any."""
        from hubs.new.kinds import type_of

        return type_of(self.setting) if self.setting else None


class Item(Text):
    """One line of text that is valid for a type. A comma after it, as in a list, is removed."""

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(str(value).strip(" ,"), param, ctx)

    def kind(self) -> Any:
        return self._kind


class Items(click.ParamType[list[str]]):
    """Several items, separated by spaces."""

    name = "items"

    def __init__(self, kind: Any) -> None:
        self.item = Item(kind)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        words = [word for word in str(value).split() if word.strip(",")]
        return [self.item.convert(word, param, ctx) for word in words or [""]]


class Export(Text):
    """The exported directory of an NFS server, without a slash at the end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = super().convert(value, param, ctx).rstrip("/")
        if not text:
            self.fail("'/' must be a directory such as /export/ocean: staging uses PATH-staging", param, ctx)
        return text


class NewName(Text):
    """The name of a new cluster or community."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from hubs.errors import UserError
        from hubs.new.file import check_name

        try:
            check_name(self.what, str(value))
        except UserError as error:
            raise click.UsageError(str(error), ctx) from None
        return str(value)


class Kinds(click.Choice[str]):
    """A kind from the models of the settings, which are imported when the choices are first needed."""

    def __init__(self, table: str) -> None:
        self.table, self.case_sensitive = table, True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]
        from hubs.new import kinds

        return tuple(getattr(kinds, self.table))


class Questions:
    """Values of options. Asks for a missing value on a terminal; without a terminal, a missing value is an error."""

    def __init__(self, context: click.Context, given: dict[str, Any]) -> None:
        self.context, self.given = context, given
        self.parameters = {item.name: item for item in context.command.params}

    def __call__(self, name: str, text: str, kind: click.ParamType[Any] | None = None) -> Any:
        """Return the value of an option, or the answer to the question `text`, which must be of type `kind`."""
        value = self.given.get(name)
        if value:
            return value
        known = self.parameters.get(name)
        if not sys.stdin.isatty():
            about = f"missing option {option(name)}" if known else f"{name} must be answered on a terminal"
            raise click.UsageError(f"{about}: {text[:1].lower()}{text[1:]}", self.context)
        return click.prompt(text, type=kind or (known.type if known else Text()), err=True)

    def only(self, names: Iterable[str], chooser: str, kind: str, fits: Callable[[str, str], bool]) -> None:
        """Refuse given options that have no effect with the `kind` of `chooser`. `fits` takes a kind and an option."""
        choices: Any = self.parameters[chooser].type
        for name in names:
            if self.given[name] and not fits(kind, name):
                owners = ", ".join(item for item in choices.choices if fits(item, name))
                message = f"{option(name)} belongs to {option(chooser)} {owners}: it has no effect with {kind}"
                raise click.UsageError(message, self.context)


def option(name: str) -> str:
    """Return a parameter's name as it is written on the command line."""
    return "--" + {"admins": "admin"}.get(name, name.replace("_", "-"))
