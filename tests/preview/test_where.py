"""`python -m hubs.preview where` prints the file and line that set a setting."""

from __future__ import annotations

import argparse

import pytest

from hubs.preview.where_command import run_where
from tests.repository import Repository


@pytest.mark.parametrize(
    ("hub", "setting", "said"),
    [
        ("ocean/prod", "auth.admins", "stacks/earth/ocean.yaml:2: ['ada']"),
        ("ocean/prod", "domain", "stacks/earth/ocean.yaml:5: ocean.example.org"),
        ("ocean/staging", "cull.every", "program default: 600"),
        ("ocean/prod", "secrets.auth.client_id", "secrets of the stack: [secret]"),
    ],
)
def test_where(repository: Repository, capsys: pytest.CaptureFixture[str], hub: str, setting: str, said: str) -> None:
    assert run_where(argparse.Namespace(stack="earth", hub=hub, setting=setting), repository.root) == 0
    assert capsys.readouterr().out == said + "\n"


@pytest.mark.parametrize(
    ("hub", "setting", "said"),
    [
        ("ocean/pord", "auth", "earth has no hub ocean/pord; it has: ocean/staging, ocean/prod"),
        ("ocean/prod", "auth.secret", "ocean/prod has no setting auth.secret"),
    ],
)
def test_mistakes(
    repository: Repository, capsys: pytest.CaptureFixture[str], hub: str, setting: str, said: str
) -> None:
    assert run_where(argparse.Namespace(stack="earth", hub=hub, setting=setting), repository.root) == 1
    assert capsys.readouterr().err == said + "\n"
