"""A client for the parts of Quay's REST API that robot accounts for pushing need.

The paths, bodies and answers are those of quay's own source (`endpoints/api/{organization,robot,team,prototype}.py` of
https://github.com/quay/quay, served at `/api/v1`). The source shows what the documentation does not:

* reading or deleting a robot that is not there answers 400 `Could not find robot with specified username`, not 404;
* `PUT` of a robot that exists answers 400 `Existing robot with name: ...`;
* adding a member that is in the team already answers 400 `... is already a member of team ...`;
* `POST` of a default permission (a "prototype") that exists creates a second one, so the client checks first;
* `PUT` of a team changes the role of a team that exists, so the client checks first here, too.

Every call may be repeated: lost requests are sent again, and a second call takes the results of the first one into
account.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from hubs.clients.errors import ClientError
from hubs.clients.http import Answer, Http, HttpError

ATTEMPTS = 5
"""Maximum number of attempts for one call."""
LONGEST_WAIT = 60.0
"""Maximum number of seconds between two attempts. If quay asks to wait longer, the call fails."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class QuayError(ClientError):
    """One line that says what failed and what to do about it. Never contains a token or a password."""


class _AlreadyDoneError(Exception):
    """A call whose answer was lost had already succeeded."""


@dataclass(frozen=True)
class Robot:
    """A robot account. Registry clients log in with `password`, which the repr does not contain."""

    username: str
    password: str
    description: str
    owner: str | None
    """The hub that created it, from `unstructured_metadata`, or None for a robot that was created by hand."""

    def __repr__(self) -> str:
        return f"Robot({self.username})"


OWNER_KEY = "imagebuilding"
"""The key of `unstructured_metadata` that contains the hub that a robot belongs to."""


class QuayApi:
    """One organization of one quay server.

    `server`: `https://quay.io` or another; plain http only on loopback, since the token travels with every request.
    `token`: an OAuth access token with the scope "Administer Organization".
    `timeout`: seconds for each of connecting, sending and receiving. `attempts`: maximum for one call (ATTEMPTS).
    `sleep` waits between two attempts.
    Every method raises QuayError.
    """

    def __init__(
        self,
        server: str,
        organization: str,
        token: str,
        *,
        timeout: float = 20.0,
        attempts: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        import httpx

        url = urlsplit(server)
        if url.scheme not in ("https", "http") or not url.hostname:
            raise QuayError(f"{server!r} is not the address of a quay server: expected https://HOST")
        if url.scheme == "http" and url.hostname not in LOOPBACK:
            raise QuayError(f"{server}: the API token would travel unencrypted; use https://")
        if not token or not token.isascii() or any(c.isspace() for c in token):
            raise QuayError(
                "quay's API token is not valid: it is empty, or has spaces, line breaks or characters outside ASCII"
            )
        self.organization = organization
        self._host = url.hostname
        self._token = token
        self._path = f"/organization/{quote(organization, safe='')}"
        self._client = httpx.Client(
            base_url=f"{server.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=timeout,
        )
        self._http = Http(self._client, attempts=attempts or ATTEMPTS, longest_wait=LONGEST_WAIT, sleep=sleep)

    def __enter__(self) -> QuayApi:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    # Operations on an organization

    def team_roles(self) -> dict[str, str]:
        """Return the organization's teams and the role of each: `admin`, `creator` or `member`.

        Also raises an error if the token may not see the teams, because then it may not change them either.
        """
        answer = self._ask("GET", "")
        if answer.status == HTTPStatus.NOT_FOUND:
            raise QuayError(
                f"{self._host} has no organization {self.organization!r}: create it there, or correct the registry's "
                "`organization`"
            )
        teams = self._json(answer).get("teams")
        if not isinstance(teams, dict) or not teams:
            raise QuayError(
                f"{self._host}: the API token may not see the teams of {self.organization!r}: "
                "it must be created by a member of the team `owners`"
            )
        return {name: str(team.get("role")) for name, team in teams.items() if isinstance(team, dict)}

    def create_team(self, team: str, description: str) -> None:
        """Create a team whose members may create repositories, but do nothing else in the organization."""
        answer = self._ask("PUT", f"/team/{quote(team, safe='')}", {"role": "creator", "description": description})
        self._expect(answer, f"create the team {team!r}")

    def add_to_team(self, team: str, member: str) -> None:
        """Add the robot `member` (full name, `organization+robot`) to `team`, unless it is already a member."""
        answer = self._ask("PUT", f"/team/{quote(team, safe='')}/members/{quote(member, safe='')}")
        if answer.status == HTTPStatus.BAD_REQUEST and "already a member" in self._message(answer):
            return
        self._expect(answer, f"add {member} to the team {team!r}")

    def team_members(self, team: str) -> set[str]:
        """Return the members of `team`. Returns an empty set if there is no such team."""
        answer = self._ask("GET", f"/team/{quote(team, safe='')}/members")
        if answer.status == HTTPStatus.NOT_FOUND:
            return set()
        self._expect(answer, f"list the team {team!r}")
        return {member["name"] for member in self._list(answer, "members") if "name" in member}

    def robot(self, name: str) -> Robot | None:
        """Return the robot with this short name and its current password, or None."""
        answer = self._ask("GET", f"/robots/{name}")
        if self._no_robot(answer):
            return None
        self._expect(answer, f"read the robot {name!r}")
        return self._robot(answer)

    def create_robot(self, name: str, description: str, owner: str) -> Robot | None:
        """Create and return a robot. Returns None if it exists, perhaps from an earlier attempt of this call."""
        answer = self._ask(
            "PUT", f"/robots/{name}", {"description": description[:255], "unstructured_metadata": {OWNER_KEY: owner}}
        )
        if answer.status == HTTPStatus.BAD_REQUEST and "existing robot" in self._message(answer).lower():
            return None
        self._expect(answer, f"create the robot {name!r}")
        return self._robot(answer)

    def regenerate(self, name: str) -> str:
        """Set and return a new password for the robot. The old one stops working at once."""
        answer = self._ask("POST", f"/robots/{name}/regenerate")
        if self._no_robot(answer):
            raise QuayError(
                f"{self._host}: the robot {self.organization}+{name} no longer exists: "
                "run `pulumi refresh`, then `pulumi up`"
            )
        self._expect(answer, f"give the robot {name!r} a new password")
        return self._robot(answer).password

    def delete_robot(self, name: str) -> None:
        """Delete the robot with its memberships and permissions, if it exists. Its images stay."""
        answer = self._ask("DELETE", f"/robots/{name}")
        if not self._no_robot(answer):
            self._expect(answer, f"delete the robot {name!r}")

    def default_permission_ids(self, robot: str) -> list[str]:
        """Return the ids of the default permissions that let `robot` (full name) write to what it creates."""
        answer = self._ask("GET", "/prototypes")
        self._expect(answer, "list the default permissions")
        return [
            str(item["id"])
            for item in self._list(answer, "prototypes")
            if (item.get("activating_user") or {}).get("name") == robot
            and (item.get("delegate") or {}).get("name") == robot
            and item.get("role") in ("write", "admin")
        ]

    def ensure_default_permission(self, robot: str) -> None:
        """Allow `robot` to write to each repository that it will create. Does nothing if this is already allowed."""
        if self.default_permission_ids(robot):
            return
        body = {"role": "write", "activating_user": {"name": robot}, "delegate": {"name": robot, "kind": "user"}}

        def not_twice() -> None:
            if self.default_permission_ids(robot):
                raise _AlreadyDoneError

        try:
            answer = self._ask("POST", "/prototypes", body, before_retry=not_twice)
        except _AlreadyDoneError:
            return
        self._expect(answer, f"set the default permission of {robot}")

    def delete_default_permission(self, id_: str) -> None:
        """Delete a default permission, if it exists."""
        answer = self._ask("DELETE", f"/prototypes/{quote(id_, safe='')}")
        if answer.status != HTTPStatus.NOT_FOUND:
            self._expect(answer, "delete a default permission")

    def robots_in_teams(self) -> dict[str, set[str]]:
        """Return the full name of each robot of the organization, and its teams. Does not request passwords."""
        answer = self._ask("GET", "/robots?permissions=true&token=false")
        self._expect(answer, "list the robots")
        return {
            item["name"]: {team["name"] for team in item.get("teams") or [] if "name" in team}
            for item in self._list(answer, "robots")
            if "name" in item
        }

    # Requests and answers

    def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        before_retry: Callable[[], None] = lambda: None,
    ) -> Answer:
        """Send one call, with retries while quay is busy or unavailable. Raises QuayError for 401 and 403, too."""
        try:
            answer = self._http.send(method, f"{self._path}{path}", body=body, before_retry=before_retry)
        except HttpError as error:
            raise self._gave_up(str(error)) from None
        if answer.trouble:
            raise self._gave_up(f"{answer.trouble}{self._because(answer)}")
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise QuayError(
                f"{self._host} refuses the API token (401{self._because(answer)}): it is wrong, expired or revoked; "
                f"create one under Applications of {self.organization!r} and set it as the stack's secret"
            )
        if answer.status == HTTPStatus.FORBIDDEN:
            raise QuayError(
                f"{self._host}: the API token may not administer {self.organization!r} (403{self._because(answer)}): "
                'it needs the scope "Administer Organization", from a member of the team `owners`'
            )
        return answer

    def _gave_up(self, trouble: str) -> QuayError:
        return QuayError(f"{self._host}: {self._scrub(trouble)}: try again later; finished steps are not repeated")

    def _expect(self, answer: Answer, doing: str) -> None:
        if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT):
            raise QuayError(f"{self._host} did not {doing} ({answer.status}{self._because(answer)})")

    def _no_robot(self, answer: Answer) -> bool:
        return answer.status == HTTPStatus.NOT_FOUND or (
            answer.status == HTTPStatus.BAD_REQUEST and "could not find robot" in self._message(answer).lower()
        )

    def _robot(self, answer: Answer) -> Robot:
        data = self._json(answer)
        name, token = data.get("name"), data.get("token")
        if not isinstance(name, str) or not isinstance(token, str) or not token:
            raise QuayError(
                f"{self._host}: the answer about a robot lacks its name or password: may the API token see it?"
            )
        metadata = data.get("unstructured_metadata")
        owner = metadata.get(OWNER_KEY) if isinstance(metadata, dict) else None
        return Robot(name, token, str(data.get("description") or ""), str(owner) if owner else None)

    def _json(self, answer: Answer) -> dict[str, Any]:
        """Return the answer's object. A 2xx without one is not from quay, but for example a login page."""
        self._expect(answer, "answer")
        try:
            data = answer.json()
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise QuayError(f"{self._host}: the answer is not from quay's API: is this the address of a quay server?")
        return data

    def _list(self, answer: Answer, key: str) -> list[dict[str, Any]]:
        items = self._json(answer).get(key)
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    def _message(self, answer: Answer) -> str:
        """Return quay's explanation: `detail`, `message` or `error_message` of the body, without secrets."""
        try:
            data = answer.json()
        except ValueError:
            return ""
        words = (
            [data[k] for k in ("detail", "message", "error_message") if data.get(k)] if isinstance(data, dict) else []
        )
        return self._scrub(str(words[0])) if words else ""

    def _because(self, answer: Answer) -> str:
        message = self._message(answer)
        return f", {message}" if message else ""

    def _scrub(self, text: str) -> str:
        return " ".join(text.replace(self._token, "[secret]").split())[:200]
