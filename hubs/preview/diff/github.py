"""Write untrusted text in GitHub's Markdown so that it stays text: no mention, link, reference, markup or HTML.

Sentences are prose. What could mean something to GitHub, such as a name, a path, a number with letters or a value, is
set as inline code, where GitHub looks for nothing. The rest are words and what ends a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hubs.printable import one_line, printable

_LONGEST = 2_000
"""Characters of one text. Only hostile ones are longer."""

# Words: letters with single hyphens or apostrophes, not as long as a commit's hash if they could be one; short numbers.
_WORD = re.compile(r"(?:(?![0-9A-Fa-f]{7,}$)[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[a-z]+(?:-[a-z]+)+|\d{1,6})")
_BEFORE = "(\"'\u201c\u2018"
_BEHIND = ")\"'\u201d\u2019,;:.!?\u2026"
_SIGNS = {"→", "·", "+", "-", "\u2013", "\u2014", "…", "=", "/", "&"}


def prose(text: str) -> str:
    """Return text as Markdown prose with everything but plain words as inline code. It has no line breaks.

    It must not be the first thing in a line, where `+` would begin a list.
    """
    parts = [_word(word) for word in one_line(text, _LONGEST).split(" ") if word]
    return " ".join(before + (code(middle, _LONGEST) if middle else "") + after for before, middle, after in parts)


def code(text: str, most: int = 1_000) -> str:
    """Return text as inline code, whatever characters it contains, and at most `most` of them."""
    text = _few_backticks(printable(text))
    text = (text if len(text) <= most else f"{text[: most - 1]}…") or " "  # two backticks alone are no code
    fence = "`" * (1 + _longest_run(text))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def fenced(lines: Sequence[str], language: str = "", indent: str = "") -> str:
    """Return lines as a code block that their content can't close. `indent` begins each line after the first."""
    safe = [_few_backticks(printable(line)) for line in lines]
    fence = "`" * max(3, 1 + max(map(_longest_run, safe), default=0))
    return f"\n{indent}".join([f"{fence}{language}", *safe, fence])


def wrapped(lines: Sequence[str], width: int) -> list[str]:
    """Return lines of at most `width` characters, each part with the mark of its line, continued parts indented."""
    return [part for line in lines for part in _wrapped(printable(line), width)]


def _wrapped(line: str, width: int) -> Iterator[str]:
    mark, rest = line[:1], line[1:]
    margin = " " * min(len(rest) - len(rest.lstrip(" ")), width // 2) + "  "
    while len(rest) + len(mark) > width:
        cut = _break(rest, width - len(mark), len(margin))
        yield mark + rest[:cut].rstrip(" ")
        rest = margin + rest[cut:].lstrip(" ")
    yield mark + rest


def _break(text: str, width: int, margin: int) -> int:
    """Return where to break: after the last separator that fits, else at `width`."""
    earliest = max(margin + 1, width // 3)
    found = [match.end() for match in re.finditer(r"[\s/:,;=@&?._-]", text[:width]) if match.end() >= earliest]
    strong = [end for end in found if text[end - 1] in " :,;/"]
    return (strong or found or [width])[-1]


def _word(word: str) -> tuple[str, str, str]:
    """Return what is before a word or value, itself, and what is behind it; prose has no middle."""
    rest = word.lstrip(_BEFORE)
    middle = rest.rstrip(_BEHIND)
    start, end = word[: len(word) - len(rest)], rest[len(middle) :]
    if word in _SIGNS:
        return f"\\{word}" if word in "+-=/&" else word, "", ""
    if (not middle and len(word) <= 3) or _WORD.fullmatch(middle):
        # `1.` and `1)` would begin a list.
        return f"{start}{middle}\\{end}" if middle.isdigit() and end[:1] in (".", ")") else word, "", ""
    return (start, middle, end) if middle else ("", word, "")


def _few_backticks(text: str) -> str:
    """Shorten long runs of backticks: cmark-gfm knows no inline code with more than 80 of them, and takes more than
    255 for 255."""
    return re.sub("`{41,}", f"{'`' * 40}…", text)


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
