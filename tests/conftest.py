"""Fixtures for tests in several folders."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import hypothesis
import pytest

from hubs.clients.http import Http
from tests.repository import ROOT, Repository, make_repository

# The time that an example takes depends on the machine, so there is no deadline.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

# A background job may ignore Ctrl-C, and the commands under test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a valid stack with one community, for the test to change."""
    return make_repository(tmp_path / "repository")


@pytest.fixture(scope="session")
def chart_data() -> Path:
    """Return the folder with schemas and default values of the real charts: `shared/charts` next to the repository or
    in a folder above."""
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
    """Return the list of waits between retries, in seconds, which are recorded instead of waited for."""
    waits: list[float] = []
    monkeypatch.setattr("hubs.clients.http.time.sleep", waits.append)
    return waits
