"""The fenced blocks of the documentation, and the commands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.repository import ROOT

PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "bench" / "README.md", *(ROOT / "docs").rglob("*.md")]
)
FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>```+)(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)(?P=fence) *$", re.M | re.S
)
_ASSIGNMENT = re.compile(r"[A-Z_]+=\S*")


@dataclass(frozen=True)
class Block:
    """A fenced block: the page, the line, the language after the fence, and the text without indentation."""

    page: str
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A command of a block, and the lines that the page shows as its output."""

    where: str
    words: tuple[str, ...]
    output: tuple[str, ...]


def blocks(page: Path) -> Iterator[Block]:
    """Return all fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        lines = match["text"].splitlines()
        content = "\n".join(line.removeprefix(match["indent"]) for line in lines) + "\n"
        yield Block(str(page.relative_to(ROOT)), text.count("\n", 0, match.start()) + 1, match["info"].strip(), content)


def commands(block: Block) -> list[Command]:
    """Return the commands of a `console` block: lines after `$ `, continued by a backslash or `> `; the rest is output.

    `a && b` is two commands. Omits variables that are set for one command.
    """
    found: list[tuple[int, str, list[str]]] = []
    continued = False
    for number, line in enumerate(block.text.splitlines()):
        if continued:
            start, text, output = found[-1]
            found[-1] = (start, f"{text[:-1]} {line.strip()}", output)
        elif line.startswith("$ "):
            found.append((number, line[2:], []))
        else:
            assert found, f"{block}: output before the first command"
            found[-1][2].append(line)
        continued = found[-1][1].endswith("\\") and not found[-1][2]
    result = []
    for number, text, output in found:
        where = f"{block.page}:{block.line + 1 + number}"
        parts = text.split(" && ")
        for part in parts:
            words = shlex.split(part)
            while words and _ASSIGNMENT.fullmatch(words[0]):
                words = words[1:]
            result.append(Command(where, tuple(words), tuple(output) if part == parts[-1] else ()))
    return result
