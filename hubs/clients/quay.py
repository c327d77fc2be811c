"""Quay's REST API, as much of it as a robot account for pushing needs.

The paths, bodies and answers are those of quay's own source (`endpoints/api/{organization,robot,team,prototype}.py` of
https://github.com/quay/quay, served at `/api/v1`). What its documentation does not say, and the source does:

* reading or deleting a robot that is not there answers 400 `Could not find robot with specified username`, not 404;
* `PUT` of a robot that exists answers 400 `Existing robot with name: ...`;
* adding a member that is in the team already answers 400 `... is already a member of team ...`;
* `POST` of a default permission (a "prototype") that exists makes a second one, so one must look first;
* `PUT` of a team changes the role of a team that exists, so one must look first here too.

Every call may be repeated: what is lost on the way is asked for again, and the calls are written so that the second
time finds what the first one left.
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
"""How often one call is tried before it is given up."""
LONGEST_WAIT = 60.0
"""Seconds between two tries. Where quay asks for more, a person decides better than a sleep."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class QuayError(ClientError):
    """One line: what quay did not do, and what to do about it. Never holds a token or a password."""


class _AlreadyDoneError(Exception):
    """A call whose answer was lost did its work after all."""


@dataclass(frozen=True)
class Robot:
    """A robot account. `password` is what a registry client logs in with; it is kept out of the repr."""

    username: str
    password: str
    description: str
    owner: str | None
    """Which hub made it, from `unstructured_metadata`; None for a robot made by hand."""

    def __repr__(self) -> str:
        return f"Robot({self.username})"


OWNER_KEY = "imagebuilding"
"""The key of `unstructured_metadata` that says which hub a robot belongs to."""


class QuayApi:
    """One organization of one quay server.

    `server`: `https://quay.io` or another; plain http only on loopback, since the token travels with every request.
    `token`: an OAuth access token with the scope "Administer Organization".
    `timeout`: seconds for each of connecting, sending and receiving. `attempts`: how often a call is tried (ATTEMPTS).
    `sleep` waits between two tries.
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

    # What there is to do with an organization

    def team_roles(self) -> dict[str, str]:
        """The organization's teams and the role of each: `admin`, `creator` or `member`.

        Raises also where the token may not see the teams, since it then can't administer them either.
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
                "it must be made by a member of its team `owners`"
            )
        return {name: str(team.get("role")) for name, team in teams.items() if isinstance(team, dict)}

    def create_team(self, team: str, description: str) -> None:
        """A team whose members may create repositories, and nothing else in the organization."""
        answer = self._ask("PUT", f"/team/{quote(team, safe='')}", {"role": "creator", "description": description})
        self._expect(answer, f"create the team {team!r}")

    def add_to_team(self, team: str, member: str) -> None:
        """Puts the robot `member` (its whole name, `organization+robot`) in `team`; no error if it is in it already."""
        answer = self._ask("PUT", f"/team/{quote(team, safe='')}/members/{quote(member, safe='')}")
        if answer.status == HTTPStatus.BAD_REQUEST and "already a member" in self._message(answer):
            return
        self._expect(answer, f"add {member} to the team {team!r}")

    def team_members(self, team: str) -> set[str]:
        """The names in `team`; none if there is no such team."""
        answer = self._ask("GET", f"/team/{quote(team, safe='')}/members")
        if answer.status == HTTPStatus.NOT_FOUND:
            return set()
        self._expect(answer, f"list the team {team!r}")
        return {member["name"] for member in self._list(answer, "members") if "name" in member}

    def robot(self, name: str) -> Robot | None:
        """The robot of that short name with its current password, or None."""
        answer = self._ask("GET", f"/robots/{name}")
        if self._no_robot(answer):
            return None
        self._expect(answer, f"read the robot {name!r}")
        return self._robot(answer)

    def create_robot(self, name: str, description: str, owner: str) -> Robot | None:
        """A new robot, or None if one of that name exists, perhaps made by a try of this very call that was cut off."""
        answer = self._ask(
            "PUT", f"/robots/{name}", {"description": description[:255], "unstructured_metadata": {OWNER_KEY: owner}}
        )
        if answer.status == HTTPStatus.BAD_REQUEST and "existing robot" in self._message(answer).lower():
            return None
        self._expect(answer, f"create the robot {name!r}")
        return self._robot(answer)

    def regenerate(self, name: str) -> str:
        """A new password for the robot; the old one stops working at once."""
        answer = self._ask("POST", f"/robots/{name}/regenerate")
        if self._no_robot(answer):
            raise QuayError(
                f"{self._host}: the robot {self.organization}+{name} no longer exists: "
                "run `pulumi refresh`, then `pulumi up`"
            )
        self._expect(answer, f"give the robot {name!r} a new password")
        return self._robot(answer).password

    def delete_robot(self, name: str) -> None:
        """Deletes the robot with its memberships and permissions; its images stay. No error if there is none."""
        answer = self._ask("DELETE", f"/robots/{name}")
        if not self._no_robot(answer):
            self._expect(answer, f"delete the robot {name!r}")

    def default_permission_ids(self, robot: str) -> list[str]:
        """The ids of the default permissions that let `robot` (whole name) write to the repositories it creates."""
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
        """From now on `robot` may write to each repository that it creates. Left alone where that is so already."""
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
        """Deletes a default permission; no error if there is none."""
        answer = self._ask("DELETE", f"/prototypes/{quote(id_, safe='')}")
        if answer.status != HTTPStatus.NOT_FOUND:
            self._expect(answer, "delete a default permission")

    def robots_in_teams(self) -> dict[str, set[str]]:
        """The whole name of each robot of the organization, and its teams. Asks for no passwords."""
        answer = self._ask("GET", "/robots?permissions=true&token=false")
        self._expect(answer, "list the robots")
        return {
            item["name"]: {team["name"] for team in item.get("teams") or [] if "name" in team}
            for item in self._list(answer, "robots")
            if "name" in item
        }

    # How it is asked

    def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        before_retry: Callable[[], None] = lambda: None,
    ) -> Answer:
        """One call, tried again while quay is busy, broken or out of reach. 401, 403 and what stays broken raise."""
        try:
            answer = self._http.send(method, f"{self._path}{path}", body=body, before_retry=before_retry)
        except HttpError as error:
            raise self._gave_up(str(error)) from None
        if answer.trouble:
            raise self._gave_up(f"{answer.trouble}{self._because(answer)}")
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise QuayError(
                f"{self._host} refuses the API token (401{self._because(answer)}): it is wrong, expired or revoked; "
                f"make one under Applications of {self.organization!r} and set it as the stack's secret"
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
        """The answer's object. A 2xx without one comes from something in between, such as a login page."""
        self._expect(answer, "answer")
        try:
            data = answer.json()
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise QuayError(f"{self._host}: an answer that is not quay's API: is this the address of a quay server?")
        return data

    def _list(self, answer: Answer, key: str) -> list[dict[str, Any]]:
        items = self._json(answer).get(key)
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    def _message(self, answer: Answer) -> str:
        """Quay's own explanation: `detail`, `message` or `error_message` of the body; no secrets."""
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
