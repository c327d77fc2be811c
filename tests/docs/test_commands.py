"""Every command block: what needs only this machine is run, of everything else the command line is checked.

The blocks of a page run one after the other in a copy of the repository, so that a page can build on what it did before.
A command that this test does not know fails it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import pytest

from hubs.cli import commands as hubs
from hubs.settings.loader import CONFIG_KEYS
from hubs.settings.secrets import HubSecrets
from tests.docs.blocks import PAGES, Command, blocks, commands
from tests.repository import ROOT

RUN = ("plan", "values", "where", "diff", "render", "settings", "new", "completion")
STANDS_FOR = {"STACK": "earth", "COMMUNITY/HUB": "ocean/prod", "HUB": "ocean/prod"}
SECRETS = "imagebuilding:secrets."
# Of programs that reach a cluster, a cloud or a registry: the words that may follow.
ELSEWHERE = {
    "kubectl": {"annotate", "apply", "describe", "exec", "get", "logs", "port-forward", "rollout"},
    "helm": {"list", "rollback", "uninstall", "upgrade"},
    "pulumi": {"cancel", "login", "stack"},
    "gcloud": {"auth", "compute", "container", "kms", "services", "storage"},
    "aws": {"ec2", "eks", "kms", "s3"},
    "eksctl": {"create"},
    "kind": {"create", "delete"},
}
COPIED = ("Pulumi.yaml", "__main__.py", "Makefile", "pyproject.toml", "components", "hubs", "stacks", "tests/charts")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository on a branch of its own, with this environment, which counts as set up."""
    root = tmp_path / "repository"
    for name in (*COPIED, *(path.name for path in ROOT.glob("requirements*.lock"))):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            root.mkdir(exist_ok=True)
            shutil.copy(source, root / name)
    (root / ".gitignore").write_text(".venv\n.state\n__pycache__\n")
    git = ["git", "-C", str(root), "-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch", "main"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "Start"], check=True)
    environment = root / ".venv"
    environment.mkdir()
    for entry in Path(sys.prefix).iterdir():
        if not entry.name.startswith("."):
            (environment / entry.name).symlink_to(entry)
    for marker in set(re.findall(r"\.venv/(\.[\w-]+)", (ROOT / "Makefile").read_text(encoding="utf-8"))):
        (environment / marker).touch()
    return root


def run(command: Command, words: Sequence[str], root: Path) -> str:
    environment = {"PATH": f"{root}/.venv/bin:/usr/local/bin:/usr/bin:/bin", "HOME": str(root.parent), "LANG": "C.UTF-8"}
    done = subprocess.run(
        words, cwd=root, env=environment, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, f"{command.where}: {' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


def run_hubs(command: Command, root: Path) -> None:
    """Run or parse a command line of `hubs`."""
    words = [STANDS_FOR.get(word, word) for word in command.words[1:]]
    if words[0] in RUN or words[0].startswith("-") or "--help" in words:
        shows(command, run(command, [sys.executable, "-m", "hubs", *words], root))
    else:
        parse(words, root)


def parse(words: Sequence[str], root: Path) -> None:
    """Fails for a command or option that there is none of, or a stack that does not exist. Nothing runs."""
    context, command, rest = click.Context(hubs, info_name="hubs", obj=root), hubs, list(words)
    while isinstance(command, click.Group):
        found = command.get_command(context, rest[0])
        assert found is not None, f"there is no command hubs {rest[0]}"
        command = found  # type: ignore[assignment]
        context = command.make_context(rest[0], rest[1:], parent=context)
        rest = list(context.args)


def run_make(command: Command, root: Path) -> None:
    targets = [word for word in command.words[1:] if "=" not in word]
    assert set(targets) <= make_targets(), f"{command.where}: no such target"
    if targets == ["preview"]:
        shows(command, run(command, command.words, root))


def run_git(command: Command, root: Path) -> None:
    if command.words[1] == "checkout":
        run(command, command.words, root)
    else:
        assert command.words[1:] == ("revert", "COMMIT"), command.where


def check_pulumi(command: Command, _root: Path) -> None:
    if command.words[1:3] != ("config", "set"):
        assert command.words[1] in ELSEWHERE["pulumi"], command.where
        return
    options = command.words[3:]
    assert options[0] == "-s", f"{command.where}: without -s the selected stack is changed"
    assert "--secret" in options, f"{command.where}: would be written in plain text"
    key = options[-1]
    if "--path" not in options:
        assert key in CONFIG_KEYS, command.where
        return
    assert key.startswith(SECRETS), command.where
    assert is_secret(key.removeprefix(SECRETS)), f"{command.where}: there is no secret {key}"


def is_secret(path: str) -> bool:
    """Whether the stack's secrets can have this path: a purpose, below a community and a hub or not."""
    *place, purpose, name = path.split(".")
    field = HubSecrets.model_fields.get(purpose)
    if field is None or place not in ([], ["COMMUNITY"], ["COMMUNITY", "HUB"]):
        return False
    names = getattr(field.annotation, "model_fields", None)
    return names is None or name in names


def check_elsewhere(command: Command, _root: Path) -> None:
    assert command.words[1] in ELSEWHERE[command.words[0]], command.where


def check_tool(command: Command, _root: Path) -> None:
    """Tools of the environment, with paths that exist."""
    assert (Path(sys.prefix) / "bin" / command.words[0]).exists(), command.where
    assert [word for word in command.words if "/" in word and not (ROOT / word).exists()] == [], command.where


def check_activation(command: Command, root: Path) -> None:
    assert command.words == ("source", ".venv/bin/activate")
    assert (root / command.words[1]).exists()


def check_variables(command: Command, _root: Path) -> None:
    assert all(re.fullmatch(r"[A-Z_]+=.+", word) for word in command.words[1:]), command.where


KNOWN: dict[str, Callable[[Command, Path], None]] = {
    "hubs": run_hubs,
    "make": run_make,
    "git": run_git,
    "source": check_activation,
    "export": check_variables,
    "pytest": check_tool,
    "ruff": check_tool,
    "mypy": check_tool,
    **dict.fromkeys(ELSEWHERE, check_elsewhere),
    "pulumi": check_pulumi,
}


def shows(command: Command, output: str) -> None:
    """Whether a page shows what came out. `...` stands for anything, on a line of its own for any lines."""
    if not command.output:
        return
    lines = [r"(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\s*\n" for line in command.output]
    assert re.fullmatch("".join(lines), output + "\n"), f"{command.where}: really shows\n{output}"


SHELL = [(page, block) for page in PAGES for block in blocks(page) if block.kind in ("console", "bash", "sh", "shell")]


@pytest.mark.parametrize("page", sorted({block.page for _, block in SHELL}))
def test_commands_of(page: str, copy: Path) -> None:
    for block in blocks(ROOT / page):
        if block.kind != "console":
            continue
        found = commands(block)
        assert found, f"{block}: no command"
        for command in found:
            assert command.words[0] in KNOWN, f"{command.where}: this test does not know {command.words[0]}"
            KNOWN[command.words[0]](command, copy)


def test_one_kind_of_shell_block() -> None:
    assert [str(block) for _, block in SHELL if block.kind != "console"] == []


def test_every_fenced_block_has_a_kind() -> None:
    kinds = {"console", "yaml", "text", "python", "{toctree}", "{image}", "{include}"}
    assert [str(block) for page in PAGES for block in blocks(page) if block.kind not in kinds] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_within_sentences(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    context = click.Context(hubs)
    for found in re.findall(r"`hubs\s+([a-z]+)", text):
        assert hubs.get_command(context, found) is not None, f"there is no command hubs {found}"
    for found in re.findall(r"`make\s+([a-z-]+)", text):
        assert found in make_targets(), f"there is no target {found}"


@pytest.mark.parametrize("path", ["auth.client_ids", "COMMUNITY.HUB.login.client_id", "HUB.auth.client_id", "auth"])
def test_wrong_secrets_are_found(path: str) -> None:
    assert not is_secret(path)


@pytest.mark.parametrize("words", [["chekc", "earth"], ["check", "earth", "--afterwards"], ["check", "erth"]])
def test_wrong_command_lines_are_found(words: list[str]) -> None:
    with pytest.raises((AssertionError, click.UsageError)):
        parse(words, ROOT)
