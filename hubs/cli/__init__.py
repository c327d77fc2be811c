"""The command `hubs`, also `python -m hubs`.

The commands are thin: each imports the code that does the work when it runs. Importing this package does not import
pydantic, YAML, rich or an SDK, so that help and completion are fast.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from click.exceptions import NoSuchCommand

from hubs.cli import checking, completion, engine, helm, new, page, reading, streams
from hubs.errors import UnknownNameError, UserError
from hubs.printable import one_line

ROOT = Path(__file__).resolve().parents[2]
WRONG_COMMAND, INTERRUPTED = 2, 130


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        import tomllib

        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        click.echo(f"hubs {project['version']}")
        context.exit()


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: hubs plan demo",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def commands() -> None:
    """JupyterHubs where people build the image they need, deployed with Pulumi.

    STACK is a cluster with a file stacks/Pulumi.STACK.yaml; HUB is one of its hubs, written community/hub.
    """


for _command in (
    reading.plan,
    reading.values,
    reading.where,
    reading.settings,
    helm.diff,
    helm.render,
    checking.check,
    page.page,
    *engine.COMMANDS,
    new.new,
    completion.completion,
):
    commands.add_command(_command)


def run(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Run one command line for the project in `root`, and return the exit code. Prints errors to stderr.

    The exit code is the command's own, 1 for a problem in files or on this machine, 2 for a wrong command, option,
    STACK or HUB, or 130 after Ctrl-C.
    """
    with streams.escaped():
        try:
            code = _run(arguments, root)
            sys.stdout.flush()
            return code
        except BrokenPipeError:  # the reader closed the pipe
            streams.discard(sys.stdout)
            return 0
        except OSError as error:
            streams.discard(sys.stdout)
            return _say(1, f"hubs: {_reason(error)}")


def _run(arguments: Sequence[str], root: Path) -> int:
    try:
        with commands.make_context("hubs", list(arguments), obj=root) as context:
            return int(commands.invoke(context) or 0)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (click.UsageError, UserError, ModuleNotFoundError, KeyboardInterrupt, click.Abort) as error:
        return _say(*_explained(error, arguments))


def _say(code: int, message: str) -> int:
    """Print the message to stderr, if that can be written to, and return `code`."""
    try:
        print(message, file=sys.stderr, flush=True)
    except OSError:
        streams.discard(sys.stderr)
    return code


def _reason(error: OSError) -> str:
    """Return why the operating system refused something, and for which file. Without a file it was the output."""
    what = error.filename if error.filename is not None else "the output can't be written"
    return one_line(f"{what}: {error.strerror or error}")


def _explained(error: BaseException, arguments: Sequence[str]) -> tuple[int, str]:
    """Return exit code and message for an error of the user. Raises any other error, because it is a bug."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            return WRONG_COMMAND, error.format_message()
        case click.UsageError():
            message = " ".join(_text(error).split()).rstrip(".")
            path = error.ctx.command_path if error.ctx is not None else _path(arguments)
            is_name = message.partition(" ")[0].isupper()
            return WRONG_COMMAND, f"{path}: {message if is_name else message[:1].lower() + message[1:]}"
        case UnknownNameError():
            return WRONG_COMMAND, str(error)
        case UserError():
            return 1, str(error)
        case ModuleNotFoundError() if (error.name or "").partition(".")[0] not in ("hubs", "components"):
            return 1, f"the Python package {error.name} is not installed: run `make setup`"
        case KeyboardInterrupt() | click.Abort():
            return INTERRUPTED, "stopped"
    raise error


def other_project(folder: Path, root: Path = ROOT) -> Path | None:
    """Return the project that contains `folder`, if it is another one than `root`, where this command is installed."""
    found = next((place for place in (folder, *folder.parents) if (place / "stacks").is_dir()), None)
    is_project = found is not None and (found / "Pulumi.yaml").is_file()
    return found if is_project and found != root else None


def _text(error: click.UsageError) -> str:
    """Return the message of an error, with only the nearest of click's suggestions."""
    if isinstance(error, click.NoSuchOption | NoSuchCommand) and error.possibilities:
        return f"{error.message.rstrip('.')}; did you mean {error.possibilities[0]}?"
    return error.format_message()


def _path(arguments: Sequence[str]) -> str:
    """Return the command that the arguments begin with, for the errors to which click adds no command."""
    command: click.Command = commands
    path = ["hubs"]
    for argument in arguments:
        below = command.commands.get(argument) if isinstance(command, click.Group) else None
        if below is None:
            break
        command = below
        path.append(argument)
    return " ".join(path)


def main() -> NoReturn:
    """Run the command line of this process and exit."""
    if "_HUBS_COMPLETE" in os.environ:
        commands(prog_name="hubs", obj=ROOT)
    # Nearly everything that a command allocates is in use until it ends: garbage collection takes 15 % of a plan.
    gc.disable()
    # Otherwise the stacks of one clone could be deployed from the folder of another one.
    if (other := other_project(Path.cwd())) is not None:
        hint = "run `make setup` in the second one, and use its .venv/bin/hubs"
        print(f"hubs: this command belongs to {ROOT}, and the current folder to {other}: {hint}", file=sys.stderr)
        sys.exit(WRONG_COMMAND)
    code = run(sys.argv[1:], ROOT)
    if code == INTERRUPTED:
        os._exit(code)  # does not wait for threads that wait for a server
    sys.exit(code)
