"""Plans of programs that misbehave."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubs.preview import planner
from hubs.preview.cache import Cache
from hubs.preview.planner import PlanError, Planner

PLAN = """[{"type": "t", "name": "n", "inputs": {}}]"""


def resources(folder: Path, program: str) -> list[dict[str, object]]:
    """Return the plan of a tree whose program is this text."""
    (folder / "hubs").mkdir()
    (folder / "hubs" / "__init__.py").write_text("")
    (folder / "hubs" / "__main__.py").write_text(f"import os, sys, time\n{program}\n")
    with Planner(folder, "earth", Cache(None)) as plan:
        return plan.plan().resources


def test_a_plan_is_taken_as_soon_as_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "PLAN_SECONDS", 30)  # the planner must not wait for the program to end
    assert len(resources(tmp_path, f"print({PLAN!r}, flush=True); time.sleep(120)")) == 1


def test_a_plan_in_pieces(tmp_path: Path) -> None:
    pieces = f"for piece in {PLAN!r}: os.write(1, piece.encode()); time.sleep(0.01)"
    assert len(resources(tmp_path, f"{pieces}\nos.write(1, b'\\n')")) == 1


def test_half_a_plan(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="did not print a plan"):
        resources(tmp_path, f"print({PLAN[:10]!r})")


def test_a_program_that_fails_after_half_a_plan_is_asked_why(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="this is why"):
        resources(tmp_path, f"os.write(1, {PLAN[:10].encode()!r}); sys.exit('this is why')")


def test_a_program_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "PLAN_SECONDS", 1)
    with pytest.raises(PlanError, match="within 1 s"):
        resources(tmp_path, "time.sleep(120)")


def test_a_program_that_prints_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "PLAN_BYTES", 4 << 20)
    with pytest.raises(PlanError, match="more than 4 MB"):
        resources(tmp_path, "while True: os.write(1, b'x' * 65536)")


def test_a_release_whose_previews_were_a_package_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "preview").mkdir()
    (tmp_path / "preview" / "__init__.py").touch()
    (tmp_path / "preview" / "__main__.py").write_text(f"import sys\nassert sys.argv[1] == 'plan'\nprint({PLAN!r})\n")
    with Planner(tmp_path, "earth", Cache(None)) as plan:
        assert len(plan.plan().resources) == 1


def test_a_tree_without_the_program(tmp_path: Path) -> None:
    (tmp_path / "hubs").mkdir()
    (tmp_path / "hubs" / "__main__.py").touch()  # no package: Python would take the one that is installed
    with pytest.raises(PlanError, match="neither hubs/ nor preview/"):
        Planner(tmp_path, "earth", Cache(None))
