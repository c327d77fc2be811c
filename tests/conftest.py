"""What tests of several folders share."""

from pathlib import Path

import hypothesis
import pytest

from tests.repository import ROOT, Repository, make_repository

# How long an example takes says more about the machine than about the program.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A valid stack with one community, for the test to break."""
    return make_repository(tmp_path / "repository")


@pytest.fixture(scope="session")
def chart_data() -> Path:
    """Schemas and default values of the real charts: `shared/charts` beside the repository or above it."""
    for folder in ROOT.parents:
        found = folder / "shared" / "charts"
        if found.is_dir():
            return found
    pytest.skip("schemas of the real charts are missing: there is no ../shared/charts")
