"""Parse a comment as GitHub does: as CommonMark by markdown-it, and by cmark-gfm, which GitHub uses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt
from markdown_it.token import Token

_FOLD = re.compile(
    r"(?:<details><summary>[A-Za-z ':]*(?:\(\d+ changes?\)|<code>[^<>]*</code>)?</summary>\n?|</details>\n?)+"
)
_OWN = {
    *("paragraph", "bullet_list", "list_item", "strong", "inline", "text", "softbreak", "code_inline", "fence"),
    *("heading", "blockquote", "text_special"),
}
_ALERT = re.compile(r"\[!(?:CAUTION|IMPORTANT)\]")
LIVE = re.compile(
    r"@|#|://|www\.|[<>\[\]`*_~|\\$]|\bGH-\d|\b[0-9a-fA-F]{7,}\b|:[\w+-]+:|&\w+;|\b[\w-]+-\d", re.IGNORECASE
)
"""What GitHub turns into something in text outside of code: mentions, references, links, emoji, mathematics, markup."""

_GITHUB = MarkdownIt("gfm-like", {"html": True})


def outside_code(markdown: str) -> str:
    """Return all text and HTML outside of code blocks, inline code and `<code>`, where GitHub finds mentions."""
    return re.sub("<code>[^<]*</code>", "", "\n".join(_outside(MarkdownIt("commonmark").parse(markdown))))


def problems(markdown: str, links: Collection[str] = (), comments: Collection[str] = ()) -> list[str]:
    """Return all markup of a comment that is not its own, and all text that GitHub would turn into something.

    `links` and `comments` are the URLs and HTML comments that it may have. Both parsers have to agree.
    """
    found, waiting = [], _GITHUB.parse(markdown)
    while waiting:
        token = waiting.pop()
        waiting += token.children or []
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if kind == "html_block":
            found += [] if _FOLD.fullmatch(token.content) or token.content.strip() in comments else [token.content]
        elif kind == "link":
            found += [] if token.nesting < 0 or token.attrs["href"] in links else [f"link {token.attrs}"]
        elif kind not in _OWN:
            found.append(f"{token.type} {token.content}")
        elif kind == "text" and LIVE.search(_ALERT.sub("", token.content)):
            found.append(f"live text {token.content!r}")
    return found + [problem for problem in _in_html(rendered(markdown), links) if problem]


@dataclass
class Element:
    """An element of a rendered comment, with its text outside and inside of code."""

    tag: str
    attributes: dict[str, str | None]
    inside: list[Element | str] = field(default_factory=list)

    def all(self, *tags: str) -> list[Element]:
        """Return the elements with one of these tags inside of this one, in the order of the document."""
        found = []
        for child in self.inside:
            if isinstance(child, Element):
                found += [child] if child.tag in tags else []
                found += child.all(*tags)
        return found

    @property
    def text(self) -> str:
        """The text inside, as people see it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.inside)


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].inside.append(element)
        if tag not in ("br", "hr", "img", "input"):
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)

    def handle_comment(self, data: str) -> None:
        self.open[-1].inside.append(Element("!--", {"text": data}))


def rendered(markdown: str) -> Element:
    """Return the comment as HTML, by cmark-gfm with the extensions that GitHub enables."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    html = cmarkgfm.github_flavored_markdown_to_html(markdown, options=options)
    tree = _Tree()
    tree.feed(html)
    tree.close()
    assert len(tree.open) == 1, f"<{tree.open[-1].tag}> is not closed"
    return tree.open[0]


_TAGS = {"h3", "p", "ul", "li", "strong", "code", "pre", "blockquote", "details", "summary", "!--"}


def _in_html(element: Element, links: Collection[str]) -> Iterator[str]:
    for child in element.inside:
        if isinstance(child, Element):
            allowed = child.tag in _TAGS or (child.tag == "a" and child.attributes.get("href") in links)
            yield "" if allowed else f"<{child.tag}> {child.attributes}"
            yield from () if child.tag in ("code", "a") else _in_html(child, links)
        elif LIVE.search(_ALERT.sub("", child)):
            yield f"live text {child!r}"


def _outside(tokens: list[Token]) -> list[str]:
    kept = []
    for token in tokens:
        if token.type in ("text", "html_block", "html_inline", "image"):
            kept.append(token.content)
        kept += [f"<link {token.attrs}>"] if token.type == "link_open" else []
        kept += _outside(token.children or [])
    return kept
