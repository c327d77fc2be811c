"""Check how a repository on GitHub protects the deployment: `hubs check STACK --github ORGANIZATION/REPOSITORY`.

Reads GitHub's REST API (https://docs.github.com/en/rest) with the token in GITHUB_TOKEN or GH_TOKEN, and changes
nothing. docs/how-to/ci.md describes what is checked. Some answers are for administrators of the repository only;
without their token, those checks are reported as not possible.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from hubs.check.findings import CannotCheckError, Check, Result, failed, ok, warning
from hubs.clients.http import Http
from hubs.settings.stack import Stack

AREA = "github"
MAIN = "main"
DOCS = "see docs/how-to/ci.md"
TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
SECRETS = ("PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE")
"""Secrets of the workflows, which belong into environments."""
ROLES = ("GCP_SERVICE_ACCOUNT", "AWS_ROLE")
"""Variables that name the role in the cloud."""
SUBJECT = ["repo", "context"]
"""What the subject of GitHub's token consists of by default."""


@dataclass(frozen=True)
class Repository:
    """A repository, as GitHub's API shows it."""

    name: str
    http: Http
    token: str = field(repr=False)
    api: str = "https://api.github.com"

    def get(self, path: str) -> Any:
        """Return the answer, or None for status 404. Raises CannotCheckError for every other answer, or none."""
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        url = f"{self.api}/repos/{self.name}{path}{'&' if '?' in path else '?'}per_page=100"
        answer = self.http.send("GET", url, headers=headers)
        if answer.status == 404:
            return None
        if answer.status in (401, 403):
            raise CannotCheckError(
                f"GitHub does not answer this for the token ({answer.status})",
                f"set {TOKENS[0]} to a token of an administrator of {self.name}",
            )
        if answer.status != 200:
            raise CannotCheckError(f"GitHub answered with {answer.trouble or f'status {answer.status}'}")
        try:
            return answer.json()
        except ValueError:
            raise CannotCheckError("GitHub's answer can't be read") from None


def repository(name: str, http: Http) -> Repository:
    """Return the repository `ORGANIZATION/REPOSITORY`, with the token and API address in the environment."""
    token = next((os.environ[key] for key in TOKENS if os.environ.get(key)), "")
    return Repository(name, http, token, os.environ.get("GITHUB_API_URL", Repository.api))


def checks(stack: Stack, found: Repository, others: list[str]) -> list[Check]:
    """Return the checks of the repository and of the stack's environments. `others`: the names of all stacks."""
    return [
        Check(AREA, f"branch {MAIN}", partial(_branch, found)),
        Check(AREA, "workflows", partial(_workflows, found)),
        Check(AREA, "secrets of the repository", partial(_secrets, found)),
        Check(AREA, "subject of tokens", partial(_subject, found)),
        Check(AREA, f"environment {stack.name}", partial(_deploy, found, stack.name)),
        Check(AREA, f"environment drift-{stack.name}", partial(_drift, found, stack.name)),
        Check(AREA, f"environment preview-{stack.name}", partial(_preview, found, stack.name)),
        Check(AREA, "roles in the cloud", partial(_roles, found, stack.name)),
        *[
            Check(AREA, f"stack {name}", partial(failed, "has the name of another stack's environment", "rename it"))
            for name in others
            if name in (f"preview-{stack.name}", f"drift-{stack.name}")
        ],
    ]


def _branch(found: Repository) -> Iterator[Result]:
    """Rules that hold for the branch, from rulesets or from classic branch protection."""
    branch = found.get(f"/branches/{MAIN}")
    if branch is None:
        raise CannotCheckError(f"there is no branch {MAIN}, or the token can't read the repository", DOCS)
    rules: dict[str, dict[str, Any]] = {}
    for rule in found.get(f"/rules/branches/{MAIN}") or []:
        rules.setdefault(str(rule["type"]), {}).update(rule.get("parameters") or {})
    lacking = {"pull_request", "non_fast_forward", "deletion"} - set(rules)
    classic = (found.get(f"/branches/{MAIN}/protection") or {}) if lacking and branch.get("protected") else {}
    if lacking and branch.get("protected") and not classic:
        raise CannotCheckError("the rules of its protection are for administrators only", DOCS)
    reviews = dict(classic.get("required_pull_request_reviews") or {}) | rules.get("pull_request", {})
    protected = bool(classic)
    if int(reviews.get("required_approving_review_count") or 0) < 1:
        yield failed("changes reach it without an approval, and are deployed", f"require a pull request, {DOCS}")
    elif not (reviews.get("dismiss_stale_reviews_on_push") or reviews.get("dismiss_stale_reviews")):
        yield warning("an approval stays valid when new commits are pushed", f"dismiss stale approvals, {DOCS}")
    else:
        yield ok("changes need an approval")
    if "non_fast_forward" not in rules and (not protected or _enabled(classic, "allow_force_pushes")):
        yield failed("can be overwritten by a force push", f"block force pushes, {DOCS}")
    if "deletion" not in rules and (not protected or _enabled(classic, "allow_deletions")):
        yield failed("can be deleted", f"restrict deletions, {DOCS}")
    if protected and "pull_request" not in rules and not _enabled(classic, "enforce_admins"):
        yield warning("administrators can bypass its protection", f"do not allow bypassing, {DOCS}")


def _enabled(classic: dict[str, Any], key: str) -> bool:
    return bool((classic.get(key) or {}).get("enabled"))


def _workflows(found: Repository) -> Iterator[Result]:
    settings = found.get("/actions/permissions/workflow")
    if settings is None:
        raise CannotCheckError("the settings of Actions are for administrators only", DOCS)
    if settings.get("default_workflow_permissions") != "read":
        yield warning("tokens of workflows can write by default", f"select read permissions, {DOCS}")
    if settings.get("can_approve_pull_request_reviews"):
        yield failed("workflows can approve pull requests", f"do not allow it, {DOCS}")
    else:
        yield ok("can't approve pull requests")


def _secrets(found: Repository) -> Result:
    answer = found.get("/actions/secrets")
    if answer is None:
        raise CannotCheckError("the names of secrets are for administrators only", DOCS)
    names = [secret["name"] for secret in answer["secrets"] if secret["name"] in SECRETS]
    if names:
        message = f"{', '.join(names)}: every workflow of every branch can read it"
        return failed(message, f"move it into the environments, {DOCS}")
    return ok("no secret of the workflows can be read by every branch")


def _subject(found: Repository) -> Result:
    answer = found.get("/actions/oidc/customization/sub")
    if answer is None:
        raise CannotCheckError("the settings of Actions are for administrators only", DOCS)
    if answer.get("use_default", True) or answer.get("include_claim_keys") == SUBJECT:
        return ok("names repository and environment")
    return warning("is customized", "compare the conditions of the cloud's identity provider with it")


def _environment(found: Repository, name: str) -> Any:
    """Return GitHub's answer about an environment, or None if it does not exist."""
    return found.get(f"/environments/{quote(name, safe='')}")


def _main_only(found: Repository, name: str, answer: Any) -> Result:
    """Return whether the environment exists and is for the branch `main` only."""
    if answer is None:
        return failed("does not exist", f"create it, {DOCS}")
    branches = _branches(found, name, answer.get("deployment_branch_policy"))
    if branches == [MAIN]:
        return ok(f"is for {MAIN} only{_reviewed(answer)}")
    who = "every branch" if branches is None else ", ".join(branches) or "no branch"
    return failed(f"can be used by {who}", f"select {MAIN} as its only deployment branch, {DOCS}")


def _branches(found: Repository, name: str, policy: dict[str, Any] | None) -> list[str] | None:
    """Return the branches and tags that may use the environment, or None if all may."""
    if policy is None:
        return None
    if policy.get("protected_branches"):
        answer = found.get("/branches?protected=true")
        return sorted(branch["name"] for branch in answer or [])
    answer = found.get(f"/environments/{quote(name, safe='')}/deployment-branch-policies") or {}
    policies = answer.get("branch_policies") or []
    return sorted(p["name"] if p.get("type", "branch") == "branch" else f"tags {p['name']}" for p in policies)


def _reviewers(answer: dict[str, Any]) -> bool:
    return any(
        rule["type"] == "required_reviewers" and rule.get("reviewers") for rule in answer.get("protection_rules") or []
    )


def _reviewed(answer: dict[str, Any]) -> str:
    return ", with an approval" if _reviewers(answer) else ", without an approval"


def _deploy(found: Repository, stack: str) -> Result:
    return _main_only(found, stack, _environment(found, stack))


def _drift(found: Repository, stack: str) -> Iterator[Result]:
    answer = _environment(found, f"drift-{stack}")
    yield _main_only(found, f"drift-{stack}", answer)
    if answer is not None and _reviewers(answer):
        yield warning("has reviewers, who would have to approve every night", f"remove them, {DOCS}")


def _preview(found: Repository, stack: str) -> Iterator[Result]:
    answer = _environment(found, f"preview-{stack}")
    yield failed("does not exist", f"create it, {DOCS}") if answer is None else ok("exists")
    if answer is not None and not _reviewers(answer):
        message = "gives every branch the stack's passphrase or token, without an approval"
        yield warning(message, f"add required reviewers, {DOCS}")


def _roles(found: Repository, stack: str) -> Iterator[Result]:
    """The role that deploys must not be that of code which nobody reviewed."""
    used: dict[str, dict[str, str]] = {}
    for name in (stack, f"preview-{stack}", f"drift-{stack}"):
        answer = found.get(f"/environments/{quote(name, safe='')}/variables")
        if answer is None:
            raise CannotCheckError(f"the variables of the environment {name} can't be read", DOCS)
        used[name] = {v["name"]: v["value"] for v in answer["variables"] if v["name"] in ROLES}
    deploys = used.pop(stack)
    for name, roles in used.items():
        same = [key for key, value in roles.items() if deploys.get(key) == value]
        for key in same:
            yield failed(f"{name} has the {key} of {stack}, which deploys", f"give it a role that only reads, {DOCS}")
        if not same:
            yield ok(f"{name} does not have the role that deploys")
