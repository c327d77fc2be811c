"""What GitHub would make of a comment: CommonMark by a parser of its own."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token


def outside_code(markdown: str) -> str:
    """All text and HTML that is in no block of code, no inline code and no ``<code>``: where mentions count."""
    return re.sub("<code>[^<]*</code>", "", "\n".join(_outside(MarkdownIt("commonmark").parse(markdown))))


def _outside(tokens: list[Token]) -> list[str]:
    kept = []
    for token in tokens:
        if token.type in ("text", "html_block", "html_inline", "image"):
            kept.append(token.content)
        kept += [f"<link {token.attrs}>"] if token.type == "link_open" else []
        kept += _outside(token.children or [])
    return kept
