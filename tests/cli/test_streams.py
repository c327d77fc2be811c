"""What no command may do: send a control character to a terminal, or fail because the output can't be written."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hubs.cli.streams import escaped
from tests.repository import ROOT
from tests.test_printable import HOSTILE, clean


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_text_is_escaped(monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO]) -> None:
    out, errors = stream(), stream()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", errors)
    with escaped():
        print(HOSTILE)
        print(HOSTILE, file=sys.stderr)
        sys.stdout.writelines(["a\u202e", "b\n"])
    for written in (out.getvalue(), errors.getvalue()):
        assert clean(written.replace("\n", ""))
        assert "\\x1b[2J" in written
    assert (sys.stdout, sys.stderr) == (out, errors)


def test_colours_reach_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, expected in ((Terminal(), "\x1b[31mred\x1b[0m"), (io.StringIO(), "\\x1b[31mred\\x1b[0m")):
        monkeypatch.setattr(sys, "stdout", stream)
        with escaped():
            sys.stdout.write("\x1b[31mred\x1b[0m")
        assert stream.getvalue() == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "demo"),
        ("plan", "demo", "--json"),
        ("values", "demo", "sandbox/prod"),
        ("where", "demo", "sandbox/prod", "auth"),
        ("settings",),
        ("completion", "bash"),
        ("--help",),
    ],
)
def test_a_full_disk_is_one_line(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = hubs(*arguments, stdout=full)
    assert (done.returncode, done.stderr) == (1, "hubs: the output can't be written: No space left on device\n")


def test_nothing_can_be_written_at_all() -> None:
    with Path("/dev/full").open("w") as full:
        assert hubs("plan", "demo", stdout=full, stderr=full).returncode == 1


def test_an_encoding_without_the_character_is_no_error() -> None:
    done = hubs("plan", "nowhere-→", encoding="ascii")
    assert done.returncode == 2
    assert "there is no stack 'nowhere-\\u2192'" in done.stderr


def hubs(
    *arguments: str, stdout: Any = subprocess.PIPE, stderr: Any = subprocess.PIPE, encoding: str = "utf-8"
) -> subprocess.CompletedProcess[str]:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [sys.executable, "-m", "hubs", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        stdout=stdout,
        stderr=stderr,
        text=True,
        check=False,
    )
    return done
