"""A stand-in for the settings of a repository in GitHub's REST API, as the token of an administrator sees them."""

from __future__ import annotations

from typing import Any

from tests.doubles.server import Double, Reply, Request

REPOSITORY = "my-org/hubs"
TOKEN = "ghp_marker-of-a-token"


def environment(*, main: bool = True, reviewers: bool = False) -> dict[str, Any]:
    """Return an environment as GitHub does, without the parts that nobody reads."""
    policy = {"protected_branches": False, "custom_branch_policies": True}
    rules = [{"type": "required_reviewers", "prevent_self_review": True, "reviewers": [{"type": "User"}]}]
    return {"protection_rules": rules if reviewers else [], "deployment_branch_policy": policy if main else None}


class GitHub(Double):
    """A repository that is set up as the documentation says, for the stack `earth`.

    `answers` are the bodies by path; a path without an answer is 404. `refused` are paths with status 403.
    """

    def __init__(self) -> None:
        super().__init__()
        main = {"branch_policies": [{"name": "main", "type": "branch"}]}
        review = {"required_approving_review_count": 1, "dismiss_stale_reviews_on_push": True}
        self.refused: set[str] = set()
        self.answers: dict[str, Any] = {
            "/branches/main": {"name": "main", "protected": True},
            "/rules/branches/main": [
                {"type": "deletion"},
                {"type": "non_fast_forward"},
                {"type": "pull_request", "parameters": review},
            ],
            "/actions/permissions/workflow": {
                "default_workflow_permissions": "read",
                "can_approve_pull_request_reviews": False,
            },
            "/actions/secrets": {"total_count": 1, "secrets": [{"name": "OTHER"}]},
            "/actions/oidc/customization/sub": {"use_default": True},
            "/environments/earth": environment(reviewers=True),
            "/environments/earth/deployment-branch-policies": main,
            "/environments/drift-earth": environment(),
            "/environments/drift-earth/deployment-branch-policies": main,
            "/environments/preview-earth": environment(main=False, reviewers=True),
        }
        for name, role in (("earth", "deploy"), ("drift-earth", "read"), ("preview-earth", "read")):
            self.answers[f"/environments/{name}/variables"] = {"variables": [{"name": "AWS_ROLE", "value": role}]}

    def answer(self, request: Request) -> Reply:
        """Answer a GET of the repository's settings. Everything else is an error of the test."""
        assert request.method == "GET"
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401)
        path = request.path.removeprefix(f"/repos/{REPOSITORY}")
        assert path != request.path, "another repository"
        if path == "/branches":
            assert request.query["protected"] == ["true"]
        if path in self.refused:
            return Reply(403, {"message": "Resource not accessible by personal access token"})
        return Reply(200, self.answers[path]) if path in self.answers else Reply(404, {"message": "Not Found"})
