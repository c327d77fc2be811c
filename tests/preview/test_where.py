"""`hubs where`: which file and line set a setting, and its value as YAML."""

from __future__ import annotations

import pytest

from hubs.cli import run
from tests.repository import Repository


@pytest.mark.parametrize(
    ("hub", "setting", "shown"),
    [
        ("ocean/prod", "auth.admins", "# stacks/earth/ocean.yaml:2\n- ada\n"),
        ("ocean/prod", "domain", "# stacks/earth/ocean.yaml:5\nocean.example.org\n"),
        ("ocean/staging", "cull.every", "# program default\n600\n"),
        ("ocean/prod", "secrets.auth.client_id", "# stacks/Pulumi.earth.yaml:8\n'[secret]'\n"),
        ("ocean/prod", "secrets.registry.token", "# not set\n"),
        ("ocean/prod", "home.volume", "# program default\nsize: 10Gi\n"),
        ("ocean/prod", "values", "# program default\n{}\n"),
        ("ocean/prod", "profiles", "# program default\nnull\n"),
    ],
)
def test_where(repository: Repository, capsys: pytest.CaptureFixture[str], hub: str, setting: str, shown: str) -> None:
    assert run(["where", "earth", hub, setting], repository.root) == 0
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    ("hub", "setting", "message"),
    [
        ("ocean/pord", "auth", "earth has no hub 'ocean/pord'; did you mean ocean/prod?"),
        ("ocean/prod", "auth.admin", "ocean/prod has no setting auth.admin; did you mean auth.admins?"),
        ("ocean/prod", "atuh.admins", "ocean/prod has no setting atuh.admins; did you mean auth?"),
        ("ocean/prod", "domain.x", "ocean/prod has no setting domain.x: domain has no settings of its own"),
    ],
)
def test_mistakes(
    repository: Repository, capsys: pytest.CaptureFixture[str], hub: str, setting: str, message: str
) -> None:
    assert run(["where", "earth", hub, setting], repository.root) == 2
    assert capsys.readouterr().err == message + "\n"


def test_an_empty_setting_is_quoted(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["where", "earth", "ocean/prod", ""], repository.root) == 2
    assert capsys.readouterr().err.startswith("ocean/prod has no setting ''; there are: ")
