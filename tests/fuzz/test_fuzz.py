"""Whatever is in the files of a stack: it is accepted and right, or refused in one readable line for each problem.

`make test` runs a fixed set of cases. For more, or others:

    make fuzz CASES=25000 SEED=7
"""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from hubs.preview.helm import values_text
from hubs.preview.values import annotated, load_with_placeholders, placeholder_values
from hubs.printable import LONGEST
from hubs.settings.errors import SettingsError
from hubs.settings.stack import Stack
from hubs.values.releases import check_releases
from tests.fuzz.mutations import Files, cases
from tests.test_printable import clean
from tests.values.chart_schema import BINDERHUB, JUPYTERHUB, complaints

CASES, SEED = int(os.environ.get("FUZZ_CASES", "300")), int(os.environ.get("FUZZ_SEED", "1"))
LINE = re.compile(r"[^:]+:[1-9][0-9]*: .+")
SECONDS = 10


def test_any_change_of_the_files(tmp_path: Path, chart_folders: dict[str, list[Path]]) -> None:
    seen: set[str] = set()

    def one(case: tuple[str, Files]) -> None:
        check(*case, tmp_path, chart_folders, seen)

    run: Any = settings(
        max_examples=CASES,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )(given(cases())(one))
    seed(SEED)(run)()


def check(stack: str, files: Files, root: Path, chart_folders: dict[str, list[Path]], seen: set[str]) -> str:
    """Load the files of a stack, written to `root`. Return whether they are accepted. `seen`: values that are right."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    started = time.process_time()
    try:
        loaded = load_with_placeholders(stack, root)
        check_releases(loaded)
        lines = [str(warning) for warning in loaded.warnings]
    except SettingsError as error:
        loaded, lines = None, str(error).split("\n")
    assert time.process_time() - started < SECONDS
    for line in lines:
        assert clean(line), line
        assert len(line) <= LONGEST, line
        assert LINE.fullmatch(line), line
    if loaded is None:
        return "refused"
    _check_values(loaded, chart_folders, seen)
    return "accepted"


def _check_values(stack: Stack, chart_folders: dict[str, list[Path]], seen: set[str]) -> None:
    """The values of every release are text for Helm and for people, and valid by the schema of the real chart."""
    for hub in stack.hubs:
        values = placeholder_values(stack, hub.key)
        for key, release in values.items():
            text = values_text(release.data)
            if text not in seen:
                json.loads(text)
                for folder in chart_folders.get(key, []):
                    assert complaints(folder, release.data) == [], f"{hub.key} {key} by {folder.name}"
                seen.add(text)
        assert all(clean(line) for line in annotated(values).split("\n"))


@pytest.fixture(scope="module")
def chart_folders(chart_data: Path) -> dict[str, list[Path]]:
    """Return the folders with the schemas of the real charts, by the chart's key."""
    return {
        "jupyterhub": [chart_data / name for name in JUPYTERHUB],
        "binderhub-service": [chart_data / BINDERHUB],
    }
