"""The check that a hub would start, with the real classes in a process of their own."""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator

from hubs.check import start
from hubs.check.credentials import configuration
from hubs.check.findings import Finding, Status
from hubs.check.run import run
from hubs.settings.loader import load
from tests.check.conftest import SECRETS, Writer

BROKEN = {"jupyterhub": {"hub": {"config": {"GitHubOAuthenticator": {"auth_refresh_age": "soon"}}}}}


def findings(write: Writer, secrets: dict[str, Any] | None = None, **community: Any) -> list[Finding]:
    root = write(community=community, secrets=secrets)
    stack = load("earth", configuration("earth", root)[0], root=root)
    return run(start.checks(stack, root), [], lambda check: None)


def test_a_hub_that_starts(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTH_CALLBACK_URL", "nonsense")
    (found,) = findings(write)
    assert (found.area, found.subject, found.status) == ("start", "ocean/prod", Status.OK)


def test_a_hub_that_does_not(write: Writer) -> None:
    (found,) = findings(write, values=BROKEN)
    assert found.status is Status.FAILED
    assert "not start, or not let people in: TraitError: The 'auth_refresh_age' trait" in found.message


def test_code_that_is_not_run_may_change_it(write: Writer) -> None:
    hub: dict[str, Any] = {**BROKEN["jupyterhub"]["hub"], "extraConfig": {"own": "raise SystemExit('it ran')"}}
    (found,) = findings(write, values={"jupyterhub": {"hub": hub}})
    assert found.status is Status.WARNING and "it ran" not in found.message


def test_secrets_do_not_reach_the_process(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    real: Callable[..., Any] = subprocess.run

    def record(*arguments: Any, **options: Any) -> Any:
        sent.append(str((arguments, options)))
        return real(*arguments, **options)

    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "MARKER-passphrase")
    monkeypatch.setattr(subprocess, "run", record)
    findings(write)
    assert len(sent) == 1 and "MARKER" not in sent[0]


def test_without_the_packages(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (found,) = findings(write)
    assert (found.status, found.message) == (Status.UNCHECKED, "not installed: jupyterhub, oauthenticator")
    assert "make page" in found.todo


@pytest.mark.parametrize(
    ("password", "admin", "expected"),
    [
        ("MARKER-1", "MARKER-" * 5, None),
        ("MARKER", "MARKER-" * 5, "secret auth.password must have at least 8 characters"),
        ("MARKER-1", "MARKER-1-a", "secret auth.admin_password must have at least 32 characters"),
        ("MARKER-" * 5, "MARKER-" * 5, "the secrets auth.password and auth.admin_password must differ"),
    ],
)
def test_shared_passwords(write: Writer, password: str, admin: str, expected: str | None) -> None:
    secrets = {**SECRETS, "ocean": {"auth": {"password": password, "admin_password": admin}}}
    (found,) = findings(write, secrets, auth={"type": "shared-password", "admins": ["teacher"]})
    assert found.status is (Status.FAILED if expected else Status.OK)
    assert (expected or "") in found.message and "MARKER" not in found.message


def test_lengths_are_jupyterhubs() -> None:
    found = SharedPasswordAuthenticator
    assert start.SHORTEST == {
        "password": found._USER_PASSWORD_MIN_LENGTH,
        "admin_password": found._ADMIN_PASSWORD_MIN_LENGTH,
    }
