"""YAML with line numbers, parsed in the same way as by Helm and Pulumi. Every YAML file is read by this module.

PyYAML parses. This module adds line numbers, refuses what YAML would silently accept (duplicate keys, anchors that
contain themselves) and what no file needs (other types of files, more than 1 MB, deep nesting, aliases that expand to
very much), and narrows YAML 1.1 to what Go's YAML accepts: only true and false are booleans (not `on` or `no`), a date
is a string (image tags look like dates), `0755` is octal.
"""

from __future__ import annotations

import math
import os
import re
import stat
from pathlib import Path
from typing import Any

import yaml

from hubs.settings.errors import Problem, SettingsError
from hubs.settings.layers import Node, Source

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "tag:yaml.org,2002:merge"
_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_MAX_BYTES = 1_000_000  # a community's settings are some kilobytes; more is a mistake or an attack
_MAX_NODES = 200_000  # what aliases of aliases may expand to
_MAX_DEPTH = 60
_SAFE_DEPTH = 8_000  # levels: a third of those for which the stack of libyaml's composer is too small
_INTEGERS = range(-(2**63), 2**64)  # those that Go's YAML reads as integers


class _SettingsLoader(_Loader):  # type: ignore[misc]
    yaml_implicit_resolvers: dict[str, Any] = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^<<$", "<"),
    ("int", r"^[-+]?(?:0o?[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+|(?:0|[1-9][0-9_]*))$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9_]+|[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("float", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", "-+."),
):
    _SettingsLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def read(path: Path, name: str) -> Node:
    """Return the file as a tree. `name` is its name in errors. An empty file is an empty mapping at line 1.

    Raises SettingsError, with the line, for a file that can't be read, is no regular file, is over 1 MB or does not
    parse, for a duplicate key, for anchors that contain themselves or expand to more than 200,000 values, and for a top
    level that is not a mapping.
    """
    return parse(read_text(path, name), name)


def read_text(path: Path, name: str) -> str:
    """Return the text of a file. Raises SettingsError as `read` does."""
    try:
        # Opening a pipe without the flag would wait for a writer.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _error(name, 1, "is not a regular file")
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            line = content.count(b"\n") + 1
            raise _error(name, line, "is over 1 MB: settings are small; keep data in other files")
        return content.decode()
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        if isinstance(error, UnicodeDecodeError):
            raise _error(name, content.count(b"\n", 0, error.start) + 1, "is not UTF-8 text") from None
        raise _error(name, 1, f"can't be read: {getattr(error, 'strerror', None) or error}") from None


def parse(text: str, name: str) -> Node:
    """Like `read`, for a text."""
    try:
        refuse_depth(text, _MAX_DEPTH)
        loader = _SettingsLoader(text)
        root = loader.get_single_node()
    except TooDeepError as error:
        raise _error(name, error.problem_mark.line + 1 if error.problem_mark else 1, str(error.problem)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _error(
            name, mark.line + 1 if mark else 1, f"is not valid YAML: {error.problem or error.context}"
        ) from None
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise _error(name, line, f"is not valid YAML: {getattr(error, 'reason', 'it does not parse')}") from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise _error(name, line, "is not valid YAML: half of a surrogate pair is not a character") from None
    if root is None:
        return Node({}, Source(name, 1))
    node = _Builder(loader, name).build(root, ())
    if node.value is None:
        return Node({}, node.source)
    if not isinstance(node.value, dict):
        raise _error(name, node.source.line, "the top level must be a mapping of keys to values")
    return node


class TooDeepError(yaml.MarkedYAMLError):
    """A text is nested too deeply."""


def refuse_depth(text: str, most: int) -> None:
    """Raise TooDeepError for a text that is nested so deeply that libyaml's composer, which is recursive and has no
    limit, could end the process, and that has more than `most` levels.

    Levels are counted in libyaml's events, which need no stack, and only if an upper bound is not small: each level
    needs a bracket or a further column.
    """
    brackets = text.count("[") + text.count("{")
    if 2 * (brackets + max(map(len, text.splitlines()), default=0)) < _SAFE_DEPTH:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_SettingsLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > most:
            mark: Any = event.start_mark
            raise TooDeepError(problem=f"is nested more than {most} levels deep", problem_mark=mark)


def _error(name: str, line: int, message: str, path: str = "") -> SettingsError:
    return SettingsError([Problem(Source(name, line), path, message)])


class _Builder:
    def __init__(self, loader: Any, name: str) -> None:
        self.loader = loader
        self.name = name
        self.count = 0

    def build(self, node: yaml.Node, above: tuple[yaml.Node, ...]) -> Node:
        line = node.start_mark.line + 1
        self.count += 1
        if any(node is other for other in above):
            raise _error(self.name, line, "an anchor must not contain itself")
        if len(above) > _MAX_DEPTH:
            raise _error(self.name, line, f"is nested more than {_MAX_DEPTH} levels deep")
        if self.count > _MAX_NODES:
            raise _error(self.name, line, f"anchors expand to more than {_MAX_NODES} values")
        source = Source(self.name, line)
        above = (*above, node)
        if isinstance(node, yaml.CollectionNode) and node.tag not in _COLLECTIONS:
            raise _error(self.name, line, f"the YAML tag {node.tag!r} is not supported")
        if isinstance(node, yaml.MappingNode):
            return Node(self._mapping(node, above), source)
        if isinstance(node, yaml.SequenceNode):
            return Node([self.build(child, above) for child in node.value], source)
        return Node(self._scalar(node, line), source)

    def _mapping(self, node: yaml.MappingNode, above: tuple[yaml.Node, ...]) -> dict[str, Node]:
        own: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == _MERGE:
                merged = {**merged, **self._merged(value_node, above, line)}
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise _error(self.name, line, "a key must be text")
            key = str(key_node.value)
            if key in own:
                raise _error(self.name, line, f"duplicate key; first defined on line {own[key].source.line}", key)
            value = self.build(value_node, above)
            own[key] = Node(value.value, Source(self.name, line))
        return {**merged, **own}

    def _merged(self, node: yaml.Node, above: tuple[yaml.Node, ...], line: int) -> dict[str, Node]:
        built = self.build(node, above)
        maps = built.value if isinstance(built.value, list) else [built]
        if not all(isinstance(item.value, dict) for item in maps):
            raise _error(self.name, line, "'<<' can merge only mappings")
        result: dict[str, Node] = {}
        for item in reversed(maps):  # YAML's merge key: earlier mappings win
            result.update(item.value)
        return result

    def _scalar(self, node: yaml.Node, line: int) -> Any:
        tag = node.tag.removeprefix("tag:yaml.org,2002:")
        text = str(node.value)
        try:
            if tag == "int":
                return _integer(text)
            if tag == "float":
                return _finite(float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan")))
        except ValueError:
            return text
        except OverflowError:
            raise _error(self.name, line, "is not a number that JSON can have: write text in quotes") from None
        if tag == "bool":
            return text.lower() == "true"
        if tag == "null":
            return None
        if tag == "str":
            return text
        raise _error(self.name, line, f"the YAML tag {node.tag!r} is not supported")


def _integer(text: str) -> int | float:
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-").replace("_", "")
    if digits[:2].lower() in ("0x", "0o", "0b"):
        value = sign * int(digits, 0)
    else:
        value = sign * int(digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)
    return value if value in _INTEGERS else _finite(float(value))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise OverflowError
    return value
