"""Parse a comment as CommonMark, as GitHub does."""

from __future__ import annotations

import re
from collections.abc import Collection

from markdown_it import MarkdownIt
from markdown_it.token import Token


def outside_code(markdown: str) -> str:
    """Return all text and HTML outside of code blocks, inline code and `<code>`, where GitHub finds mentions."""
    return re.sub("<code>[^<]*</code>", "", "\n".join(_outside(MarkdownIt("commonmark").parse(markdown))))


_GITHUB = MarkdownIt("gfm-like", {"html": True})
_FOLD = re.compile(r"(?:<details><summary><code>[^<>]*</code></summary>\n?|</details>\n?)+")


def problems(markdown: str, links: Collection[str] = (), comments: Collection[str] = ()) -> list[str]:
    """Return all markup of a comment that is not its own: anything but paragraphs, lists, bold, code and folds.

    `links` and `comments` are the URLs and HTML comments that it may have.
    """
    found, waiting = [], _GITHUB.parse(markdown)
    own = {"paragraph", "bullet_list", "list_item", "strong", "inline", "text", "softbreak", "code_inline", "fence"}
    while waiting:
        token = waiting.pop()
        waiting += token.children or []
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if kind == "html_block":
            found += [] if _FOLD.fullmatch(token.content) or token.content.strip() in comments else [token.content]
        elif kind == "link":
            found += [] if token.nesting < 0 or token.attrs["href"] in links else [f"link {token.attrs}"]
        elif kind not in own:
            found.append(f"{token.type} {token.content}")
    return found


def _outside(tokens: list[Token]) -> list[str]:
    kept = []
    for token in tokens:
        if token.type in ("text", "html_block", "html_inline", "image"):
            kept.append(token.content)
        kept += [f"<link {token.attrs}>"] if token.type == "link_open" else []
        kept += _outside(token.children or [])
    return kept
