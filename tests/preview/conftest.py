"""Fixtures for tests of rendering and of differences."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.preview.project import Project, make_project


@pytest.fixture(scope="session")
def helm() -> Path:
    """Return the real helm, or skip the test if there is none."""
    found = shutil.which("helm") or shutil.which("helm", path=str(Path(sys.prefix) / "bin"))
    if found is None:
        pytest.skip("helm is missing: install Helm 3, or install Go and run `make tools`")
    return Path(found)


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Use one cache for all tests that are not about caching."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path, shared_cache: Path) -> Project:
    """Return a new repository for each test."""
    return make_project(tmp_path / "project", shared_cache)
