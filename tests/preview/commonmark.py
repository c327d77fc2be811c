"""Parse a comment as CommonMark, as GitHub does."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token


def outside_code(markdown: str) -> str:
    """Return all text and HTML outside of code blocks, inline code and `<code>`, where GitHub finds mentions."""
    return re.sub("<code>[^<]*</code>", "", "\n".join(_outside(MarkdownIt("commonmark").parse(markdown))))


def _outside(tokens: list[Token]) -> list[str]:
    kept = []
    for token in tokens:
        if token.type in ("text", "html_block", "html_inline", "image"):
            kept.append(token.content)
        kept += [f"<link {token.attrs}>"] if token.type == "link_open" else []
        kept += _outside(token.children or [])
    return kept
