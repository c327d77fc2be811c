"""The report as one HTML page."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from hypothesis import given, settings

from hubs.preview.diff.html_page import html_report
from hubs.preview.diff.judged import Level
from hubs.preview.diff.report import Entry, Headline, Report, Section
from hubs.settings.touches import Touches
from tests.preview.test_markdown import REPORTS

TAGS = {"html", "head", "meta", "title", "style", "body", "h2", "h3", "span", "ul", "li", "strong", "p", "section"}
TAGS |= {"code", "pre", "details", "summary"}


class _Page(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.attributes: set[tuple[str, str]] = set()
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}

    def handle_comment(self, _data: str) -> None:
        self.seen.append("!--")

    def handle_data(self, data: str) -> None:
        self.words += data


@settings(max_examples=150, deadline=None)
@given(plain=REPORTS)
def test_nothing_of_a_strangers_report_is_markup(plain: list[dict[str, Any]]) -> None:
    page = _Page(html_report([Report.from_plain(entry) for entry in plain]))
    assert set(page.seen) <= TAGS
    allowed = {"class", "open", "lang", "charset", "http-equiv", "content", "name"}
    assert {name for _, name in page.attributes} <= allowed


def test_it_has_everything_and_loads_nothing() -> None:
    entry = Entry(
        Level.DANGEROUS, Touches.LOGIN, "ocean (prod)", "admins", "admins: + m", "", ("- a", "+ b"), "ocean.yaml:3"
    )
    section = Section("ocean (prod)", tuple(f"+ line {number}" for number in range(2000)), ("  more",))
    headline = Headline(Level.DANGEROUS, "ocean (prod)", "admins: + m")
    report = Report(
        "earth", Level.DANGEROUS, (headline,), "1 hub", (entry,), ("do",), ("warn",), (section,), (section,)
    )
    text = html_report([report])
    page = _Page(text)
    for words in (
        "earth: dangerous",
        "who may log in or administer",
        "ocean.yaml:3",
        "line 1999",
        "more",
        "do",
        "warn",
    ):
        assert words in page.words
    assert "default-src 'none'" in text
    assert not [word for word in ("http://", "https://", "src=", "href=", "<script", "url(", "@import") if word in text]


def test_no_change() -> None:
    assert "No stack changes." in html_report([])
