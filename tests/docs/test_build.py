"""The documentation builds without a warning."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import PAGES
from tests.repository import ROOT

pytest.importorskip("sphinx")
pytest.importorskip("myst_parser")

LARGEST_PICTURE = 300_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as HTML."""
    out = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html", "docs", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


def test_every_page_is_reachable(site: Path) -> None:
    pages = {
        path.relative_to(ROOT / "docs").with_suffix(".html") for path in PAGES if path.is_relative_to(ROOT / "docs")
    }
    index = (site / "index.html").read_text()
    assert [str(page) for page in pages if str(page) != "index.html" and f'href="{page}"' not in index] == []


def test_generated_parts_are_in(site: Path) -> None:
    assert "2i2c/pilot-hub" in (site / "reference" / "charts-and-images.html").read_text()
    assert "hubs plan" in (site / "reference" / "commands.html").read_text()
    assert "extra_mount_paths" in (site / "reference" / "settings.html").read_text()
    assert [page for page in site.rglob("*.html") if re.search(r"<p>@[a-z-]+@</p>", page.read_text())] == []


def test_pictures_are_small() -> None:
    pictures = [path for path in (ROOT / "docs").rglob("*") if path.suffix in (".png", ".jpg", ".svg")]
    assert pictures
    assert [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_between_files(page: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", (ROOT / page).read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
