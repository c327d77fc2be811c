"""Find out whether a stack is for demonstrations, with Python alone.

Workflows ask this before anything is installed, so there is no YAML parser. This reads the part of YAML that stack
files use, and stops at everything else: it answers like the parser, or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from hubs.errors import UserError
from hubs.stack_files import stack_file

PATH = ("config", "imagebuilding:cluster", "demonstration")

_KEY = re.compile(r"([A-Za-z0-9_.][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)*):(?=\s|$)")
_ODD = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffc\U00010000-\U0010ffff]")
_COLON = re.compile(r":(?=\s|$)")
_QUOTED = re.compile(r"\"((?:[^\"\\\n]|\\[^\n])*)\"|'((?:[^'\n]|'')*)'")
_PLAIN = re.compile(r"[^\s,\[\]{}#&*!|>'\"%@`?:-][^\n]*")
_FLOW_PLAIN = re.compile(r"[^\s,\[\]{}#&*!|>'\"%@`?:-][^,\[\]{}\n]*")
_BLOCK_SCALAR = re.compile(r"[|>][-+]?\s*(?: #.*)?$")
_SPACE = re.compile(r"(?:[ \n]|(?<=[ \n])#[^\n]*)*")


class UnsureError(UserError):
    """The file has YAML that this module does not read. The message names file, line and what to write instead."""


class _UnsureLineError(Exception):
    """Something else than the part of YAML that is read here, at a position of the text."""


class _Plain(str):
    """A scalar without quotes, which can be a boolean."""


@dataclass(frozen=True)
class _Token:
    """`dash` of a list item, `key` of a mapping, or a `value`. `column` counts from 0."""

    kind: str
    column: int
    at: int
    content: Any = None


def is_demonstration(stack: str, root: Path) -> bool:
    """Return whether `demonstration` is true in the file of the stack. Raises UnsureError, and OSError without file."""
    path = stack_file(stack, root)
    content = path.read_bytes()
    if PATH[-1].encode() not in content:
        return False
    name, text = f"stacks/{path.name}", content.decode(errors="replace").replace("\r\n", "\n")
    try:
        return _truth(_document(text))
    except (_UnsureLineError, RecursionError) as error:
        at = error.args[0] if isinstance(error, _UnsureLineError) else 0
        line = text.count("\n", 0, at) + 1
        raise UnsureError(
            f"{name}:{line}: this line can be read only with a YAML parser, so it is not known whether the stack is for"
            f" demonstrations: write it without anchors, tags and values of several lines, or remove the word"
            f" {PATH[-1]} from the file"
        ) from None


def _truth(tree: Any) -> bool:
    for key in PATH:
        if tree is None:
            return False
        if not isinstance(tree, dict):
            _unsure(0)
        tree, at = tree.get(key, (None, 0))
    if tree is None:
        return False
    if not isinstance(tree, _Plain) or tree.lower() not in ("true", "false"):
        _unsure(at)
    return tree.lower() == "true"


def _unsure(at: int) -> NoReturn:
    raise _UnsureLineError(at)


def _document(text: str) -> Any:
    """Return the content: mappings as dict of key to (value, position), lists, texts, and None for nothing."""
    if odd := _ODD.search(text):
        _unsure(odd.start())
    tokens = _tokens(text)
    value, end = _node(tokens, 0, 0)
    if end < len(tokens):
        _unsure(tokens[end].at)
    return value


def _node(tokens: list[_Token], number: int, column: int) -> tuple[Any, int]:
    """Return the value that begins with this token, if it is at `column` or to the right of it, and the next token."""
    if number == len(tokens) or tokens[number].column < column:
        return None, number
    first = tokens[number]
    if first.kind == "value":
        return first.content, number + 1
    found: Any = [] if first.kind == "dash" else {}
    while number < len(tokens) and (tokens[number].kind, tokens[number].column) == (first.kind, first.column):
        token, number = tokens[number], number + 1
        # The items of a list may be at the same column as the key that has the list.
        is_list = token.kind == "key" and number < len(tokens) and tokens[number].kind == "dash"
        value, number = _node(tokens, number, token.column + (0 if is_list else 1))
        if token.kind == "dash":
            found.append(value)
        elif token.content in found:
            _unsure(token.at)
        else:
            found[token.content] = (value, token.at)
    return found, number


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        end = _line_end(text, at)
        line = text[at:end]
        content = line.lstrip(" ")
        if content and not content.startswith("#"):
            if content.startswith(("---", "...")):
                _unsure(at)
            end = _line(text, at, at + len(line) - len(content), found)
        at = end + 1
    return found


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _line(text: str, start: int, at: int, found: list[_Token]) -> int:
    """Add the tokens of the line that begins at `start`, and return where the line, or what it begins, ends."""
    while text.startswith("- ", at) or text[at : _line_end(text, at)] == "-":
        found.append(_Token("dash", at - start, at))
        at = _after_spaces(text, at + 1)
    key, after = _key(text, at)
    if key is not None:
        found.append(_Token("key", at - start, at, key))
        at = _after_spaces(text, after)
    end = _line_end(text, at)
    if at == end or text[at] == "#":
        return end
    if text[at] in "|>" and found and _BLOCK_SCALAR.match(text[at:end]):
        found.append(_Token("value", at - start, at, ""))
        return _block_scalar(text, end + 1, found[-2].column)
    value, end = _value(text, at)
    found.append(_Token("value", at - start, at, value))
    after = _after_spaces(text, end)
    if after < _line_end(text, after) and not (text[after] == "#" and after > end):
        _unsure(after)
    return _line_end(text, after)


def _after_spaces(text: str, at: int) -> int:
    while text.startswith(" ", at):
        at += 1
    return at


def _key(text: str, at: int) -> tuple[str | None, int]:
    """Return the key at this position with the position after its colon, or None if there is none."""
    if match := _KEY.match(text, at):
        return match[1], match.end()
    if (match := _QUOTED.match(text, at)) and _COLON.match(text, match.end()):
        if "\\" in match[0] or "''" in match[0][1:-1]:
            _unsure(at)
        return match[0][1:-1], match.end() + 1
    return None, at


def _block_scalar(text: str, at: int, parent: int) -> int:
    """Return where the text of a block scalar ends: at a line that is less far to the right than its first one."""
    column: int | None = None
    while at < len(text):
        end = _line_end(text, at)
        content = text[at:end].lstrip(" ")
        here = end - at - len(content)
        if content:
            if column is None:
                column = here if here > parent else None
            if column is None or here < column:
                if here > parent:
                    _unsure(at)
                break
        at = end + 1
    return at - 1


def _value(text: str, at: int) -> tuple[Any, int]:
    """Return the scalar, flow mapping or flow list at this position, and the position after it."""
    if text[at] in "{[":
        return _flow(text, at)
    if match := _QUOTED.match(text, at):
        return match[0], match.end()
    match = _PLAIN.match(text, at)
    if match is None:
        _unsure(at)
    return _plain(match, at)


def _plain(match: re.Match[str], at: int) -> tuple[_Plain, int]:
    content = match[0].partition(" #")[0].rstrip(" ")
    if ": " in content or content.endswith(":"):
        _unsure(at)
    return _Plain(content), at + len(content)


def _flow(text: str, at: int) -> tuple[Any, int]:
    """Return the flow mapping or list that begins at this position, and the position after it."""
    opening = text[at]
    found: dict[str, Any] = {}
    at = _skip(text, at + 1)
    while not text.startswith("}" if opening == "{" else "]", at):
        if at == len(text):
            _unsure(at - 1)
        start, key = at, str(len(found))
        if opening == "{":
            name, at = _key(text, at)
            if name is None or name in found:
                _unsure(start)
            key, at = name, _skip(text, at)
        found[key], at = _flow_value(text, at, start)
        at = _skip(text, at)
        if text.startswith(",", at):
            at = _skip(text, at + 1)
        elif not text.startswith(("}", "]"), at):
            _unsure(min(at, len(text) - 1))
    return (found if opening == "{" else []), at + 1


def _flow_value(text: str, at: int, start: int) -> tuple[tuple[Any, int], int]:
    if text.startswith(("{", "["), at):
        value, at = _flow(text, at)
        return (value, start), at
    if match := _QUOTED.match(text, at):
        return (match[0], start), match.end()
    match = _FLOW_PLAIN.match(text, at)
    if match is None:
        _unsure(min(at, len(text) - 1))
    value, end = _plain(match, at)
    return (value, start), end


def _skip(text: str, at: int) -> int:
    """Return the position after spaces, line ends and comments."""
    match = _SPACE.match(text, at)
    return match.end() if match else at
