"""A quay robot account that can push a hub's images, and do nothing else in the organization.

The robot is in a team with the role `creator` (it may create repositories), and a default permission lets it write to
repositories that it created. Quay makes the creator of a repository its administrator, so the robot can also delete
what it pushed. It has no access to what others pushed. In the team `owners`, to which people often add such robots by
hand, it could delete every image of the organization.

The state contains the robot's name, and its password as a secret. The API token is not an input: the engine passes the
stack's decrypted config to a dynamic provider (`configure`), so the token is not in the state, in previews or in the
pickle, and a hub can be deleted with a new token after the old one was revoked.
"""

from __future__ import annotations

import json
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from hubs.clients.quay import QuayApi, QuayError, Robot
from hubs.settings.quay_robot import CREATOR, QUAY, ROBOT_NAME, TEAM
from hubs.settings.secrets import how_to_set

LONGEST_NAME = 255
SECRETS = "imagebuilding:secrets"


class QuayRobotProvider(ResourceProvider):
    """Creates, compares, rotates and deletes one robot. Errors are QuayError: one line, without secrets.

    The pickle in the state contains only the name of this class, so it is the same for every robot, and the program's
    current code also handles robots that an older version created.
    """

    def configure(self, req: ConfigureRequest) -> None:
        _show_errors_in_one_line()
        self._secrets = req.config.get(SECRETS)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        failures = []
        name, organization = news.get("robot"), news.get("organization")
        if isinstance(name, str) and not _unknown(name) and not ROBOT_NAME.match(name):
            failures.append(
                CheckFailure(
                    "robot",
                    f"{name!r} is not a valid quay robot name: use a-z, 0-9 and single underscores",
                )
            )
        elif _both_known(name, organization) and len(f"{organization}+{name}") > LONGEST_NAME:
            failures.append(
                CheckFailure(
                    "robot", f"{organization}+{name} is longer than the {LONGEST_NAME} characters that quay allows"
                )
            )
        return CheckResult(news, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        replaces = [key for key in ("server", "organization", "robot") if _olds.get(key) != _news.get(key)]
        changes = bool(replaces) or any(_olds.get(key) != _news.get(key) for key in ("rotation", "owner"))
        # `read` found that the robot may no longer push: an update restores that.
        changes = changes or _olds.get("may_push") is False
        return DiffResult(changes=changes, replaces=replaces, stables=["username"])

    def create(self, props: dict[str, Any]) -> CreateResult:
        with self._api(props) as api:
            robot, _ = _ensure(api, props)
        return CreateResult(robot.username, _outputs(props, robot.username, robot.password))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        with self._api(_news) as api:
            robot, made = _ensure(api, _news)
            # A robot that was deleted at quay and created again already has a new password.
            rotate = _olds.get("rotation") != _news.get("rotation") and not made
            password = api.regenerate(_news["robot"]) if rotate else robot.password
        return UpdateResult(_outputs(_news, robot.username, password))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        with self._api(props) as api:
            robot = api.robot(props["robot"])
            if robot is None:
                return ReadResult("", {})
            may_push = (
                api.team_roles().get(TEAM) == CREATOR
                and robot.username in api.team_members(TEAM)
                and bool(api.default_permission_ids(robot.username))
            )
        outs = {**_outputs(props, robot.username, robot.password), "may_push": may_push}
        return ReadResult(id_, outs)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        with self._api(_props) as api:
            for permission in api.default_permission_ids(f"{_props['organization']}+{_props['robot']}"):
                api.delete_default_permission(permission)
            api.delete_robot(_props["robot"])

    def _api(self, props: dict[str, Any]) -> QuayApi:
        owner = str(props.get("owner", ""))
        token = api_token(getattr(self, "_secrets", None), owner)
        if not token:
            # A stack has its cluster's name (hubs.settings warns otherwise).
            command = how_to_set(owner.partition("/")[0] or "STACK", f"{SECRETS}.registry.token")
            raise QuayError(f"there is no API token for {props['server']}; set it with: {command}")
        return QuayApi(props["server"], props["organization"], token)


class QuayRobotAccount(Resource, module="imagebuilding", name="QuayRobotAccount"):
    """A robot account in a quay organization, created or adopted.

    In: `organization`; `robot`, its short name (hubs.settings.quay_robot); `owner`, its hub (`cluster/community/hub`):
    a robot of another hub is refused, one that was created by hand is adopted with its password; `rotation`, any text:
    when it changes, the robot gets a new password; `server`, `https://HOST`.
    Out: `username` (`organization+robot`), `password` (secret).
    Needs the stack's secret `imagebuilding:secrets.registry.token` (or a community's, or a hub's): an OAuth token with
    the scope "Administer Organization".
    """

    username: pulumi.Output[str]
    password: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        organization: str,
        robot: str,
        owner: str,
        rotation: str = "",
        server: str = QUAY,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "server": server,
            "organization": organization,
            "robot": robot,
            "owner": owner,
            "rotation": rotation,
        }
        outputs = {"username": None, "password": None, "may_push": None}
        secret = pulumi.ResourceOptions(additional_secret_outputs=["password"])
        super().__init__(
            QuayRobotProvider(), resource_name, {**inputs, **outputs}, pulumi.ResourceOptions.merge(opts, secret)
        )


def _show_errors_in_one_line() -> None:
    """In the plugin's process, make the SDK show only the message of a QuayError, without a traceback."""
    import sys
    import traceback
    from types import SimpleNamespace

    def format_exc() -> str:
        error = sys.exc_info()[1]
        return str(error) if isinstance(error, QuayError) else traceback.format_exc()

    plugin = sys.modules["__main__"]
    if getattr(plugin, "traceback", None) is traceback and hasattr(plugin, "DynamicResourceProviderServicer"):
        plugin.traceback = SimpleNamespace(format_exc=format_exc)  # type: ignore[attr-defined]


def api_token(secrets: object, owner: str) -> str | None:
    """Return the API token for the hub `owner` (`cluster/community/hub`) from the stack's `imagebuilding:secrets`.

    The engine passes them as JSON. The most specific token is used: the hub's, the community's, or the cluster's.
    """
    try:
        tree: object = json.loads(secrets) if isinstance(secrets, str) else secrets
    except ValueError:
        return None
    names = owner.split("/")[1:]
    for depth in range(len(names), -1, -1):
        value = tree
        for key in (*names[:depth], "registry", "token"):
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _ensure(api: QuayApi, props: dict[str, Any]) -> tuple[Robot, bool]:
    """Create team, robot, membership and default permission if they are missing. A second run completes a failed one.

    Returns the robot, and whether this run created it.
    """
    name, owner = props["robot"], props["owner"]
    role = api.team_roles().get(TEAM)
    if role is None:
        api.create_team(TEAM, "Robots that build images for hubs: they may create repositories")
    elif role != CREATOR:
        raise QuayError(
            f"the team {TEAM} of {api.organization} has the role {role}, and robots that build images need {CREATOR}: "
            "change its role at quay, or rename it there if it is used for something else"
        )
    robot = api.robot(name)
    made = None if robot else api.create_robot(name, f"Pushes the images built on the hub {owner}", owner)
    robot = robot or made or api.robot(name)
    if robot is None:
        raise QuayError(f"quay reports both that {api.organization}+{name} exists and that it doesn't: try again later")
    if robot.owner not in (None, owner):
        raise QuayError(
            f"the robot {robot.username} belongs to the hub {robot.owner}; hubs can't share a robot: rename one of them"
        )
    api.add_to_team(TEAM, robot.username)
    api.ensure_default_permission(robot.username)
    return robot, made is not None


def _outputs(props: dict[str, Any], username: str, password: str) -> dict[str, Any]:
    keys = ("server", "organization", "robot", "owner", "rotation")
    outs = {key: props[key] for key in keys if key in props}
    return {**outs, "username": username, "password": password, "may_push": True}


def _unknown(value: str) -> bool:
    return value == pulumi.runtime.rpc.UNKNOWN


def _both_known(*values: object) -> bool:
    return all(isinstance(value, str) and not _unknown(value) for value in values)
