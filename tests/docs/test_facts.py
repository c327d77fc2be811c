"""Tables and statements of the documentation, compared with the code."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from hubs.check.findings import Finding, Status
from hubs.check.report import as_json as check_report
from hubs.preview.configuration import configuration
from hubs.preview.diff.as_json import json_report
from hubs.preview.diff.ciphertext import SecretChanges
from hubs.preview.diff.compare import HubChange, ReleaseChange, StackChange
from hubs.preview.diff.judged import Judgement, Level, Origin
from hubs.preview.diff.leaves import Change
from hubs.preview.diff.objects import ObjectChange
from hubs.preview.diff.options_diff import Fact, Line
from hubs.preview.diff.resources import ResourceChange
from hubs.preview.plan import as_json as plan_report
from hubs.preview.program import Program, run
from hubs.preview.releases import RELEASE_TYPE
from hubs.settings.cluster import Cluster
from hubs.settings.errors import SettingsError
from hubs.settings.hub import Hub
from hubs.settings.loader import CONFIG_KEYS, load
from hubs.settings.secrets import PURPOSES
from hubs.settings.touches import Touches
from hubs.values.releases import CHARTS
from tests.docs.blocks import PAGES
from tests.docs.test_commands import is_secret
from tests.repository import ROOT, Repository

DOCS = ROOT / "docs"
PLACEHOLDERS = {"COMMUNITY", "HUB", "PATH", "NAME", "CHART"}


def first_column(page: str, heading: str = "") -> list[str]:
    """Return names in backticks in the first column of tables, on a whole page or below a heading or bold line."""
    text = re.sub(r"```.*?```", "", (DOCS / page).read_text(encoding="utf-8"), flags=re.S)
    if heading:
        text = re.split(r"^(?:#+ |\*\*)", text.split(heading, 1)[1], maxsplit=1, flags=re.M)[0]
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


@pytest.fixture(scope="module")
def programs() -> list[Program]:
    """The example stacks."""
    return [run(stack, ROOT) for stack in ("earth", "mars")]


# Settings


def below(kind: Any) -> Iterator[type[BaseModel]]:
    """The models within a type."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in typing.get_args(kind):
        yield from below(part)


def is_setting(path: str, models: list[type[BaseModel]]) -> bool:
    """Return whether one of the models has this path. Keys that people choose are in capitals."""
    key, _, rest = path.partition(".")
    for model in models:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        inner = list(below(fields[key].annotation)) if key in fields else []
        further = rest.partition(".")[2] if rest.partition(".")[0] in PLACEHOLDERS else rest
        if key in fields and (not further or is_setting(further, inner)):
            return True
    return False


def known(path: str) -> bool:
    """Return whether a setting that a page names exists."""
    if path.startswith("imagebuilding:secrets."):
        return is_secret(path.removeprefix("imagebuilding:secrets."))
    if path.startswith("imagebuilding:cluster."):
        return is_setting(path.removeprefix("imagebuilding:cluster."), [Cluster])
    return path in CONFIG_KEYS or is_setting(path.partition(":")[0], [Hub])


def helm_table() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", (DOCS / "from-helm.md").read_text(encoding="utf-8"), re.M)
    assert len(rows) > 60
    return rows


@pytest.mark.parametrize(("key", "cell"), helm_table())
def test_settings_for_those_who_come_from_helm(key: str, cell: str) -> None:
    settings = [
        name for name in re.findall(r"`([^`]+)`", cell) if name not in ("static", "dynamic", "none", "home: none")
    ]
    assert [name for name in settings if not known(name)] == []
    assert settings or cell.startswith(("derived", "the same two"))


@pytest.mark.parametrize(
    "path", ["home.nfs.server", "shared_directories.PATH.volume", "profiles.node_shares", "auth.token_url"]
)
def test_a_setting_that_exists(path: str) -> None:
    assert known(path)


@pytest.mark.parametrize("path", ["home.nfs.host", "auth.authorise_url", "imagebuilding:cluster.nodes", "cull.maxAge"])
def test_a_setting_that_does_not(path: str) -> None:
    assert not known(path)


def test_keys_of_the_charts(programs: list[Program]) -> None:
    written: set[str] = set()

    def walk(value: Any, path: str) -> None:
        written.add(path)
        for key, item in value.items() if isinstance(value, dict) else ():
            walk(item, f"{path}.{key}".lstrip("."))

    for program in programs:
        for resource in program.resources:
            if resource.type == RELEASE_TYPE:
                walk(resource.inputs["values"], "")
    # No example stack uses some settings. Then the program's source must name the key.
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "hubs" / "values").glob("*.py"))
    unknown = [key for key, _ in helm_table() if key not in written]
    assert [key for key in unknown if not all(f'"{part}"' in source for part in key.split("."))] == []


def test_what_a_community_manager_may_change() -> None:
    rows = re.findall(
        r"^\| [^|`]+ \| ([^|]*`[^|]+) \|", (DOCS / "community-managers.md").read_text(encoding="utf-8"), re.M
    )
    names = [name for row in rows for name in re.findall(r"`([^`]+)`", row) if name not in ("hubs", "allowed_groups")]
    assert len(names) > 15
    assert [name for name in names if not known(name)] == []


def test_keys_of_a_stack() -> None:
    assert set(first_column("reference/files.md", "Keys of `config`")) == set(CONFIG_KEYS)


def test_secrets() -> None:
    paths = first_column("reference/files.md", "### Secrets")[1:]  # the heading names the key
    assert {path.partition(".")[0] for path in paths} == PURPOSES
    assert [path for path in paths if not is_secret(path)] == []


# Outputs


def test_outputs(programs: list[Program]) -> None:
    documented = set(first_column("reference/outputs.md"))
    found = [set(hub) for program in programs for hub in program.outputs["hubs"].values()]
    assert found == [documented] * len(found)


def test_json_of_a_difference() -> None:
    change = Change(("a",), 1, 2)
    resource = ResourceChange("changed", "type", "name", "hub", (change,), False, False, {})
    thing = ObjectChange("changed", "kind", "name", (change,))
    line = Line("~", 0, "profile", "CPU", "Small", (Fact("image", "a", "b"),))
    release = ReleaseChange("name", "chart", ("1", "2"), (change,), (thing,), page=(line,))
    judgement = Judgement(Level.CAREFUL, Touches.COST, "path", "subject", 1, 2, "effect", "source")
    hub = HubChange("a/hub", "changed", (release,), (resource,), judgements=(judgement,))
    secrets = SecretChanges(("a",))
    found = StackChange("stack", (hub,), (resource,), secrets, todos=("todo",), warnings=("warning",))
    report = json.loads(json_report([found]))
    (stack,) = report["stacks"]
    page = "reference/json.md"
    text = (DOCS / page).read_text(encoding="utf-8")
    documented = {
        "**A report**": report,
        "**A stack**": stack,
        "**A judgement**": stack["judgements"][0],
        "**A hub**": stack["hubs"][0],
        "**A resource**": stack["shared"][0],
        "**A release**": stack["hubs"][0]["releases"][0],
        "**A change**": stack["hubs"][0]["releases"][0]["values"][0],
    }
    for title, output in documented.items():
        assert set(first_column(page, title)) == set(output), title
    assert f"The version is {report['version']}." in text
    inner = [*stack["secrets"], *stack["sections"][0], *stack["pages"][0], *stack["headlines"][0]]
    inner += [*documented["**A release**"]["objects"][0], *documented["**A release**"]["page"][0]]
    words = [level.word for level in Level] + [str(kind.name).lower() for kind in (*Touches, *Origin)]
    assert [name for name in (*inner, *words) if f"`{name}`" not in text] == []


def test_json_of_checks_and_plans(programs: list[Program]) -> None:
    page = "reference/json.md"
    output = json.loads(check_report("earth", [Finding("area", "subject", Status.OK, "message")]))
    assert set(first_column(page, "**The output**")) == set(output)
    assert set(first_column(page, "**A finding**")) == set(output["findings"][0])
    assert {f"`{status}`" for status in Status} <= set(
        re.findall(r"`[a-z]+`", (DOCS / page).read_text(encoding="utf-8"))
    )
    assert set(first_column(page, "**A planned resource**")) == set(json.loads(plan_report(programs[0]))[0])


def test_exit_codes() -> None:
    from hubs.cli import INTERRUPTED, WRONG_COMMAND
    from hubs.preview.diff.command import DIFFERENCES, ERROR_WITH_EXIT_CODE

    text = (DOCS / "reference/exit-codes.md").read_text(encoding="utf-8")
    first, second = (
        [int(code) for code in re.findall(r"^\| (\d+) \|", part, re.M)] for part in text.split("--exit-code")
    )
    assert first == [0, 1, WRONG_COMMAND, INTERRUPTED]
    assert second == [0, DIFFERENCES, ERROR_WITH_EXIT_CODE]


# Continuous integration


def test_workflows() -> None:
    found = {path.name for path in (ROOT / ".github" / "workflows").iterdir()}
    assert {name for name in first_column("how-to/ci.md", "# Set up CI") if name.endswith(".yml")} == found


def test_variables_of_workflows() -> None:
    text = (DOCS / "how-to" / "ci.md").read_text(encoding="utf-8")
    workflows = "".join(path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").iterdir())
    names = set(re.findall(r"(?:vars|secrets)\.([A-Z_]+)", workflows))
    assert names
    assert [name for name in names if f"`{name}`" not in text] == []


def test_what_restarts() -> None:
    shown = re.findall(r"^\| ([^|]+restarts) \|", (DOCS / "how-to" / "review.md").read_text(encoding="utf-8"), re.M)
    meanings = [str(meaning) for chart in CHARTS for meaning in chart.restarts.values()]
    assert [text for text in meanings if not text.startswith(tuple(shown))] == [], "rows that are missing"
    assert [row for row in shown if not any(text.startswith(row) for text in meanings)] == [], "rows without a workload"
    assert len(shown) == len(set(shown))


# Statements about known limits. When a limit is fixed, the test fails: then correct the page.


def test_limit_last_community(repository: Repository) -> None:
    (repository.root / "stacks/earth/ocean.yaml").unlink()
    with pytest.raises(SettingsError, match="no community"):
        load("earth", configuration("earth", repository.root), root=repository.root)


@pytest.mark.parametrize("name", ["drift", "import", "backup"])
def test_no_command_is_promised(name: str) -> None:
    assert [page.name for page in PAGES if re.search(rf"`hubs {name}\b", page.read_text(encoding="utf-8"))] == []


# Language


AWKWARD = re.compile(
    r"\b(anew|beside|besides|administrate\w*|whoever|stumbled|tells|told|wants|one's own|at hand|says of|"
    r"can't be had|the word that|letting go|without a word|made anew|(?<!there )is no [a-z]+)\b",
    re.I,
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_plain_words(page: Path) -> None:
    assert [match[0] for match in AWKWARD.finditer(page.read_text(encoding="utf-8"))] == []


def test_paths_in_the_developers_page_exist() -> None:
    text = (DOCS / "developing.md").read_text(encoding="utf-8")
    paths = [path for path in re.findall(r"`([a-z_]+/[\w./-]*)`", text) if "NAME" not in path]
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_names_in_the_developers_page_exist() -> None:
    text = re.sub(r"```.*?```", "", (DOCS / "developing.md").read_text(encoding="utf-8"), flags=re.S)
    names = re.findall(r"`(_?[A-Za-z]+(?:_[A-Za-z]+)+|_?[A-Z][a-z]+[A-Za-z]*|_[A-Z]+)`", text)
    sources = [
        path.read_text(encoding="utf-8") for place in ("hubs", "components") for path in (ROOT / place).rglob("*.py")
    ]
    assert len(names) > 10
    assert [name for name in names if not any(re.search(rf"\b{name}\b", source) for source in sources)] == []
