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
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 5
"""How often one call is tried before it is given up."""
LONGEST_WAIT = 60.0
"""Seconds. A `Retry-After` longer than this is an error that says so: a person decides better than a sleep."""
OK, CREATED, NO_CONTENT = 200, 201, 204
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY = 400, 401, 403, 404, 429
SERVER_ERROR = 500
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class QuayError(Exception):
    """One line for a person: what quay did not do, and what to do about it. Never holds a token or a password."""


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
            raise QuayError(f"{server!r} is no address of a quay server: expected https://HOST")
        if url.scheme == "http" and url.hostname not in LOOPBACK:
            raise QuayError(f"{server}: the API token would travel unencrypted; use https://")
        if not token or not token.isascii() or any(c.isspace() for c in token):
            raise QuayError(
                "quay's API token is empty or has characters that no token has (spaces, line breaks, not ASCII)"
            )
        self.organization = organization
        self._host = url.hostname
        self._token = token
        self._sleep = sleep
        self._attempts = attempts or ATTEMPTS
        self._path = f"/organization/{quote(organization, safe='')}"
        self._http: httpx.Client = httpx.Client(
            base_url=f"{server.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=timeout,
        )

    def __enter__(self) -> QuayApi:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    # What there is to do with an organization

    def team_roles(self) -> dict[str, str]:
        """The organization's teams and the role of each: `admin`, `creator` or `member`.

        Raises also where the token may not see the teams, since it then can't administer them either.
        """
        answer = self._ask("GET", "")
        if answer.status_code == NOT_FOUND:
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
        if answer.status_code == BAD_REQUEST and "already a member" in self._message(answer):
            return
        self._expect(answer, f"add {member} to the team {team!r}")

    def team_members(self, team: str) -> set[str]:
        """The names in `team`; none if there is no such team."""
        answer = self._ask("GET", f"/team/{quote(team, safe='')}/members")
        if answer.status_code == NOT_FOUND:
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
        if answer.status_code == BAD_REQUEST and "existing robot" in self._message(answer).lower():
            return None
        self._expect(answer, f"create the robot {name!r}")
        return self._robot(answer)

    def regenerate(self, name: str) -> str:
        """A new password for the robot; the old one stops working at once."""
        answer = self._ask("POST", f"/robots/{name}/regenerate")
        if self._no_robot(answer):
            raise QuayError(
                f"{self._host}: the robot {self.organization}+{name} is gone: run `pulumi refresh`, then `pulumi up`"
            )
        self._expect(answer, f"give the robot {name!r} a new password")
        return self._robot(answer).password

    def delete_robot(self, name: str) -> None:
        """Deletes the robot; no error if it is gone. Its memberships and permissions go with it, its images stay."""
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
        answer = self._call("POST", "/prototypes", body, done=lambda: bool(self.default_permission_ids(robot)))
        if answer is not None:
            self._expect(answer, f"set the default permission of {robot}")

    def delete_default_permission(self, id_: str) -> None:
        """Takes a default permission away; no error if it is gone."""
        answer = self._ask("DELETE", f"/prototypes/{quote(id_, safe='')}")
        if answer.status_code != NOT_FOUND:
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

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        answer = self._call(method, path, body)
        assert answer is not None  # noqa: S101 - only `done` makes it None
        return answer

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, done: Callable[[], bool] | None = None
    ) -> httpx.Response | None:
        """One call, tried again while quay is busy, broken or out of reach. 401, 403 and what stays broken raise.

        `done` is for a call that must not happen twice: asked before each further try, it says whether the try before,
        whose answer was lost, did its work after all. Then there is no answer, and None is returned.
        """
        import httpx

        trouble = ""
        for attempt in range(self._attempts):
            if attempt and done and done():
                return None
            wait = float(2**attempt)
            try:
                answer = self._http.request(method, f"{self._path}{path}", json=body)
            except httpx.TimeoutException:
                trouble = "no answer in time"
            except httpx.TransportError as error:
                trouble = f"no connection ({self._scrub(str(error)) or type(error).__name__})"
            except httpx.HTTPError as error:  # a body that can't be decoded
                raise QuayError(f"{self._host}: an answer that can't be read ({type(error).__name__})") from None
            else:
                if answer.status_code == TOO_MANY:
                    trouble = "too many requests (429)"
                    wait = retry_after(answer.headers.get("Retry-After"), wait)
                    if wait > LONGEST_WAIT:
                        raise QuayError(f"{self._host}: too many requests; it asks to come back in {wait:.0f} s")
                elif answer.status_code >= SERVER_ERROR:
                    trouble = f"error {answer.status_code}{self._because(answer)}"
                    wait = min(retry_after(answer.headers.get("Retry-After"), wait), LONGEST_WAIT)
                else:
                    return self._refusals(answer)
            if attempt + 1 < self._attempts:
                self._sleep(wait)
        raise QuayError(
            f"{self._host}: {trouble}, {self._attempts} times: try again later; what is done already will be found then"
        )

    def _refusals(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code == UNAUTHORIZED:
            raise QuayError(
                f"{self._host} refuses the API token (401{self._because(answer)}): it is wrong, expired or revoked; "
                f"make one under Applications of {self.organization!r} and set it as the stack's secret"
            )
        if answer.status_code == FORBIDDEN:
            raise QuayError(
                f"{self._host}: the API token may not administer {self.organization!r} (403{self._because(answer)}): "
                'it needs the scope "Administer Organization", from a member of the team `owners`'
            )
        return answer

    def _expect(self, answer: httpx.Response, doing: str) -> None:
        if answer.status_code not in (OK, CREATED, NO_CONTENT):
            raise QuayError(f"{self._host} did not {doing} ({answer.status_code}{self._because(answer)})")

    def _no_robot(self, answer: httpx.Response) -> bool:
        return answer.status_code == NOT_FOUND or (
            answer.status_code == BAD_REQUEST and "could not find robot" in self._message(answer).lower()
        )

    def _robot(self, answer: httpx.Response) -> Robot:
        data = self._json(answer)
        name, token = data.get("name"), data.get("token")
        if not isinstance(name, str) or not isinstance(token, str) or not token:
            raise QuayError(
                f"{self._host}: the answer about a robot lacks its name or password: may the API token see it?"
            )
        metadata = data.get("unstructured_metadata")
        owner = metadata.get(OWNER_KEY) if isinstance(metadata, dict) else None
        return Robot(name, token, str(data.get("description") or ""), str(owner) if owner else None)

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        """The answer's object. A 2xx that is none comes from something between us and quay, such as a login page."""
        self._expect(answer, "answer")
        try:
            data = answer.json()
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise QuayError(f"{self._host}: an answer that is not quay's API: is this the address of a quay server?")
        return data

    def _list(self, answer: httpx.Response, key: str) -> list[dict[str, Any]]:
        items = self._json(answer).get(key)
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    def _message(self, answer: httpx.Response) -> str:
        """Quay's own words about what it refused: `detail`, `message` or `error_message` of the body; no secrets."""
        try:
            data = answer.json()
        except ValueError:
            return ""
        words = (
            [data[k] for k in ("detail", "message", "error_message") if data.get(k)] if isinstance(data, dict) else []
        )
        return self._scrub(str(words[0])) if words else ""

    def _because(self, answer: httpx.Response) -> str:
        message = self._message(answer)
        return f", {message}" if message else ""

    def _scrub(self, text: str) -> str:
        return " ".join(text.replace(self._token, "[secret]").split())[:200]


def retry_after(header: str | None, otherwise: float) -> float:
    """Seconds that a `Retry-After` header asks to wait (number or HTTP date); `otherwise` where it says neither."""
    if not header:
        return otherwise
    try:
        return max(0.0, float(int(header)))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return otherwise
