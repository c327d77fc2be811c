"""The command `hubs`: help, suggestions, exit codes, and errors that are one line."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator

import click
import pytest

from hubs.cli import commands, main, other_project, run
from hubs.errors import UserError
from tests.repository import ROOT, Repository


def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from walk(below, f"{path} {name}")


ALL = dict(walk(commands, "hubs"))


def test_the_commands() -> None:
    names = {path.removeprefix("hubs ") for path in ALL} - {"hubs"}
    assert names == {
        *("plan", "values", "where", "diff", "render", "check", "page", "up", "preview", "destroy", "refresh"),
        *("settings", "new", "new cluster", "new community", "completion"),
    }


@pytest.mark.parametrize("path", [path for path, command in ALL.items() if not isinstance(command, click.Group)])
def test_help_has_a_sentence_and_an_example(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = path.split()[1:]
    assert run([*arguments, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert (ALL[path].help or "").split("\n")[0].endswith(".")
    assert f": {path} " in shown or f"({path} " in shown
    usage, _, about = shown.partition((ALL[path].help or "").split("\n")[0])
    assert about
    assert usage.startswith(f"Usage: {path} ")


def test_every_line_of_the_list_of_commands_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert "..." not in capsys.readouterr().out.partition("\n")[2]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert capsys.readouterr().out == f"hubs {project['version']}\n"
    assert project["scripts"] == {"hubs": "hubs.__main__:start"}
    assert callable(main)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pln"], "hubs: no such command 'pln'; did you mean plan?"),
        (["plan", "earth", "--jsn"], "hubs plan: no such option '--jsn'; did you mean --json?"),
        (["plan"], "hubs plan: missing argument 'STACK'"),
        (["plan", "earht"], "hubs plan: there is no stack 'earht'; did you mean earth?"),
        (["values", "earth", "ocaen/prod"], "earth has no hub 'ocaen/prod'; did you mean ocean/prod?"),
        (["page", "earth", "ocean-prd"], "earth has no hub 'ocean-prd'; did you mean ocean/prod?"),
        (["check", "nowhere"], "hubs check: there is no stack 'nowhere'; there are: earth"),
        (["up", "--yes", "earth"], "hubs up: STACK comes before Pulumi's options"),
        (["diff"], "hubs diff: name either a STACK or --all"),
        (["diff", "earth", "--all"], "hubs diff: name either a STACK or --all"),
        (["new", "clutser"], "hubs new: no such command 'clutser'; did you mean cluster?"),
        (["new", "community", "q", "--cluster"], "hubs new community: option '--cluster' requires an argument"),
        (["diff", "--hed", "x"], "hubs diff: no such option '--hed'; did you mean --head?"),
        (
            ["completion", "csh"],
            "hubs completion: invalid value for 'bash|zsh|fish': 'csh' is not one of 'bash', 'zsh', 'fish'",
        ),
    ],
)
def test_a_wrong_command_line_is_one_line(
    repository: Repository, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run(arguments, repository.root) == 2
    assert capsys.readouterr() == ("", message + "\n")


@pytest.mark.parametrize("arguments", [[], ["new"]])
def test_without_a_command_help_is_shown(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(arguments) == 2
    assert "Commands:" in capsys.readouterr().err


def test_an_error_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch, repository: Repository) -> None:
    def broken(*_: object) -> None:
        raise ModuleNotFoundError("no such module of this project", name="hubs.nothing")

    monkeypatch.setattr("hubs.preview.values.load_what_works", broken)
    with pytest.raises(ModuleNotFoundError):
        run(["where", "earth", "ocean/prod", "auth"], repository.root)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            UserError("a.yaml:1: x: is wrong", "a.yaml:2: y: is wrong"),
            1,
            "a.yaml:1: x: is wrong\na.yaml:2: y: is wrong\n",
        ),
        (
            ModuleNotFoundError("", name="yaml.cyaml"),
            1,
            "the Python package yaml.cyaml is not installed: run `make setup`\n",
        ),
        (KeyboardInterrupt(), 130, "stopped\n"),
    ],
)
def test_errors_of_all_commands_end_in_one_place(
    monkeypatch: pytest.MonkeyPatch,
    repository: Repository,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    message: str,
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr("hubs.preview.values.load_what_works", failing)
    assert run(["where", "earth", "ocean/prod", "auth"], repository.root) == code
    assert capsys.readouterr() == ("", message)


def test_outside_of_the_environment_the_target_that_sets_it_up_is_named() -> None:
    command = [sys.executable, "-S", "-m", "hubs", "plan", "demo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The Python package click is not installed: run `make setup`, then .venv/bin/hubs.\n"


def test_a_reader_that_has_seen_enough() -> None:
    command = f"{sys.executable} -m hubs values earth ocean/prod | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("# Values of ")
    assert done.stderr == ""


def test_help_imports_nothing_heavy() -> None:
    assert imported("pass", "pulumi", "pydantic", "rich", "yaml", "httpx", "hubs.settings") == set()


def test_a_plan_imports_nothing_for_a_terminal_or_a_network() -> None:
    assert imported("hubs.cli.run(['plan', 'demo'])", "rich", "httpx", "kubernetes") == set()


def imported(code: str, *modules: str) -> set[str]:
    """Return which of the modules are imported after `import hubs.cli` and `code`."""
    code = f"import sys, hubs.cli; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(modules) & set(done.stdout.splitlines()[-1].split())


def test_the_command_of_one_clone_does_nothing_in_another(repository: Repository) -> None:
    inside = repository.root / "stacks" / "earth"
    assert other_project(inside, repository.root) is None
    assert other_project(inside, ROOT) == repository.root
    assert other_project(repository.root.parent, ROOT) is None
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from hubs.cli import main; main()"
    command = [sys.executable, "-c", code, "plan", "demo"]
    done = subprocess.run(command, cwd=inside, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"hubs: this command belongs to {ROOT}, and the current folder to {repository.root}: "
    )
    assert done.stderr.count("\n") == 1
