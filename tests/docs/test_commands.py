"""Every command block: commands that need only this machine are run, the command line of all others is checked.

The blocks of a page run one after the other in a copy of the repository, so that they build on each other.
A command that this test does not know fails it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from hubs.cli import commands as hubs
from hubs.settings.loader import CONFIG_KEYS
from hubs.settings.secrets import PURPOSES, HubSecrets
from tests.docs.blocks import PAGES, Block, Command, blocks, commands
from tests.repository import PROGRAM, ROOT, copy_files

RUN = ("plan", "values", "where", "diff", "render", "settings", "new", "completion")
STANDS_FOR = {"STACK": "earth", "COMMUNITY/HUB": "ocean/prod", "HUB": "ocean/prod"}
SECRETS = "imagebuilding:secrets."
# Subcommands of programs that access a cluster, a cloud or a registry.
ELSEWHERE = {
    "kubectl": {"annotate", "apply", "describe", "exec", "get", "logs", "port-forward", "rollout"},
    "helm": {"list", "rollback", "uninstall", "upgrade"},
    "pulumi": {"cancel", "login", "stack"},
    "gcloud": {"auth", "compute", "container", "iam", "kms", "services", "storage"},
    "aws": {"ec2", "eks", "kms", "s3"},
    "eksctl": {"create"},
    "kind": {"create", "delete"},
    "docker": {"build", "push", "run"},
    "cosign": {"verify"},
}
COPIED = (*PROGRAM, "Makefile", "pyproject.toml", "stacks", "tests/charts")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository on a branch of its own, with this environment, which counts as set up."""
    root = tmp_path / "repository"
    copy_files(root, (*COPIED, *(path.name for path in ROOT.glob("requirements*.lock"))))
    (root / ".gitignore").write_text(".venv\n.state\n__pycache__\n")
    git = ["git", "-C", str(root), "-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch", "main"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "Start"], check=True)
    _pack_charts(root)
    _stand_in_for_environment(root / ".venv")
    return root


def _stand_in_for_environment(folder: Path) -> None:
    """An environment that counts as set up, runs this one's Python, and can't install anything into it."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    scripts = {
        "python": f'exec {sys.executable} "$@"',
        "hubs": f'exec {sys.executable} -m hubs "$@"',
        "activate": "",
        **dict.fromkeys(("pip", "uv"), "echo a test must not install anything >&2; exit 1"),
    }
    for name, line in scripts.items():
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    # All files get the same age, because make would rebuild those that are older than their sources.
    later = time.time() + 60
    for marker in set(re.findall(r"\.venv/(\.[\w-]+)", (ROOT / "Makefile").read_text(encoding="utf-8"))):
        (folder / marker).touch()
        os.utime(folder / marker, (later, later))


def _pack_charts(root: Path) -> None:
    """The stand-in charts under the names of the real ones, so that nothing is downloaded. They have other digests."""
    program = root / "Pulumi.yaml"
    program.write_text(re.sub(r"^ *digest: .*\n", "", program.read_text(), flags=re.M))
    charts = yaml.safe_load((root / "Pulumi.yaml").read_text())["config"]["imagebuilding:charts"]["default"]
    folder = root.parent / "charts"
    folder.mkdir()
    for source in (root / "tests" / "charts").iterdir():
        if source.is_dir():
            with tarfile.open(folder / f"{source.name}-{charts[source.name]['version']}.tgz", "w:gz") as archive:
                archive.add(source, source.name)


def run(command: Command, words: Sequence[str], root: Path) -> str:
    environment = {
        "PATH": f"{root}/.venv/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(root.parent),
        "LANG": "C.UTF-8",
        "CHARTS_DIR": str(root.parent / "charts"),
    }
    done = subprocess.run(
        words,
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, f"{command.where}: {' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


def run_hubs(command: Command, root: Path) -> None:
    """Run or parse a command line of `hubs`."""
    words = [STANDS_FOR.get(word, word) for word in command.words[1:]]
    words, file = (words[:-2], words[-1]) if words[-2:-1] == [">"] else (words, None)
    if words[0] in RUN or words[0].startswith("-") or "--help" in words:
        output = run(command, [sys.executable, "-m", "hubs", *words], root)
        if file is not None:
            (root / file).write_text(output, encoding="utf-8")
            output = ""
        shows(command, output)
    else:
        parse(words, root)


def parse(words: Sequence[str], root: Path) -> None:
    """Fail for a command, option or stack that does not exist. Runs nothing."""
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
    elif command.words[1] == "fetch":
        assert command.words[2:] == ("origin", "pull/NUMBER/head"), command.where
        run(command, ["git", "fetch", "--quiet", ".", "HEAD"], root)
    else:
        assert command.words[1:] == ("revert", "COMMIT"), command.where


def check_pulumi(command: Command, root: Path) -> None:
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
    path = key.removeprefix(SECRETS)
    assert is_secret(path), f"{command.where}: there is no secret {key}"
    stack = root / "stacks" / f"Pulumi.{options[1]}.yaml"
    if stack.exists():
        set_secret(stack, path)


def set_secret(file: Path, path: str) -> None:
    """Change the stack's file as Pulumi would, with an invalid ciphertext."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    below: Any = content["config"].setdefault("imagebuilding:secrets", {})
    *place, name = path.split(".")
    for key in place:
        below = below.setdefault(key, {})
    below[name] = {"secure": "v1:nonce:text"}
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def is_secret(path: str) -> bool:
    """Return whether the stack's secrets can have this path: a purpose, optionally below a community and a hub."""
    *place, purpose, name = ["", *path.split(".")]
    field = HubSecrets.model_fields.get(purpose)
    if field is None or not _are_places(place[1:]):
        return False
    names = getattr(field.annotation, "model_fields", None)
    return names is None or name in names


def _are_places(place: Sequence[str]) -> bool:
    """Return whether it is nothing, a community, or a community and a hub."""
    if set(place) & {"COMMUNITY", "HUB"}:
        return list(place) in (["COMMUNITY"], ["COMMUNITY", "HUB"])
    return len(place) <= 2 and all(re.fullmatch(r"[a-z][-a-z0-9]*", name) and name not in PURPOSES for name in place)


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
    """Return whether a page shows the actual output. `...` stands for any text, and alone on a line for any lines."""
    if not command.output:
        return
    lines = [
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\s*\n"
        for line in command.output
    ]
    assert re.fullmatch("".join(lines), output + "\n"), f"{command.where}: really shows\n{output}"


SHELL = [(page, block) for page in PAGES for block in blocks(page) if block.kind in ("console", "bash", "sh", "shell")]


@pytest.mark.parametrize("page", sorted({block.page for _, block in SHELL}))
def test_commands_of(page: str, copy: Path) -> None:
    for block in blocks(ROOT / page):
        compare_with_file(block, copy)
        if block.kind != "console":
            continue
        found = commands(block)
        assert found, f"{block}: no command"
        for command in found:
            assert command.words[0] in KNOWN, f"{command.where}: this test does not know {command.words[0]}"
            KNOWN[command.words[0]](command, copy)


def compare_with_file(block: Block, root: Path) -> None:
    """A complete file in a tutorial equals the file that `hubs new` wrote."""
    match = re.match(r"# (stacks/\S+\.yaml)\n", block.text)
    if block.kind == "yaml" and match and block.page.startswith("docs/tutorial/"):
        content = yaml.safe_load(block.text)
        if "display_name" in content or "imagebuilding:cluster" in content.get("config", {}):
            assert content == yaml.safe_load((root / match[1]).read_text(encoding="utf-8")), block


def test_one_kind_of_shell_block() -> None:
    assert [str(block) for _, block in SHELL if block.kind != "console"] == []


def test_every_fenced_block_has_a_kind() -> None:
    kinds = {"console", "yaml", "text", "json", "python", "{toctree}", "{image}", "{include}"}
    assert [str(block) for page in PAGES for block in blocks(page) if block.kind.partition(" ")[0] not in kinds] == []


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
