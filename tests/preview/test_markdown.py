from __future__ import annotations

from typing import Any

import pytest

from hubs.preview.diff.compare import HubChange, ReleaseChange, StackChange
from hubs.preview.diff.leaves import Change
from hubs.preview.diff.markdown import LIMIT, markdown_report
from hubs.preview.diff.report import Report, Section
from hubs.preview.diff.text import report_of
from tests.preview.commonmark import outside_code


def markdown(changes: list[StackChange]) -> str:
    return markdown_report([report_of(change) for change in changes])


def hub(name: str, changes: int, text: str = "value") -> HubChange:
    values = tuple(Change(("hub", "extra", f"key{number}"), f"{name}{text}", number) for number in range(changes))
    return HubChange(name, "changed", (ReleaseChange(name, "jupyterhub", ("1.0.0", "1.0.0"), values, ()),), (), ())


def test_hubs_are_folded() -> None:
    report = markdown([StackChange("earth", (hub("one", 1), hub("two", 2)))])
    assert report.startswith("**`earth`**: 2 hubs change")
    assert report.count("<details>") == report.count("</details>") == 2
    assert "<summary><code>one</code></summary>" in report
    assert "Cut" not in report


@pytest.mark.parametrize(("hubs", "changes"), [(300, 30), (1, 20_000), (3000, 1)])
def test_cut_below_the_limit_with_a_note(hubs: int, changes: int) -> None:
    report = markdown(
        [StackChange("earth", tuple(hub(f"hub{number}", changes, f" is number {number}") for number in range(hubs)))]
    )
    assert LIMIT / 2 < len(report) <= LIMIT + 1
    assert "Shortened to fit into a comment" in report
    assert report.count("<details>") == report.count("</details>")
    assert report.count("```") % 2 == 0


def test_a_long_stack_leaves_room_for_the_next_ones_summary() -> None:
    report = markdown([StackChange("earth", (hub("one", 20_000),)), StackChange("mars", (hub("two", 1),))])
    assert "**`mars`**: 1 hub changes" in report


def test_many_dangers_are_cut_too() -> None:
    dangers = tuple(f"danger {number} " + "x" * 200 for number in range(2000))
    report = markdown([StackChange("earth", (), (), dangers)])
    assert len(report) <= LIMIT
    assert "and 1960 more dangers" in report


def test_fence_is_longer_than_any_in_the_text() -> None:
    report = markdown([StackChange("earth", (hub("one", 1, "`````"),))])
    assert "``````diff\n" in report


@pytest.mark.parametrize("text", ["@octocat", "<b>", "**x**", "#1", "[a](b)", "`c`", "~~d~~", "www.example.org", "_e_"])
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
    assert len(report) <= LIMIT + 1
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
