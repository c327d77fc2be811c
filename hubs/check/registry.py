"""Check that the hubs' credentials can push images to the registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import assert_never

from hubs.check.credentials import HOW_TO_GIVE, Credentials
from hubs.check.findings import CannotCheckError, Check, Result, failed, ok, unchecked, warning
from hubs.clients.http import Http
from hubs.clients.oci import RefusedError, Registry, RegistryError
from hubs.settings.hub import Hub
from hubs.settings.quay_robot import CREATOR, QUAY, TEAM, robot_names
from hubs.settings.registry import ArtifactRegistry, Oci, Quay
from hubs.settings.stack import Stack

AREA = "registry"
PROBE = "preflight"
"""Name of the image in requests for tokens. A request does not create it, and no build has this name."""


@dataclass(frozen=True)
class Account:
    """Credentials and where they push to: a host and the prefix of repositories' names."""

    host: str
    prefix: str
    username: str | None
    password: str | None = field(repr=False)
    insecure: bool = False

    @property
    def owner(self) -> str:
        """The first part of the path, which registries call organization, project or namespace."""
        return self.prefix.partition("/")[0]

    def registry(self, http: Http) -> Registry:
        return Registry(self.host, http, username=self.username, password=self.password, insecure=self.insecure)


def checks(stack: Stack, credentials: Credentials, http: Http) -> list[Check]:
    """Return the checks of the stack's registry and of each hub's credentials."""
    settings = stack.registry
    match settings:
        case ArtifactRegistry():
            return [Check(AREA, settings.host, partial(_artifact_registry, Registry(settings.host, http)))]
        case Quay(robot="managed"):
            place = f"{settings.host}/{settings.organization}"
            return [Check(AREA, place, partial(_managed, stack, settings.organization, credentials))]
        case Quay() | Oci():
            return [Check(AREA, hub.key, partial(_given, stack, hub, credentials, http)) for hub in stack.hubs]
        case _:
            assert_never(settings)


def _given(stack: Stack, hub: Hub, credentials: Credentials, http: Http) -> Iterator[Result]:
    given = credentials.registry(hub)
    return may_push(account_of(stack, hub, given.username, given.password), http)


def account_of(stack: Stack, hub: Hub, username: str | None, password: str | None) -> Account:
    """Return an account with these credentials and the hub's prefix in the stack's registry."""
    kind = stack.registry
    prefix = kind.image_prefix(stack, hub).removeprefix(f"{kind.host}/")
    return Account(kind.host, prefix, username, password, insecure=kind.url.startswith("http://"))


def may_push(account: Account, http: Http) -> Iterator[Result]:
    """Check that the registry can be reached, accepts the login, and issues a token for pushing."""
    registry = account.registry(http)
    try:
        challenge = registry.challenge()
    except RegistryError as error:
        yield failed(f"can't be reached: {error}", "check the host's name, the network and any proxy")
        return
    yield ok(f"{account.host} answers as a registry")
    if not challenge.scheme:
        yield warning(f"{account.host} lets anyone push", "require a login, unless it is for a demonstration")
        return
    if account.username is None or account.password is None:
        raise CannotCheckError(
            f"pushing to {account.host}/{account.prefix}*: the credentials are not available", HOW_TO_GIVE
        )
    try:
        registry.log_in()
    except RefusedError as error:
        if challenge.scheme == "Basic" or error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            yield _wrong_login(account, error)
            return
        # This realm issues no token without a scope. The token for pushing will show whether the login is accepted.
    except RegistryError as error:
        raise CannotCheckError(f"logging in: {error}") from None
    else:
        yield ok(f"{account.username} may log in at {account.host}")
    if ".dkr.ecr." in account.host:
        yield warning("a password of ECR works for 12 hours", "deploy again with a new one before that")
    if challenge.scheme == "Basic":
        # Without tokens, only an upload would show more.
        yield ok(f"{account.host} requires only the login to push")
        return
    if _is_quay(registry):
        yield _quay(registry, account)
    else:
        yield _push_token(registry, account)


def _wrong_login(account: Account, error: RefusedError) -> Result:
    message = f"wrong password: {account.host} does not accept the login of {account.username} ({error})"
    return failed(message, "correct username and password of the stack's secret `registry`")


def _push_token(registry: Registry, account: Account) -> Result:
    scope = f"repository:{account.prefix}{PROBE}:pull,push"
    try:
        token = registry.token(scope)
    except RefusedError as error:
        return _refused(account, error)
    except RegistryError as error:
        return unchecked(f"pushing to {account.prefix}*: {error}")
    if token.actions is None:
        return unchecked(
            f"{account.host} issues a token for {account.prefix}* that does not say whether it allows pushing",
            "the first build will show it",
        )
    if "push" in token.actions:
        return ok(f"{account.username} may push to {account.host}/{account.prefix}*")
    if "pull" in token.actions:
        return _may_not_push(account)
    return _nothing_granted(registry, account)


def _nothing_granted(registry: Registry, account: Account) -> Result:
    """Explain a token without rights: no such organization, or no access to it. Harbor shows which without a login."""
    if registry.probe("GET", "/api/v2.0/ping") == HTTPStatus.OK:
        exists = registry.probe("HEAD", "/api/v2.0/projects", {"project_name": account.owner})
        if exists is not None:
            return _may_not_push(account) if exists == HTTPStatus.OK else _no_such_owner(account)
    return failed(
        f"{account.username} may neither pull nor push below {account.prefix} at {account.host}: there is no "
        f"organization {account.owner}, or {account.username} is not a member of it",
        f"create {account.owner} or correct the prefix; then let {account.username} push there",
    )


def _refused(account: Account, error: RefusedError) -> Result:
    words = str(error).lower()
    missing = error.code in ("NAME_UNKNOWN", "NAMESPACE_UNKNOWN", "NOT_FOUND") or any(
        word in words for word in ("not found", "does not exist", "no such", "unknown")
    )
    if error.status == HTTPStatus.NOT_FOUND or missing:
        return _no_such_owner(account, error)
    if error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _may_not_push(account, error)
    return unchecked(f"pushing to {account.prefix}*: {account.host} answers {error}")


def _no_such_owner(account: Account, error: RefusedError | None = None) -> Result:
    return failed(
        f"no such organization: {account.host} does not know {account.owner}" + (f" ({error})" if error else ""),
        f"create {account.owner} at {account.host}, or correct the registry's settings",
    )


def _may_not_push(account: Account, error: RefusedError | None = None) -> Result:
    return failed(
        f"{account.username} may not create images in {account.owner} at {account.host}"
        + (f" ({error})" if error else ""),
        f"give {account.username} the right to create and push below {account.owner}",
    )


# quay


def _is_quay(registry: Registry) -> bool:
    """Return whether it is quay, where a request for a push token creates the repository (endpoints/v2/v2auth.py)."""
    return registry.host == "quay.io" or (
        registry.challenge().realm.endswith("/v2/auth") and registry.probe("GET", "/api/v1/discovery") == HTTPStatus.OK
    )


def _quay(registry: Registry, account: Account) -> Result:
    exists = registry.probe("GET", f"/api/v1/organization/{account.owner}")
    if exists == HTTPStatus.NOT_FOUND:
        return _no_such_owner(account)
    return unchecked(
        f"whether {account.username} may create images in {account.owner}: asking {account.host} for a token to push "
        "would create the image",
        f"check that {account.username} is in a team with the role creator; with `robot: managed` this is done for you",
    )


def _managed(stack: Stack, organization: str, credentials: Credentials) -> Iterator[Result]:
    """Check that the API token may create the robots, and that existing robots do not have too many rights."""
    from hubs.clients.quay import QuayApi, QuayError

    names = robot_names(stack.cluster.name, [hub.deployed_as for hub in stack.hubs])
    tokens = {hub.key: credentials.registry(hub).token for hub in stack.hubs}
    if None in tokens.values():
        raise CannotCheckError("quay's API token is not available", HOW_TO_GIVE)
    for token in sorted({token for token in tokens.values() if token}):
        try:
            with QuayApi(QUAY, organization, token, timeout=10, attempts=2) as api:
                roles, teams = api.team_roles(), api.robots_in_teams()
        except QuayError as error:
            yield failed(str(error), "")
            continue
        yield ok(f"the API token administers {organization}")
        if roles.get(TEAM, CREATOR) != CREATOR:
            yield failed(
                f"the team {TEAM} exists with the role {roles[TEAM]}",
                f"give it the role {CREATOR}, or rename it at quay",
            )
        for hub in stack.hubs:
            if tokens[hub.key] == token:
                yield _robot(f"{organization}+{names[hub.deployed_as]}", roles, teams)


def _robot(robot: str, roles: Mapping[str, str], teams: Mapping[str, Set[str]]) -> Result:
    powerful = sorted(team for team in teams.get(robot, set()) if roles.get(team) == "admin")
    if powerful:
        return warning(
            f"{robot} is in {', '.join(powerful)}: a build pod could delete every image of the organization",
            "remove it from that team; it needs only its own",
        )
    return ok(f"{robot} {'exists and is kept' if robot in teams else 'will be created'}")


def _artifact_registry(registry: Registry) -> Iterable[Result]:
    try:
        registry.challenge()
    except RegistryError as error:
        return [failed(f"can't be reached: {error}", "check `location` of the registry, the network and any proxy")]
    return [
        ok(f"{registry.host} answers as a registry"),
        unchecked("pushing: `pulumi up` creates the account and its key", "check again with --after"),
    ]
