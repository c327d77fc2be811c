"""The same project and helm fixtures as in the tests of previews, and GitHub's API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.preview.conftest import helm, project, shared_cache
from tests.workflows.api import REPOSITORY, TOKEN, State, serve

__all__ = ["github_api", "helm", "project", "shared_cache"]


@pytest.fixture
def github_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    """Serve the API, with the variables of a workflow that uses it."""
    with serve() as state:
        monkeypatch.setenv("GITHUB_API_URL", state.url)
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("RUN_URL", "https://github.com/org/hubs/actions/runs/1")
        yield state
