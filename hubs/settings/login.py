"""Checks of `auth` and `roles` with the other settings: who could not log in, or would not be who was meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hubs.settings.auth import (
    OIDC,
    CILogon,
    GitHub,
    Google,
    IdentityProvider,
    MailDomain,
    Organization,
    is_team,
    lets_someone_in,
)
from hubs.settings.base import matching
from hubs.settings.hub import Hub
from hubs.settings.layers import Found, Path, mapping
from hubs.settings.scopes import role_name_problem, scope_problem
from hubs.settings.stack import Stack
from hubs.settings.user_names import UserNames, ambiguous, has_domain
from hubs.settings.version_warnings import has_default_image

_CONSUMER_DOMAINS = ("gmail.com", "googlemail.com")
"""Google accounts that belong to no organization, so `hosted_domain` always excludes them."""
_URLS = ("authorize_url", "token_url", "userdata_url")
_NO_ADDRESS = "{!r} probably matches no user: user names of this hub are mail addresses (username_claim)"
_LOAD_ROLES = ("values", "jupyterhub", "hub", "loadRoles")
SERVICES = ("binder", "jupyterhub-idle-culler")
"""Services that every hub can have: the program's and the chart's."""


def problems(stack: Stack, hub: Hub) -> Found:
    """Yield settings that JupyterHub or its authenticator refuses, or with which somebody can never log in."""
    if isinstance(hub.auth, OIDC) and not stack.cluster.demonstration:
        for key in _URLS:
            if (getattr(hub.auth, key) or "").startswith("http://"):
                yield ("auth", key), "must start with https://, so that nobody on the network can read or change logins"
    names = stack.user_names(hub)
    if isinstance(hub.auth, Google):
        yield from _google(hub.auth, names)
    if isinstance(hub.auth, GitHub):
        for path, name in _people(hub):
            if not all(c.isascii() and (c.isalnum() or c in "-_") for c in name):
                yield path, f"{name!r} can't be a user name of GitHub: letters, digits and '-' only"
    if has_default_image(hub):
        yield from _refused_roles(hub)


def warnings(stack: Stack, hub: Hub) -> Found:
    """Yield settings that may work, but probably not as intended."""
    names = stack.user_names(hub)
    auth = hub.auth
    if (reason := ambiguous(names)) is not None:
        yield ("auth",), reason
    if not lets_someone_in(auth) and auth.admins:
        yield ("auth",), "only administrators can log in: no other setting, such as allow or users, lets anyone else in"
    if auth.allow_all and names.domains:
        allowed = ", ".join(names.domains)
        yield ("auth", "allow_all"), f"has no effect: allow and the operators' domains restrict logins to {allowed}"
    if isinstance(auth, OIDC) and "." in auth.username_claim and "/" not in auth.username_claim:
        yield (
            ("auth", "username_claim"),
            "is not looked up inside another claim: the provider must name a claim like this",
        )
    if isinstance(auth, GitHub) and auth.groups_claim:
        yield ("auth", "groups_claim"), "has no effect with GitHub, where teams are groups named org:team"
    if isinstance(auth, GitHub):
        for path, group in _groups(hub):
            if not is_team(group):
                yield path, f"{group!r} is not a team of GitHub: teams are org:team"
    if isinstance(auth, CILogon):
        yield from _cilogon(auth)
    yield from _names_of_nobody(stack, hub, names)
    # An image of one's own may have a newer JupyterHub, with more scopes.
    if not has_default_image(hub):
        yield from ((path, f"{message} (or it is new in hub_image)") for path, message in _refused_roles(hub))
    for path in _plain_urls(mapping(hub.values.get("jupyterhub"), "hub", "config")):
        message = "is not encrypted (http://): anyone on the network can read and change logins"
        yield ("values", "jupyterhub", "hub", "config", *path), message


def operator_problems(stack: Stack) -> Found:
    """Yield mistakes in `operators` of the cluster. Paths begin below the cluster."""
    written: dict[str, Any] = {"github": Organization, "google": MailDomain}
    for kind, operators in stack.cluster.operators.items():
        rule = next(
            (item for item in getattr(written.get(kind), "__metadata__", ()) if isinstance(item, matching)), None
        )
        for number, item in enumerate(operators.allow):
            path = ("operators", kind, "allow", number)
            if rule is None:
                yield path[:-1], f"has no effect with {kind}: name people in admins"
                break
            if (message := rule.problem(item)) is not None:
                yield path, message


def _google(auth: Google, names: UserNames) -> Found:
    if auth.strip_domain is None and len(names.domains) > 1:
        domain = names.domains[0]
        yield (
            ("auth", "allow"),
            f"with several domains ({', '.join(names.domains)}, operators' included), set strip_domain: true keeps the"
            f" user names of a hub that had one domain (ada), false those of a hub that had several (ada@{domain});"
            " other names have other home directories",
        )
        return
    if auth.strip_domain is not None and not names.domains:
        yield ("auth", "strip_domain"), "has no effect without allow: user names are whole mail addresses"
    for key in ("admins", "users"):
        for number, name in enumerate(getattr(auth, key)):
            path = ("auth", key, number)
            local, at, domain = name.rpartition("@")
            if at and not local:
                yield path, f"{name!r} is a domain, not a person; name domains in allow"
            elif not at and not names.strips:
                yield path, f"{name!r} matches no user: user names of this hub are mail addresses; write {name}@DOMAIN"
            elif names.domains and domain.lower() in _CONSUMER_DOMAINS:
                allowed = ", ".join(names.domains)
                yield path, f"{name!r} can't log in, because allow restricts logins to accounts of {allowed}"


def _cilogon(auth: CILogon) -> Found:
    for entity_id, item in auth.identity_providers.items():
        path = ("auth", "identity_providers", entity_id)
        if item.username_claim == "sub" or (item.username_claim in ("oidc", "orcid") and "orcid.org" in entity_id):
            message = "is a URL at CILogon, which can't be a user name: nobody could log in; use email, eppn or another"
            yield (*path, "username_claim"), message
        if item.allow_all and item.allowed_domains:
            yield (*path, "allowed_domains"), "has no effect, because allow_all lets everyone in"
        claim = item.allowed_domains_claim or item.username_claim
        if item.allowed_domains and claim in ("sub", "oidc", "preferred_username"):
            yield (*path, "allowed_domains"), f"{claim} has no domain; set allowed_domains_claim: email"


def _names_of_nobody(stack: Stack, hub: Hub, names: UserNames) -> Found:
    """Yield names that nobody has: without the domain or prefix that user names of this hub have, or with one."""
    people = list(_people(hub))
    if isinstance(hub.auth, Google) and names.domains:
        yield from _outside(people, stack.operators(hub).admins, names.domains)
    elif isinstance(hub.auth, OIDC) and hub.auth.username_claim == "email":
        yield from ((path, _NO_ADDRESS.format(name)) for path, name in people if "@" not in name)
    elif isinstance(hub.auth, CILogon):
        yield from _unlike_names(people, list(hub.auth.identity_providers.values()), names)


def _outside(people: Sequence[tuple[Path, str]], operators: Sequence[str], domains: Sequence[str]) -> Found:
    def domain_of(name: str) -> str:
        return name.rpartition("@")[2].lower() if "@" in name else domains[0]

    for path, name in people:
        if domain_of(name) not in (*domains, *_CONSUMER_DOMAINS):
            allowed = ", ".join(domains)
            yield path, f"{name!r} can log in only if Google counts the account as one of {allowed} (see allow)"
    for name in operators:
        if domain_of(name) not in domains:
            where = "allow of the cluster's operators.google"
            yield ("auth", "allow"), f"the operator {name!r} can't log in: add {domain_of(name)} to {where}"


def _unlike_names(people: Sequence[tuple[Path, str]], providers: Sequence[IdentityProvider], names: UserNames) -> Found:
    prefixes = [f"{item.prefix}:" for item in providers if item.prefix]
    stripped = [item.strip_domain for item in providers if item.strip_domain]
    for path, written in people:
        name = names.of(written)
        if len(prefixes) == len(providers) and not name.startswith(tuple(prefixes)):
            yield (
                path,
                f"{name!r} matches no user: user names of this hub begin with {' or '.join(sorted(set(prefixes)))}",
            )
        elif all(has_domain(item) and not item.prefix for item in providers) and "@" not in name:
            yield path, _NO_ADDRESS.format(name)
        elif name.rpartition("@")[2].lower() in stripped:
            yield (
                path,
                f"{name!r} matches no user of the identity provider with strip_domain: its user names have no domain",
            )


def _people(hub: Hub) -> Iterator[tuple[Path, str]]:
    for key in ("admins", "users"):
        for number, name in enumerate(getattr(hub.auth, key)):
            yield ("auth", key, number), name


def _groups(hub: Hub) -> Iterator[tuple[Path, str]]:
    """Yield each group that a setting of the hub names, with the path of its list."""
    for key, profile in hub.named_profiles:
        for group in _allowed_groups(profile.model_dump()):
            yield ("profiles", key), group
    for group in hub.build.groups or []:
        yield ("build", "groups"), group
    for name, role in hub.roles.items():
        yield from ((("roles", name), group) for group in role.groups)
    for place, directory in hub.shared_directories.items():
        yield from ((("shared_directories", place), group) for group in directory.groups)


def _allowed_groups(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from (value or []) if key == "allowed_groups" else _allowed_groups(value)
    elif isinstance(node, list):
        for item in node:
            yield from _allowed_groups(item)


def _refused_roles(hub: Hub) -> Found:
    """Yield roles with which JupyterHub does not start, in `roles` and in `hub.loadRoles` of the chart's values."""
    chart = hub.values.get("jupyterhub")
    # Code of the hub's own may define scopes and services.
    own_code = bool(mapping(chart, "hub", "extraConfig"))
    custom = mapping(chart, "hub", "config", "JupyterHub", "custom_scopes")
    services = {*SERVICES, *mapping(chart, "hub", "services")}
    written: dict[tuple[str, ...], Any] = {("roles", name): role.model_dump() for name, role in hub.roles.items()}
    written |= {(*_LOAD_ROLES, name): role for name, role in mapping(chart, *_LOAD_ROLES[2:]).items()}
    for path, role in written.items():
        # Members of the admin role can be named in the chart's values. Its scopes can't be changed.
        if (path[-1] != "admin" or path[0] == "roles") and (message := role_name_problem(path[-1])) is not None:
            yield path, message
        for scope in _texts(role, "scopes"):
            if not (own_code and scope.startswith("custom:")) and (message := scope_problem(scope, custom)) is not None:
                yield path, message
        if path[-1] == "token" and {*_texts(role, "scopes")} - {"inherit"}:
            # Tokens of services have this role too, and JupyterHub gives them nothing that the service does not have.
            yield path, "tokens can only inherit what their owners may do: give the permissions to the role user"
        for service in _texts(role, "services"):
            if not own_code and service not in services:
                yield path, f"there is no service {service!r}: define it in values.jupyterhub.hub.services"


def _texts(node: Any, key: str) -> list[str]:
    found = node.get(key) if isinstance(node, dict) else None
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def _plain_urls(node: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _plain_urls(value, (*path, key))
    elif isinstance(node, str) and path and path[-1] in _URLS and node.startswith("http://"):
        yield path
