"""Reading what the last update deployed, while the engine saves the state."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components import deployed

HUBS = {"ocean/prod": {"namespace": "ocean-prod"}}
EOF = "invoke of pulumi:pulumi:readStackOutputs failed: failed to load checkpoint: EOF"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the engine answers to one read after the other; an exception is raised."""
    left: list[Any] = []

    def invoke(token: str, arguments: dict[str, str]) -> Any:
        assert (token, arguments) == ("pulumi:pulumi:readStackOutputs", {"name": "me/imagebuilding/earth"})
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(value=answer)

    monkeypatch.setattr(pulumi.runtime, "invoke", invoke)
    monkeypatch.setattr(pulumi, "get_organization", lambda: "me")
    monkeypatch.setattr(pulumi, "get_project", lambda: "imagebuilding")
    monkeypatch.setattr(pulumi, "get_stack", lambda: "earth")
    monkeypatch.setattr(deployed, "PAUSE", 0)
    return left


@pytest.mark.parametrize("answer", [None, {}, {"outputs": None}, {"outputs": {}}])
def test_nothing_before_the_first_update(answers: list[Any], answer: Any) -> None:
    answers.append(answer)
    assert deployed.deployed_hubs() == {}


def test_a_read_while_the_state_is_saved_is_repeated(answers: list[Any]) -> None:
    answers += [Exception(EOF), Exception(EOF), {"outputs": {"hubs": HUBS}}]
    assert deployed.deployed_hubs() == HUBS


def test_it_is_not_repeated_for_ever(answers: list[Any]) -> None:
    answers += [Exception(EOF)] * deployed.ATTEMPTS
    with pytest.raises(Exception, match="EOF"):
        deployed.deployed_hubs()
    assert answers == []


def test_another_error_is_raised_at_once(answers: list[Any]) -> None:
    answers += [Exception("incorrect passphrase"), {"outputs": {"hubs": HUBS}}]
    with pytest.raises(Exception, match="incorrect passphrase"):
        deployed.deployed_hubs()
