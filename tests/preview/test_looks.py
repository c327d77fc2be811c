"""A comment and a page in a real browser, on a phone and at the width of a comment: nothing sticks out."""

from __future__ import annotations

import shutil

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from hubs.preview.diff.html_page import html_report
from hubs.preview.diff.judged import Level
from hubs.preview.diff.markdown import markdown_report
from hubs.preview.diff.report import Entry, Headline, Report, Section
from hubs.settings.touches import Touches

IMAGE = "us-central1-docker.pkg.dev/earth-hubs/earth-climate-staging/a-very-long-name-of-an-image:2026.06.04"
ENTRIES = tuple(
    Entry(level, Touches.CODE, "ocean (staging, prod)", "image", f"image: {IMAGE}", "", (f"- {IMAGE}", f"+ {IMAGE}x"))
    for level in Level
)
SECTION = Section("ocean (staging, prod)", (f"+ CPU: image {IMAGE}", f"-   GPU: image {IMAGE}"))
REPORT = Report(
    "earth",
    Level.DANGEROUS,
    (Headline(Level.DANGEROUS, "ocean (staging, prod)", f"image: {IMAGE} → 2026.07.01"),),
    judgements=ENTRIES,
    todos=(f"register {IMAGE}",),
    warnings=(f"images: {IMAGE}",),
    pages=(SECTION,),
)
# What matters here of GitHub's style for comments.
STYLE = """body { margin: 0; font: 14px/1.5 sans-serif } div { padding: 32px; overflow-wrap: break-word }
code { font: 85% monospace } pre { overflow: auto; padding: 16px; font-size: 85% } pre code { font-size: 100% }
ul { padding-left: 2em } blockquote { margin: 0; padding: 0 1em; border-left: .25em solid }"""
STICKS_OUT = """[...document.querySelectorAll('body, body *')]
 .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display != 'inline')
 .map(e => `${e.tagName} ${e.scrollWidth} > ${e.clientWidth} ${e.textContent.slice(0, 60)}`)"""


@pytest.mark.parametrize("width", [375, 850])
def test_nothing_sticks_out(width: int) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is missing")
    html = cmarkgfm.github_flavored_markdown_to_html(markdown_report([REPORT]), options=Options.CMARK_OPT_UNSAFE)
    comment = f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style><div>{html}</div>'
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800})
        for content in (comment, html_report([REPORT])):
            page.set_content(content)
            assert page.evaluate(STICKS_OUT) == []
            assert "2026.07.01" in page.inner_text("body")
        browser.close()
