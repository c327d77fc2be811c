"""Strategies that change files of stacks: their trees, with what settings and charts know, and their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

import yaml
from hypothesis import strategies as st
from pydantic import BaseModel

from hubs.settings.cluster import Cluster
from hubs.settings.hub import Hub
from hubs.settings.layers import plain
from hubs.settings.registry import Registry
from hubs.settings.secrets import HubSecrets
from hubs.settings.yaml_file import read
from hubs.stack_files import stack_file, stack_names
from tests.repository import ROOT

Files = dict[str, bytes]

HOSTILE = (
    "\x1b[2J\x1b]0;x\x07",
    "a\r\nb",
    "\u202eabc",
    "\x85\u2028\x9b",
    "🎄",
    "\ufeff",
    "x" * 2000,
    "{x}",
    "$(X)",
    "${X}",
)
TEXTS = (
    "",
    " ",
    "none",
    "null",
    "true",
    "8G",
    "1Gi",
    "-1",
    "0755",
    "2026-07-28",
    "1e3",
    "/",
    "//",
    "..",
    "../x",
    "a/../b",
    "A=B",
)
NUMBERS = (0, -1, 1, 10**6, 10**18, 10**30, 0.1, 1e300, -0.0)
SCALARS = st.sampled_from([None, True, False, *NUMBERS, *TEXTS, *HOSTILE]) | st.text(max_size=12) | st.integers()
VALUES = SCALARS | st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "name", *TEXTS, *HOSTILE]), inner, max_size=3)
    ),
    max_leaves=6,
)
_TOKENS = (
    *("\t", "\r", "\n", "\0", "&a ", "*a", "<<: *a\n", "!!binary ", "!x ", "[", "]", "{", "}", ": ", "- ", "? "),
    *("'", '"', "|", ">", "%", "@", "#", "\x85", "\u202e", "\ufeff", "---\n", "...\n", "\\ud800", "home\r", "🎄"),
)
BYTES = (*(text.encode() for text in _TOKENS), b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x1b")


@cache
def originals(stack: str) -> Mapping[str, bytes]:
    """Return the files of an example stack by their paths."""
    paths = [ROOT / "Pulumi.yaml", stack_file(stack, ROOT), *sorted((ROOT / "stacks" / stack).glob("*.yaml"))]
    return {str(path.relative_to(ROOT)): path.read_bytes() for path in paths}


@cache
def _tree(path: str) -> Any:
    return plain(read(ROOT / path, path), keep_null=True)


@cache
def _known() -> list[tuple[str, Any]]:
    """Return the key of every setting with each of its examples, and every value of the charts with its key."""
    found: list[tuple[str, Any]] = []
    seen: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [Hub, Cluster, HubSecrets, *get_args(get_args(Registry)[0])]
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        for name, field in model.model_fields.items():
            found += [(field.alias or name, example) for example in field.examples or [None]]
            waiting += _models(field.annotation)
    for chart in ("jupyterhub", "binderhub-service"):
        found += _keys(_chart_values(chart))
    return found


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def _chart_values(chart: str) -> Any:
    """Return the default values of a chart: the real one's if they are there, or those of the test's own chart."""
    for folder in ROOT.parents:
        for path in sorted((folder / "shared" / "charts").glob(f"{chart}-*/values.yaml")):
            return yaml.safe_load(path.read_text())
    return yaml.safe_load((ROOT / "tests" / "charts" / chart / "values.yaml").read_text())


def _keys(tree: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield str(key), value
            yield from _keys(value)


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each collection with a key or an index in it."""
    items = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    for key, value in items:
        yield tree, key
        yield from _places(value)


def _copy(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _copy(value) for key, value in tree.items()}
    return [_copy(item) for item in tree] if isinstance(tree, list) else tree


@st.composite
def _changed_tree(draw: st.DrawFn, path: str, trees: Mapping[str, Any]) -> Any:
    """Change a tree in one to three places."""
    tree = _copy(trees[path])
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(tree))
        if not places:
            break
        inside, key = draw(st.sampled_from(places))
        kind = draw(st.sampled_from(["value", "remove", "key", "known", "known", "values", "move", "text"]))
        if kind == "remove":
            del inside[key]
        elif kind == "key" and isinstance(inside, dict):
            inside[draw(st.sampled_from([*TEXTS, *HOSTILE, f"{key}\n", f"{key}x"]) | st.text(max_size=5))] = inside.pop(
                key
            )
        elif kind == "known" and isinstance(inside[key], dict):
            name, value = draw(st.sampled_from(_known()))
            inside[key][name] = _copy(value) if draw(st.booleans()) else draw(VALUES)
        elif kind == "values" and path.startswith("stacks/") and "/Pulumi." not in path and isinstance(tree, dict):
            name, value = draw(st.sampled_from(_known()))
            chart = draw(st.sampled_from(["jupyterhub", "binderhub-service"]))
            at = draw(st.sampled_from([(), ("hub",), ("singleuser",), ("config",), ("proxy",), ("hub", "config")]))
            below = {name: _copy(value) if draw(st.booleans()) else draw(VALUES)}
            for step in reversed(at):
                below = {step: below}
            tree["values"] = {chart: below}
        elif kind == "move":
            other, name = draw(st.sampled_from(list(_places(trees[draw(st.sampled_from(sorted(trees)))]))))
            inside[key] = _copy(other[name])
        elif kind == "text" and isinstance(inside[key], str):
            text, at_ = inside[key], draw(st.integers(0, len(inside[key])))
            inside[key] = text[:at_] + draw(st.sampled_from(HOSTILE) | st.text(max_size=4)) + text[at_:]
        else:
            inside[key] = draw(VALUES)
    return tree


@st.composite
def _changed_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Change bytes in one to four places."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 12)))
        new = draw(st.sampled_from(BYTES) | st.binary(max_size=4) | st.just(content[start : start + 80]))
        content = content[:start] + new + content[end:]
    return content


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Files]:
    """Draw a stack and its files, of which one or two are changed."""
    stack = draw(st.sampled_from(stack_names(ROOT)))
    files = dict(originals(stack))
    trees = {path: _tree(path) for path in files}
    for path in draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=2, unique=True)):
        if draw(st.integers(0, 3)) == 0:
            files[path] = draw(_changed_bytes(files[path]))
        else:
            files[path] = _text(draw(_changed_tree(path, trees)))
    return stack, files


def _text(tree: Any) -> bytes:
    text: str = yaml.dump(tree, Dumper=_Dumper, allow_unicode=True, sort_keys=False)
    return text.encode("utf-8", "surrogatepass")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True
