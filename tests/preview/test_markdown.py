"""The comment on GitHub: what is in it, and that nothing of a stranger's report becomes more than text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubs.preview.diff.github import code, fenced, prose, wrapped
from hubs.preview.diff.judged import Level
from hubs.preview.diff.markdown import GITHUB_LIMIT, PHONE, markdown_report, size
from hubs.preview.diff.report import Entry, Headline, Report, Section
from hubs.printable import printable
from hubs.settings.touches import Touches
from tests.preview.commonmark import outside_code, problems, rendered

HEADLINE = Headline(Level.ROUTINE, "ocean (staging, prod)", 'profile "Big memory" added')
REPORT = Report("earth", Level.ROUTINE, (HEADLINE,), "2 of 4 hubs change")


def entry(level: Level, **more: Any) -> Entry:
    words: dict[str, Any] = {"hubs": "ocean (prod)", "title": "administrators", "sentence": "administrators: + m"}
    return Entry(level, **({"touches": Touches.LOGIN} | words | more))


def sections(count: int, lines: int) -> tuple[Section, ...]:
    return tuple(
        Section(f"hub{hub}", tuple(f"+ value{line} of hub {hub}" for line in range(lines))) for hub in range(count)
    )


# What is where


def test_class_and_headlines_come_first() -> None:
    first, second, counts, *_ = rendered(markdown_report([REPORT])).all("h3", "li", "p")
    assert first.text == "earth: routine"
    assert second.text == 'ocean (staging, prod): profile "Big memory" added'
    assert counts.text == "2 of 4 hubs change."


def test_dangers_are_an_alert_in_prose_with_names_and_values_as_code() -> None:
    danger = entry(
        Level.DANGEROUS, sentence="administrators: + mallory@x.org: they can do everything", source="a/b.yaml:3"
    )
    (quote,) = rendered(markdown_report([replace(REPORT, judgements=(danger,))])).all("blockquote")
    alert, *_ = quote.all("p")
    assert alert.text.split("\n") == ["[!CAUTION]", "Dangerous: who may log in or administer"]
    (item,) = quote.all("li")
    assert item.text.strip() == "ocean (prod): administrators: + mallory@x.org: they can do everything (a/b.yaml:3)"
    assert [found.text for found in item.all("code")] == ["mallory@x.org", "a/b.yaml:3"]


def test_a_changed_value_is_two_coloured_lines_that_fit_a_phone() -> None:
    image = "quay.io/pangeo/pangeo-notebook:2026."
    change = entry(Level.ROUTINE, title="image", lines=(f"- {image}06.04", f"+ {image}07.01"), effect="for new servers")
    page = rendered(markdown_report([replace(REPORT, judgements=(change,))]))
    (pre,) = page.all("pre")
    assert pre.attributes == {"lang": "diff"}
    lines = pre.text.splitlines()
    assert {line[0] for line in lines} == {"-", "+"}
    assert max(map(len, lines)) <= PHONE
    assert "".join(line[1:].strip() for line in lines if line[0] == "+") == f"{image}07.01"
    assert "ocean (prod): image: for new servers" in page.text


@pytest.mark.parametrize(("lines", "folded"), [(15, 0), (16, 1)])
def test_short_sections_are_open(lines: int, folded: int) -> None:
    page = rendered(markdown_report([replace(REPORT, sections=sections(1, lines))]))
    assert len(page.all("details")) == folded
    assert "Values and objects of hub0" in page.text


def test_long_groups_are_folded_but_never_dangers() -> None:
    changes = tuple(
        entry(level, title=f"setting number {number}", sentence=f"setting number {number}", touches=Touches.APPEARANCE)
        for level in Level
        for number in range(20)
    )
    page = rendered(markdown_report([replace(REPORT, judgements=changes)]))
    assert [fold.all("summary")[0].text for fold in page.all("details")] == [
        "Careful: appearance (20 changes)",
        "Routine: appearance (20 changes)",
    ]
    (alert,) = page.all("blockquote")
    assert len(alert.all("li")) == 20


def test_the_options_page_is_a_list_in_a_list() -> None:
    lines = ("  CPU: For most work", "    Image", "+     New: image quay.io/a/b:1", "-     Old")
    page = rendered(markdown_report([replace(REPORT, pages=(Section("ocean (prod)", lines),))]))
    outer = page.all("ul")[1]
    (profile,) = [item for item in outer.inside if not isinstance(item, str)]
    (menu,) = profile.all("ul")[0].all("li")[:1]
    assert [item.text.strip() for item in menu.all("li")] == ["🟩 added New: image quay.io/a/b:1", "🟥 removed Old"]


def test_todos_and_new_warnings() -> None:
    page = rendered(markdown_report([replace(REPORT, todos=("set x",), warnings=("images: y can change",))]))
    assert "[!IMPORTANT]\nTo do before the update\n\nset x" in page.all("blockquote")[0].text.replace("\n\n\n", "\n\n")
    assert "New warnings\n\nimages: y can change" in page.text


# GitHub's limit


@pytest.mark.parametrize(("hubs", "changes"), [(300, 30), (1, 20_000), (3000, 1)])
def test_cut_below_the_limit_with_a_note(hubs: int, changes: int) -> None:
    report = markdown_report([replace(REPORT, sections=sections(hubs, changes))])
    assert GITHUB_LIMIT / 2 < size(report) <= GITHUB_LIMIT
    assert re.search(
        r"Left out, because GitHub limits comments: \d+ lines\. Run `hubs diff` to see everything\.", report
    )
    assert problems(report) == []


def test_what_is_least_important_is_left_out_first() -> None:
    kinds = {level: entry(level, title="x " * 200, sentence="x " * 200) for level in Level}
    # Details of the first stack, then dangers of the second one: these come first if not everything fits.
    first = replace(REPORT, sections=sections(1, 20_000))
    second = replace(REPORT, stack="mars", judgements=(kinds[Level.DANGEROUS],) * 30 + (kinds[Level.ROUTINE],) * 500)
    report = markdown_report([first, second])
    assert "### mars: routine" in report
    assert report.count("x x x") > 30
    assert "danger" not in report.rpartition("Left out")[2]
    assert re.search(r"Left out, .*: \d+ lines?, \d+ routine changes?\.", report)


def test_many_dangers_are_cut_too() -> None:
    dangers = tuple(entry(Level.DANGEROUS, sentence=f"danger {number} " + "x" * 200) for number in range(2000))
    report = markdown_report([replace(REPORT, judgements=dangers)])
    assert size(report) <= GITHUB_LIMIT
    assert re.search(r"Left out, .*: 1\d\d\d dangers", report)


def test_more_is_folded_by_itself_and_left_out_first() -> None:
    section = Section("new", ("+ short",), tuple(f"+ line {number}" for number in range(20_000)))
    report = markdown_report([replace(REPORT, sections=(section, Section("next", ("+ short too",))))])
    assert "All of <code>new</code>" in report
    assert "+ short too" in report
    assert size(report) <= GITHUB_LIMIT


@settings(max_examples=6, deadline=None)
@given(
    count=st.integers(0, 60),
    headlines=st.integers(0, 60),
    dangers=st.integers(0, 60),
    lines=st.integers(0, 900),
    letter=st.sampled_from(["a", "`", "😀", "\x00", "<"]),
    limit=st.integers(5_000, GITHUB_LIMIT),
)
def test_one_budget(count: int, headlines: int, dangers: int, lines: int, letter: str, limit: int) -> None:
    section = Section(letter * 300, (letter * 50,) * lines, (letter * 50,) * lines)
    danger = entry(Level.DANGEROUS, sentence=letter * 600, lines=(f"+ {letter * 90}",))
    report = Report(
        letter * 90,
        Level.ROUTINE,
        (Headline(Level.ROUTINE, letter * 50, letter * 500),) * headlines,
        judgements=(danger,) * dangers,
        sections=(section,) * 3,
    )
    markdown = markdown_report([report] * count, limit)
    assert size(markdown) <= limit
    assert problems(markdown) == []


# Text that means something to GitHub


@pytest.mark.parametrize(
    "text",
    [
        "@octocat",
        "@org/team",
        "<b>",
        "**x**",
        "#1",
        "owner/repo#1",
        "[a](b)",
        "`c`",
        "~~d~~",
        "www.example.org",
        "https://example.org",
        "_e_",
        "GH-1",
        "JIRA-12",
        "deadbeef",
        "0123456789abcdef",
        "a@b.org",
        ":tada:",
        "$x$",
        "$`x`$",
        "&copy;",
        "![x](y)",
        "1. a",
        "- a",
        "+ a",
        "[ ] a",
        "[^1]",
        "| a |",
        "`" * 40,
    ],
)
def test_text_that_means_something_stays_as_it_is(text: str) -> None:
    change = entry(Level.DANGEROUS, hubs=text, sentence=f"{text} and {text}")
    headline = Headline(Level.ROUTINE, text, text)
    report = markdown_report([Report(text, Level.ROUTINE, (headline,), text, (change,), (text,), (text,))])
    assert problems(report) == []
    heading, *items = rendered(report).all("h3", "li")
    assert heading.text == f"{text}: routine"
    assert items[0].text.strip() == f"{text}: {text}"
    assert f"{text}: {text} and {text}" in [item.text.strip() for item in items]


def test_fence_is_longer_than_any_in_the_text() -> None:
    assert "``````diff\n" in markdown_report([replace(REPORT, sections=(Section("one", ("+ `````",)),))])


@pytest.mark.parametrize("count", [79, 80, 81, 254, 255, 256, 1000])
def test_more_backticks_than_the_parser_counts(count: int) -> None:
    many = "`" * count
    report = markdown_report([replace(REPORT, judgements=(entry(Level.DANGEROUS, sentence=f"a {many} @octocat"),))])
    assert problems(report) == []
    report = markdown_report([replace(REPORT, sections=(Section("one", (f"+ {many}", many, "@octocat")),))])
    assert problems(report) == []
    assert rendered(report).all("pre")[0].text.endswith("@octocat\n")


@settings(max_examples=200, deadline=None)
@given(line=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), max_size=200))
def test_wrapped_lines_lose_nothing(line: str) -> None:
    parts = wrapped([f"+ {line}"], 38)
    assert max(map(len, parts)) <= 38
    assert {part[:1] for part in parts} == {"+"}
    assert "".join(part[1:] for part in parts).replace(" ", "") == line.replace(" ", "")


# Reports of strangers, as GitHub reads them

HOSTILE = st.one_of(
    st.text(max_size=30),
    st.text("`~<>[]()!@#*_|\\&;:/.-+=\"' \n\r\t\u2028\u202e\u200b\u0000\ud800a1$^{}", max_size=40),
    st.lists(
        st.sampled_from(
            [
                "`", "``", "```", "\n", "\n\n", "</details>", "</code>", "<code>", "<details>", "<!--", "-->",
                "[a](http://evil.example)", "![x](http://evil.example/t.png)", "<img src=x>", "# Approved", "> q",
                "| a | b |\n|---|---|", "www.evil.example", "http://evil.example", "a@evil.example", "[a]: x",
                "@octocat", "1. a", "1) a", "2 . a", "- [x] a", "[^1]", "> [!NOTE]", "* a", "+ a", "===", "---",
                "&#64;octocat", "&lt;b&gt;", "\\", "\\`", "    ", "~~~", "$$x$$", "$`x`$", ":tada:", "GH-1", "x" * 300,
                "https://github.com/o/r/pull/1", "o/r#1", "deadbeefdeadbeef", " ", "(", ")", "\"", "'", "!", "word",
            ]
        ),
        max_size=8,
    ).map("".join),
)  # fmt: skip
NAMES = HOSTILE.filter(lambda text: bool(text.strip()))
LEVELS = st.sampled_from([level.word for level in Level])
SECTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "title": NAMES,
            "lines": st.lists(HOSTILE, max_size=4) | st.lists(HOSTILE, min_size=16, max_size=17),
            "more": st.lists(HOSTILE, max_size=2),
        }
    ),
    max_size=2,
)
REPORTS = st.lists(
    st.fixed_dictionaries(
        {
            "stack": NAMES,
            "class": LEVELS,
            "headlines": st.lists(st.fixed_dictionaries({"level": LEVELS, "hubs": NAMES, "text": NAMES}), max_size=2),
            "counts": HOSTILE,
            "judgements": st.lists(
                st.fixed_dictionaries(
                    {
                        "level": LEVELS,
                        "touches": st.sampled_from([None, *(touches.name.lower() for touches in Touches)]),
                        "where": HOSTILE,
                        "title": NAMES,
                        "sentence": NAMES,
                        "effect": HOSTILE,
                        "lines": st.lists(HOSTILE, max_size=3),
                        "source": HOSTILE,
                    }
                ),
                max_size=4,
            ),
            "todos": st.lists(NAMES, max_size=2),
            "warnings": st.lists(NAMES, max_size=2),
            "pages": SECTIONS,
            "sections": SECTIONS,
        }
    ),
    max_size=3,
)
VALID: dict[str, Any] = {
    "stack": "e",
    "class": "routine",
    "headlines": [{"level": "routine", "hubs": "h", "text": "t"}],
    "counts": "",
    "judgements": [
        dict.fromkeys(("where", "effect", "source"), "")
        | {"level": "careful", "touches": None, "title": "t", "sentence": "s", "lines": []}
    ],
    "todos": ["d"],
    "warnings": ["w"],
    "pages": [],
    "sections": [{"title": "t", "lines": []}],
}


@settings(max_examples=100, deadline=None)
@given(plain=REPORTS, limit=st.sampled_from([5_000, GITHUB_LIMIT]))
def test_nothing_of_a_report_leaves_its_place(plain: list[dict[str, Any]], limit: int) -> None:
    reports = [Report.from_plain(entry) for entry in plain]
    markdown = markdown_report(reports, limit)
    assert size(markdown) <= limit
    assert problems(markdown) == []
    page = rendered(markdown)
    assert len(page.all("h3")) == len(plain)
    alerts = [quote for quote in page.all("blockquote") if "[!CAUTION]" in quote.all("p")[0].text.split("\n")[0]]
    assert len(alerts) == sum(len({entry.about for entry in report.dangers}) for report in reports)


@settings(max_examples=200, deadline=None)
@given(text=HOSTILE, lines=st.lists(HOSTILE, max_size=4))
def test_any_text_as_code_and_as_prose(text: str, lines: list[str]) -> None:
    markdown = f"before {code(text)} between {code(text)} after\n\n{fenced(lines)}\n\nend"
    assert problems(markdown) == []
    assert outside_code(markdown).split() == ["before", "between", "after", "end"]
    item = f"- {prose(text)}\n\nend"
    assert problems(item) == []
    assert rendered(item).text.split() == [*printable(text).split(), "end"]


@pytest.mark.parametrize("key", ["stack", "headlines", "judgements", "todos", "warnings", "sections"])
@pytest.mark.parametrize("wrong", ["", " ", "\u00a0", 1, None, {}, [], [1], [""], [{}], [[]], {"title": "t"}])
def test_a_report_that_is_not_one_is_refused(key: str, wrong: Any) -> None:
    assert Report.from_plain(VALID).stack == "e"
    if wrong != [] or key == "stack":
        with pytest.raises(ValueError, match="not a valid report"):
            Report.from_plain(VALID | {key: wrong})


@pytest.mark.parametrize("key", VALID)
def test_no_part_of_a_report_may_be_missing(key: str) -> None:
    with pytest.raises(ValueError, match="not a valid report"):
        Report.from_plain({name: value for name, value in VALID.items() if name != key})


@pytest.mark.parametrize(
    "wrong",
    [{"level": "harmless"}, {"touches": "nobody"}, {"touches": 1}, {"lines": "- a"}, {"lines": [1]}, {"sentence": ""}],
)
def test_judgements_of_strangers_have_known_words_only(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a valid report"):
        Report.from_plain(VALID | {"judgements": [VALID["judgements"][0] | wrong]})
