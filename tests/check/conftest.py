"""Fixtures for the tests of checks: a client, and the files of a stack in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubs.settings.loader import load
from hubs.settings.stack import Stack
from tests.doubles import apiserver
from tests.doubles.apiserver import ApiServer

ROOT = Path(__file__).parents[2]
COMMUNITY = {
    "display_name": "Ocean Observatory",
    "auth": {"type": "github", "allow": ["ocean-org:hub-users"]},
    "hubs": {"prod": {"domain": "ocean.example.org"}},
}
SECRETS = {
    "registry": {"username": "ocean+builder", "password": "MARKER-password-1"},
    "ocean": {"auth": {"client_id": "Iv1.client", "client_secret": "MARKER-client-2"}},
}
Writer = Callable[..., Path]


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A real API server without nodes."""
    if missing := apiserver.missing():
        pytest.skip(f"{missing} not on PATH: the real API server is not asked")
    with ApiServer(tmp_path_factory.mktemp("apiserver")) as server:
        yield server


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Write a stack `earth` with one community and return its root. Arguments replace parts of it."""

    def write(
        cluster: dict[str, Any] | None = None,
        registry: dict[str, Any] | None = None,
        community: dict[str, Any] | None = None,
        charts: dict[str, Any] | None = None,
        secrets: dict[str, Any] | None = None,
        **config: Any,
    ) -> Path:
        (tmp_path / "stacks" / "earth").mkdir(parents=True, exist_ok=True)
        (tmp_path / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
        settings = {
            "kubernetes:context": "rig",
            # Plain secrets are for demonstrations only, but these tests have no engine to encrypt them.
            "imagebuilding:cluster": {"name": "earth", "demonstration": True, **(cluster or {})},
            "imagebuilding:registry": registry or {"type": "quay", "organization": "ocean"},
            "imagebuilding:secrets": SECRETS if secrets is None else secrets,
            **({"imagebuilding:charts": charts} if charts else {}),
            **config,
        }
        (tmp_path / "stacks" / "Pulumi.earth.yaml").write_text(yaml.safe_dump({"config": settings}))
        (tmp_path / "stacks" / "earth" / "ocean.yaml").write_text(yaml.safe_dump({**COMMUNITY, **(community or {})}))
        return tmp_path

    return write


@pytest.fixture
def make_stack(write: Writer) -> Callable[..., Stack]:
    """Write such a stack and load it."""
    from hubs.check.credentials import configuration

    def make(**parts: Any) -> Stack:
        root = write(**parts)
        return load("earth", configuration("earth", root)[0], root=root)

    return make
