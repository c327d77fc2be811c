from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubs.preview.diff.compare import HubChange, ReleaseChange, StackChange
from hubs.preview.diff.leaves import Change
from hubs.preview.diff.markdown import GITHUB_LIMIT, code, fenced, markdown_report, size
from hubs.preview.diff.report import Report, Section
from hubs.preview.diff.text import report_of
from hubs.printable import printable
from tests.preview.commonmark import outside_code, problems


def markdown(changes: list[StackChange]) -> str:
    return markdown_report([report_of(change) for change in changes])


def hub(name: str, changes: int, text: str = "value") -> HubChange:
    values = tuple(Change(("hub", "extra", f"key{number}"), f"{name}{text}", number) for number in range(changes))
    return HubChange(name, "changed", (ReleaseChange(name, "jupyterhub", ("1.0.0", "1.0.0"), values, ()),), (), ())


def test_hubs_are_folded() -> None:
    report = markdown([StackChange("earth", (hub("one", 1), hub("two", 2)))])
    assert report.startswith("**`earth`**: `2 hubs change`")
    assert report.count("<details>") == report.count("</details>") == 2
    assert "<summary><code>one</code></summary>" in report
    assert "Cut" not in report


@pytest.mark.parametrize(("hubs", "changes"), [(300, 30), (1, 20_000), (3000, 1)])
def test_cut_below_the_limit_with_a_note(hubs: int, changes: int) -> None:
    report = markdown(
        [StackChange("earth", tuple(hub(f"hub{number}", changes, f" is number {number}") for number in range(hubs)))]
    )
    assert GITHUB_LIMIT / 2 < size(report) <= GITHUB_LIMIT
    assert "Shortened to fit into a comment" in report
    assert report.count("<details>") == report.count("</details>")
    assert report.count("```") % 2 == 0


def test_a_long_stack_leaves_room_for_the_next_ones_summary() -> None:
    report = markdown([StackChange("earth", (hub("one", 20_000),)), StackChange("mars", (hub("two", 1),))])
    assert "**`mars`**: `1 hub changes`" in report


def test_many_dangers_are_cut_too() -> None:
    dangers = tuple(f"danger {number} " + "x" * 200 for number in range(2000))
    report = markdown([StackChange("earth", (), (), dangers)])
    assert size(report) <= GITHUB_LIMIT
    assert "and 1960 more dangers" in report


def test_fence_is_longer_than_any_in_the_text() -> None:
    report = markdown([StackChange("earth", (hub("one", 1, "`````"),))])
    assert "``````diff\n" in report


@pytest.mark.parametrize(
    "text",
    [
        "@octocat",
        "<b>",
        "**x**",
        "#1",
        "[a](b)",
        "`c`",
        "~~d~~",
        "www.example.org",
        "_e_",
        "GH-1",
        "deadbeef",
        "a@b.org",
    ],
)
def test_nothing_of_a_summary_is_markup(text: str) -> None:
    report = markdown_report([Report("earth", f"1 hub {text}", (), ())])
    assert text in report
    assert outside_code(report).strip() == ":"


def test_more_is_folded_by_itself_and_cut_first() -> None:
    section = Section("new", ("+ short",), tuple(f"+ line {number}" for number in range(20_000)))
    report = markdown_report([Report("earth", "1 hub is added", (), (section, Section("next", ("+ short too",))))])
    assert "<code>new</code>" in report
    assert "<code>all of new</code>" in report
    assert "+ short too" in report
    assert size(report) <= GITHUB_LIMIT
    assert "Shortened to fit into a comment: `all of new: " in report


def test_a_report_from_a_stranger_is_checked() -> None:
    plain: dict[str, Any] = {
        "stack": "e",
        "summary": "s",
        "dangers": ["d\n\n# x"],
        "sections": [{"title": "t", "lines": ["+ a\n```\n# x"]}],
    }
    report = markdown_report([Report.from_plain(plain)])
    assert "\n# x" not in report
    sections: list[Any] = [{}, {"title": "t", "lines": [], "more": 1}, {"title": "t", "lines": [], "more": [1]}, []]
    broken_sections = [plain | {"sections": [section]} for section in sections]
    for broken in ({}, plain | {"stack": 1}, plain | {"dangers": [{}]}, *broken_sections):
        with pytest.raises(ValueError, match="not a valid report"):
            Report.from_plain(broken)


# Reports of strangers, as GitHub reads them

HOSTILE = st.one_of(
    st.text(max_size=30),
    st.text("`~<>[]()!@#*_|\\&;:/.-+=\"' \n\r\t\u2028\u202e\u200b\u0000\ud800a1", max_size=40),
    st.lists(
        st.sampled_from(
            [
                "`", "``", "```", "\n", "\n\n", "</details>", "</code>", "<code>", "<details>", "<!--", "-->",
                "[a](http://evil.example)", "![x](http://evil.example/t.png)", "<img src=x>", "# Approved", "> q",
                "| a | b |\n|---|---|", "www.evil.example", "http://evil.example", "a@evil.example", "[a]: x",
                "@octocat", "1. a",
                "&#64;octocat", "\\", "\\`", "    ", "~~~", "$$x$$", "https://github.com/o/r/pull/1", "GH-1", "x" * 300,
            ]
        ),
        max_size=8,
    ).map("".join),
)  # fmt: skip
NAMES = HOSTILE.filter(lambda text: bool(text.strip()))
REPORTS = st.lists(
    st.fixed_dictionaries(
        {
            "stack": NAMES,
            "summary": NAMES,
            "dangers": st.lists(NAMES, max_size=3),
            "sections": st.lists(
                st.fixed_dictionaries(
                    {"title": NAMES, "lines": st.lists(HOSTILE, max_size=4), "more": st.lists(HOSTILE, max_size=2)}
                ),
                max_size=3,
            ),
        }
    ),
    max_size=3,
)
OWN = re.compile(r"(?:⚠️ |: ?|And \d+ more stacks?\.|Shortened to fit into a comment: |; and \d+ more|\.|and \d+ more"
                 r" dangers?: see the hubs below| ?Run | to see everything\.|\s)*")  # fmt: skip


@settings(max_examples=400)
@given(plain=REPORTS, limit=st.sampled_from([5_000, GITHUB_LIMIT]))
def test_nothing_of_a_report_leaves_its_place(plain: list[dict[str, Any]], limit: int) -> None:
    markdown = markdown_report([Report.from_plain(entry) for entry in plain], limit)
    assert size(markdown) <= limit
    assert problems(markdown) == []
    outside = re.sub(r"<details><summary>|</summary>|</details>", "", outside_code(markdown))
    assert OWN.fullmatch(outside), outside
    for entry in plain:
        if len(entry["stack"]) < 50:
            assert printable(entry["stack"]) in markdown


@settings(max_examples=400)
@given(text=HOSTILE, lines=st.lists(HOSTILE, max_size=4))
def test_any_text_as_code(text: str, lines: list[str]) -> None:
    markdown = f"before {code(text)} between {code(text)} after\n\n{fenced(lines)}\n\nend"
    assert problems(markdown) == []
    assert outside_code(markdown).split() == ["before", "between", "after", "end"]


@settings(max_examples=50)
@given(
    count=st.integers(0, 400),
    stack=st.integers(1, 400),
    summary=st.integers(1, 5000),
    dangers=st.integers(0, 60),
    lines=st.integers(0, 3000),
    letter=st.sampled_from(["a", "`", "😀", "\x00", "<"]),
    limit=st.integers(5_000, GITHUB_LIMIT),
)
def test_one_budget(count: int, stack: int, summary: int, dangers: int, lines: int, letter: str, limit: int) -> None:
    section = Section(letter * 300, (letter * 50,) * lines, (letter * 50,) * lines)
    report = Report(letter * stack, letter * summary, (letter * 600,) * dangers, (section,) * 3)
    markdown = markdown_report([report] * count, limit)
    assert size(markdown) <= limit
    assert problems(markdown) == []


@pytest.mark.parametrize("key", ["stack", "summary", "dangers", "title"])
@pytest.mark.parametrize("empty", ["", " ", "\u00a0"])
def test_a_report_without_words_is_refused(key: str, empty: str) -> None:
    plain: dict[str, Any] = {"stack": "e", "summary": "s", "dangers": ["d"], "sections": [{"title": "t", "lines": []}]}
    changes: dict[str, dict[str, Any]] = {
        "dangers": {"dangers": [empty]},
        "title": {"sections": [{"title": empty, "lines": []}]},
    }
    with pytest.raises(ValueError, match="not a valid report"):
        Report.from_plain(plain | changes.get(key, {key: empty}))
