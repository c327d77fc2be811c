"""Texts in which KubeSpawner replaces placeholders, such as `{username}`.

KubeSpawner formats them with Python's `str.format`, which fails for every other brace: then no server starts
(https://github.com/jupyterhub/kubespawner/issues/743). In settings, only the placeholders that KubeSpawner knows have a
meaning. Every other brace is text, also double ones, and those after a dollar sign, as in the shell: `${HOME}`.
"""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import Any

from hubs.settings.kubespawner import PLACEHOLDERS

_NAME = re.compile(r"(?<![${])\{([A-Za-z_][A-Za-z0-9_]*)\}(?!\})")


def escaped(data: Any, *more: str) -> Any:
    """Return `data` so that `str.format` gives the texts in it as they are written, with the placeholders that
    KubeSpawner knows and `more` replaced. Mappings and lists are changed inside, keys and other values are not."""
    return each_text(data, lambda text: _doubled(text, (*PLACEHOLDERS, *more)))


def formatted_once(data: Any, name: str) -> Any:
    """Return `data` so that formatting it with the placeholder `name` alone gives its texts and keys, as they are
    written, with `name` replaced."""
    return each_text(data, lambda text: _doubled(text, (name,)), keys=True)


def each_text(data: Any, change: Callable[[str], str], *, keys: bool = False) -> Any:
    """Return `data` with each text in it changed, and each key of a mapping if `keys` is true."""
    if isinstance(data, dict):
        return {change(key) if keys else key: each_text(value, change, keys=keys) for key, value in data.items()}
    if isinstance(data, list):
        return [each_text(item, change, keys=keys) for item in data]
    return change(data) if isinstance(data, str) else data


def unknown(text: str, *more: str) -> Iterator[tuple[str, str | None]]:
    """Yield each name in braces that KubeSpawner does not know, with the placeholder that was probably meant."""
    known = (*PLACEHOLDERS, *more)
    for name in _NAME.findall(text):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
            yield name, close[0] if close else None


def problem(text: str, known: Collection[str] = PLACEHOLDERS, program: str = "KubeSpawner") -> str | None:
    """Return why a program that knows these placeholders can't format a text as it is, or None if it can."""
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(text) if field is not None]
    except ValueError:
        return f"has a single brace, which {program} can't format: write {{{{ and }}}}"
    strange = [field for field in fields if field not in known]
    if not strange:
        return None
    return f"has {{{strange[0]}}}, which {program} does not know: write {{{{ and }}}} for braces"


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    name = rf"\{{(?:{'|'.join(names)})\}}"
    return re.compile(rf"((?<![${{]){name}|(?<!\$){name}(?!\}}))")


def _doubled(text: str, names: tuple[str, ...]) -> str:
    if "{" not in text and "}" not in text:
        return text
    parts = _pattern(names).split(text)
    return "".join(
        part if index % 2 else part.replace("{", "{{").replace("}", "}}") for index, part in enumerate(parts)
    )
