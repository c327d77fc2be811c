"""A stand-in for quay's REST API, with the formats and quirks of its source (endpoints/api/*.py of quay/quay).

Refuses what quay refuses: a body that does not match the JSON schema, a name that does not match the pattern, an
unknown token. One organization, administered by one OAuth token.
"""

from __future__ import annotations

import re
import secrets
import string
from typing import Any
from urllib.parse import unquote

import jsonschema

from tests.doubles.server import Double, Reply, Request

USERNAME = re.compile(r"^([a-z0-9]+(?:[._-][a-z0-9]+)*)$")
CREATE_ROBOT = {
    "type": "object",
    "properties": {
        "description": {"type": "string", "maxLength": 255},
        "unstructured_metadata": {"type": "object"},
    },
}
TEAM = {
    "type": "object",
    "required": ["role"],
    "properties": {"role": {"enum": ["member", "creator", "admin"]}, "description": {"type": "string"}},
}
PROTOTYPE = {
    "type": "object",
    "required": ["role", "delegate"],
    "properties": {
        "role": {"enum": ["read", "write", "admin"]},
        "activating_user": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "delegate": {
            "type": "object",
            "required": ["name", "kind"],
            "properties": {"name": {"type": "string"}, "kind": {"enum": ["user", "team"]}},
        },
    },
}


def problem(status: int, error: str, detail: str) -> Reply:
    """Return an error in quay's format (RFC 7807, with additional older keys)."""
    body = {"detail": detail, "error_message": detail, "error_type": error, "title": error, "status": status}
    return Reply(status, body, {"Content-Type": "application/json"})


class QuayDouble(Double):
    def __init__(self, organization: str = "ocean", token: str = "api-token", scope: str = "org:admin") -> None:
        super().__init__()
        self.organization, self.token, self.scope = organization, token, scope
        self.teams: dict[str, dict[str, Any]] = {"owners": {"role": "admin", "members": {"ada"}, "description": ""}}
        self.robots: dict[str, dict[str, Any]] = {}
        self.prototypes: list[dict[str, Any]] = []

    def add_robot(self, name: str, metadata: dict[str, Any] | None = None) -> str:
        """Create a robot as by hand, and return its password."""
        self.robots[name] = {"token": new_password(), "description": "", "unstructured_metadata": metadata or {}}
        return str(self.robots[name]["token"])

    def answer(self, request: Request) -> Reply:
        match = re.fullmatch(r"/api/v1/organization/([^/]+)(/.*)?", request.path)
        if not match:
            return Reply(404, b"<html>404</html>", {"Content-Type": "text/html"})
        if request.path.endswith("/"):  # Flask has no route with a trailing slash
            return Reply(404, b"<html>404</html>", {"Content-Type": "text/html"})
        bearer = request.headers.get("authorization", "")
        if bearer and bearer != f"Bearer {self.token}":
            return problem(401, "invalid_token", "The access token provided was invalid.")
        organization, rest = unquote(match[1]), match[2] or ""
        if rest == "" and request.method == "GET":
            return self._organization(organization, member=bool(bearer))
        if not bearer:
            return problem(401, "invalid_token", "Requires authentication")
        if organization != self.organization or self.scope != "org:admin":
            return problem(403, "insufficient_scope", "Unauthorized")
        parts = [unquote(part) for part in rest.strip("/").split("/")]
        return self._route(request, parts)

    def _route(self, request: Request, parts: list[str]) -> Reply:
        match request.method, parts:
            case "GET", ["robots"]:
                return self._robots(request)
            case method, ["robots", name]:
                return self._robot(method, name, request)
            case "POST", ["robots", name, "regenerate"]:
                if name not in self.robots:
                    return dme("Could not find robot with specified username")
                self.robots[name]["token"] = new_password()
                return Reply(200, self._robot_view(name))
            case "PUT", ["team", team]:
                return self._put_team(team, request)
            case "GET", ["team", team, "members"]:
                if team not in self.teams:
                    return problem(404, "not_found", "Not Found")
                members = [
                    {"name": m, "kind": "user", "is_robot": "+" in m, "invited": False}
                    for m in sorted(self.teams[team]["members"])
                ]
                return Reply(200, {"name": team, "members": members, "can_edit": True})
            case "PUT", ["team", team, "members", member]:
                return self._add_member(team, member)
            case _, ["prototypes", *rest]:
                return self._prototypes(request, rest)
        return Reply(405, {"message": "The method is not allowed for the requested URL."})

    def _organization(self, name: str, member: bool) -> Reply:
        if name != self.organization:
            return problem(404, "not_found", "Not Found")
        view: dict[str, Any] = {"name": name, "is_admin": member, "is_member": member}
        view["teams"] = (
            {t: {"name": t, "role": v["role"], "description": v["description"]} for t, v in self.teams.items()}
            if member
            else {}
        )
        return Reply(200, view)

    def _robots(self, request: Request) -> Reply:
        robots = []
        for name in self.robots:
            view = self._robot_view(name)
            if request.query.get("token", ["true"]) == ["false"]:
                view.pop("token")
            if request.query.get("permissions") == ["true"]:
                whole = f"{self.organization}+{name}"
                view["teams"] = [{"name": t} for t, v in self.teams.items() if whole in v["members"]]
                view["repositories"] = []
            robots.append(view)
        return Reply(200, {"robots": robots})

    def _robot(self, method: str, name: str, request: Request) -> Reply:
        if method == "PUT":
            body = request.json() or {}
            jsonschema.validate(body, CREATE_ROBOT)
            if not USERNAME.match(name) or not 2 <= len(name) <= 255:
                return Reply(400, {"message": f"The name for the robot '{name}' is invalid"})
            if name in self.robots:
                return Reply(400, {"message": f"Existing robot with name: {self.organization}+{name}"})
            self.add_robot(name, body.get("unstructured_metadata"))
            self.robots[name]["description"] = body.get("description", "")
            return Reply(201, self._robot_view(name))
        if name not in self.robots:
            return dme("Could not find robot with specified username")
        if method == "DELETE":
            whole = f"{self.organization}+{name}"
            del self.robots[name]
            for team in self.teams.values():
                team["members"].discard(whole)
            self.prototypes = [p for p in self.prototypes if p["delegate"]["name"] != whole]
            return Reply(204)
        return Reply(200, self._robot_view(name))

    def _robot_view(self, name: str) -> dict[str, Any]:
        dates = {"created": "Tue, 03 Nov 2026 09:00:00 -0000", "last_accessed": None}
        return {"name": f"{self.organization}+{name}", **dates, **self.robots[name]}

    def _put_team(self, team: str, request: Request) -> Reply:
        body = request.json()
        jsonschema.validate(body, TEAM)
        if not USERNAME.match(team):
            return dme(f"Invalid team name {team}")
        new = team not in self.teams
        entry = self.teams.setdefault(team, {"members": set(), "description": body.get("description", "")})
        entry["role"] = body["role"]
        return Reply(200, {"name": team, "role": entry["role"], "description": entry["description"], "new_team": new})

    def _add_member(self, team: str, member: str) -> Reply:
        if team not in self.teams:
            return problem(404, "not_found", "Not Found")
        organization, _, name = member.partition("+")
        if organization != self.organization or name not in self.robots:
            return Reply(400, {"message": "Unknown user"})
        if member in self.teams[team]["members"]:
            return dme(f"User {member} is already a member of team {team}")
        self.teams[team]["members"].add(member)
        return Reply(200, {"name": member, "kind": "user", "is_robot": True, "invited": False})

    def _prototypes(self, request: Request, rest: list[str]) -> Reply:
        if request.method == "GET" and not rest:
            return Reply(200, {"prototypes": self.prototypes})
        if request.method == "POST" and not rest:
            body = request.json()
            jsonschema.validate(body, PROTOTYPE)
            for user in (body["activating_user"]["name"], body["delegate"]["name"]):
                if user.partition("+")[2] not in self.robots:
                    return Reply(400, {"message": "Unknown activating user"})
            entry = {
                "id": f"proto-{len(self.prototypes)}-{secrets.token_hex(4)}",
                "role": body["role"],
                "activating_user": {"name": body["activating_user"]["name"], "is_robot": True, "kind": "user"},
                "delegate": {"name": body["delegate"]["name"], "is_robot": True, "kind": "user"},
            }
            self.prototypes.append(entry)
            return Reply(200, entry)
        if request.method == "DELETE" and len(rest) == 1:
            left = [p for p in self.prototypes if p["id"] != rest[0]]
            if len(left) == len(self.prototypes):
                return problem(404, "not_found", "Not Found")
            self.prototypes = left
            return Reply(204)
        return Reply(405, {"message": "The method is not allowed for the requested URL."})


def dme(message: str) -> Reply:
    """Return quay's answer to requests that its data model rejects: always 400."""
    return Reply(400, {"message": message})


def new_password() -> str:
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(64))
