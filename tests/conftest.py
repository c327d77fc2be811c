"""What tests of several folders share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import hypothesis
import pytest

from hubs.clients.http import Http
from tests.repository import ROOT, Repository, make_repository

# How long an example takes says more about the machine than about the program.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

# Who starts the tests in the background may have Ctrl-C ignored, and commands under test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture
def http() -> Iterator[Http]:
    with httpx.Client(timeout=1.0) as client:
        yield Http(client)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between two tries, in seconds; nobody waits for them."""
    waits: list[float] = []
    monkeypatch.setattr("hubs.clients.http.time.sleep", waits.append)
    return waits
