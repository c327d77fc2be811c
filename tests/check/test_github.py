"""How a repository on GitHub protects the deployment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from hubs.check import github
from hubs.check.findings import Finding, Status
from hubs.check.run import run
from hubs.cli import run as hubs
from hubs.clients.http import Http
from tests.doubles.github import REPOSITORY, TOKEN, GitHub, environment
from tests.repository import ROOT, Repository


@pytest.fixture
def api() -> Iterator[GitHub]:
    with GitHub() as double:
        yield double


def findings(api: GitHub, repository: Repository, http: Http, others: tuple[str, ...] = ()) -> list[Finding]:
    found = github.Repository(REPOSITORY, http, TOKEN, api.url)
    return run(github.checks(repository.load(), found, list(others)), {TOKEN}, lambda check: None)


def problems(api: GitHub, repository: Repository, http: Http, others: tuple[str, ...] = ()) -> list[str]:
    found = findings(api, repository, http, others)
    return [f"{f.status}: {f.subject}: {f.message}" for f in found if f.status is not Status.OK]


def test_a_repository_as_documented(api: GitHub, repository: Repository, http: Http) -> None:
    assert problems(api, repository, http) == []
    assert len(api.requests) > 10


CLASSIC = {
    "required_pull_request_reviews": {"required_approving_review_count": 1, "dismiss_stale_reviews": True},
    "enforce_admins": {"enabled": True},
    "allow_force_pushes": {"enabled": False},
    "allow_deletions": {"enabled": False},
}
UNAPPROVED = "failed: branch main: changes reach it without an approval, and are deployed"
OVERWRITTEN = "failed: branch main: can be overwritten by a force push"
CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no rules": (
        {"/branches/main": {"protected": False}, "/rules/branches/main": []},
        [UNAPPROVED, OVERWRITTEN, "failed: branch main: can be deleted"],
    ),
    "classic protection": ({"/rules/branches/main": [], "/branches/main/protection": CLASSIC}, []),
    "weak classic protection": (
        {"/rules/branches/main": [], "/branches/main/protection": {"allow_force_pushes": {"enabled": True}}},
        [UNAPPROVED, OVERWRITTEN, "warning: branch main: administrators can bypass its protection"],
    ),
    "protection that only administrators see": (
        {"/rules/branches/main": []},
        ["unchecked: branch main: the rules of its protection are for administrators only"],
    ),
    "no approval": (
        {
            "/rules/branches/main": [
                {"type": "deletion"},
                {"type": "non_fast_forward"},
                {"type": "pull_request", "parameters": {"required_approving_review_count": 0}},
            ]
        },
        [UNAPPROVED],
    ),
    "workflows that approve": (
        {
            "/actions/permissions/workflow": {
                "default_workflow_permissions": "write",
                "can_approve_pull_request_reviews": True,
            }
        },
        [
            "warning: workflows: tokens of workflows can write by default",
            "failed: workflows: workflows can approve pull requests",
        ],
    ),
    "a secret for every branch": (
        {"/actions/secrets": {"secrets": [{"name": "PULUMI_ACCESS_TOKEN"}]}},
        ["failed: secrets of the repository: PULUMI_ACCESS_TOKEN: every workflow of every branch can read it"],
    ),
    "another subject": (
        {"/actions/oidc/customization/sub": {"use_default": False, "include_claim_keys": ["repo"]}},
        ["warning: subject of tokens: is customized"],
    ),
    "an environment for every branch": (
        {"/environments/earth": environment(main=False)},
        ["failed: environment earth: can be used by every branch"],
    ),
    "an environment for other branches": (
        {
            "/environments/earth/deployment-branch-policies": {
                "branch_policies": [{"name": "*", "type": "branch"}, {"name": "main", "type": "tag"}]
            }
        },
        ["failed: environment earth: can be used by *, tags main"],
    ),
    "an environment for protected branches": (
        {
            "/environments/earth": environment() | {"deployment_branch_policy": {"protected_branches": True}},
            "/branches": [{"name": "main"}, {"name": "release"}],
        },
        ["failed: environment earth: can be used by main, release"],
    ),
    "an environment that does not exist": (
        {"/environments/earth": None},
        ["failed: environment earth: does not exist"],
    ),
    "previews without an approval": (
        {"/environments/preview-earth": environment(main=False)},
        ["warning: environment preview-earth: gives every branch the stack's passphrase or token, without an approval"],
    ),
    "nightly approvals": (
        {"/environments/drift-earth": environment(reviewers=True)},
        ["warning: environment drift-earth: has reviewers, who would have to approve every night"],
    ),
    "previews that can deploy": (
        {"/environments/preview-earth/variables": {"variables": [{"name": "AWS_ROLE", "value": "deploy"}]}},
        ["failed: roles in the cloud: preview-earth has the AWS_ROLE of earth, which deploys"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_repository_lacks(api: GitHub, repository: Repository, http: Http, name: str) -> None:
    changes, expected = CASES[name]
    api.answers = {path: answer for path, answer in (api.answers | changes).items() if answer is not None}
    assert problems(api, repository, http) == expected


def test_protected_branches_that_are_main_alone(api: GitHub, repository: Repository, http: Http) -> None:
    api.answers["/environments/earth"] = environment() | {"deployment_branch_policy": {"protected_branches": True}}
    api.answers["/branches"] = [{"name": "main"}]
    assert problems(api, repository, http) == []


def test_a_token_that_may_read_little(api: GitHub, repository: Repository, http: Http) -> None:
    api.refused = {path for path in api.answers if path.startswith(("/actions", "/environments"))}
    found = problems(api, repository, http)
    assert found
    assert all(line.startswith("unchecked: ") for line in found)


def test_a_wrong_token_fails_nothing(api: GitHub, repository: Repository, http: Http) -> None:
    found = github.Repository(REPOSITORY, http, "wrong", api.url)
    results = run(github.checks(repository.load(), found, []), set(), lambda check: None)
    assert {result.status for result in results} == {Status.UNCHECKED}


def test_stacks_whose_environments_have_one_name(api: GitHub, repository: Repository, http: Http) -> None:
    assert problems(api, repository, http, ("earth", "mars", "preview-earth")) == [
        "failed: stack preview-earth: has the name of another stack's environment"
    ]


def test_the_command(
    api: GitHub, repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", api.url)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    command = ["check", "earth", "--github", REPOSITORY]
    assert hubs([*command, "--json"], repository.root) == 0
    assert {f["area"] for f in json.loads(capsys.readouterr().out)["findings"]} == {"github"}
    api.answers["/actions/secrets"] = {"secrets": [{"name": "PULUMI_ACCESS_TOKEN"}]}
    assert hubs(command, repository.root) == 1
    assert TOKEN not in capsys.readouterr().out
    for wrong in (["--after"], ["--context", "x"]):
        assert hubs([*command, *wrong], repository.root) == 2
    assert hubs(["check", "earth", "--github", "https://github.com/my-org/hubs"], repository.root) == 2


def test_the_names_are_those_of_the_workflows() -> None:
    # The hub image has an environment of its own, without access to a stack.
    paths = [path for path in (ROOT / ".github" / "workflows").glob("*.yml") if path.name != "hub-image.yml"]
    used = "".join(path.read_text() for path in paths)
    assert sorted(github.SECRETS) == sorted(set(re.findall(r"secrets\.([A-Z_]+)", used)))
    assert all(f"vars.{name}" in used for name in github.ROLES)
