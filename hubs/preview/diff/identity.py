"""Describe changes of who people are on a hub: another user name means another home directory.

The effective configuration of both sides is compared, with oauthenticator's own defaults, so it does not matter in
which layer something is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hubs.preview.diff.words import shown
from hubs.settings.layers import mapping, value_at
from hubs.values.authentication import CLASSES

_CLASSES = dict(CLASSES.values())
"""Classes by their registered names. Those that this program does not configure are written as a class's path."""
_CLAIMS = {"GitHubOAuthenticator": "login", "GoogleOAuthenticator": "email", "GenericOAuthenticator": "username"}
"""Default `username_claim` of each class."""
_SOURCES = ("authorize_url", "token_url", "userdata_url", "github_url", "cilogon_host", "google_api_url")
_EFFECT = "another user name, and so another home directory"


def identity_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield what changes about user names, and which login providers are new, between the values of two releases of the
    jupyterhub chart."""
    before, was = _login(old)
    after, now = _login(new)
    if not before or not after:
        return
    if before != after:
        arrow = _arrow(_name(old), _name(new))
        yield f"identity: the authenticator changes: {arrow}: everyone may get {_EFFECT}"
        return
    for key in _SOURCES:
        if was.get(key) != now.get(key) and None not in (was.get(key), now.get(key)):
            arrow = _arrow(was[key], now[key])
            yield f"identity: another provider says who people are: {key}: {arrow}: everyone may get {_EFFECT}"
    claims = [
        options.get("username_claim") or options.get("username_key") or _CLAIMS.get(after) for options in (was, now)
    ]
    if claims[0] != claims[1]:
        yield f"identity: user names change: username_claim: {_arrow(*claims)}: everyone gets {_EFFECT}"
    if was.get("auth_state_groups_key") != now.get("auth_state_groups_key"):
        arrow = _arrow(was.get("auth_state_groups_key"), now.get("auth_state_groups_key"))
        yield f"identity: other groups decide what people may do: auth_state_groups_key: {arrow}"
    if was.get("username_map") != now.get("username_map"):
        yield f"identity: user names change: username_map: the people in it get {_EFFECT}"
    if after == "GoogleOAuthenticator":
        yield from _google(was, now)
    elif after == "CILogonOAuthenticator":
        yield from _cilogon(was, now)


def _google(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    before, after = _domains(was), _domains(now)
    stripped = [_stripped(options, domains) for options, domains in ((was, before), (now, after))]
    # Without domains, everyone with a Google account can be allowed.
    both = [domain for domain in (before or after) if domain in (after or before)]
    changed = [domain for domain in both if (domain in stripped[0]) != (domain in stripped[1])]
    if changed:
        example = changed[0]
        names = ["ada" if example in side else f"ada@{example}" for side in stripped]
        yield f"identity: user names change: {_arrow(*names)}: everyone of {_listed(changed)} gets {_EFFECT}"
    added = [domain for domain in stripped[1] if before and domain not in before]
    if added and stripped[0]:
        yield (
            f"identity: people of {_listed(added)} get user names without their domain: whoever has the same name as"
            f" somebody of {_listed(stripped[0])} gets that person's account and home directory"
        )
    if before and not after and now.get("allow_all"):
        yield "more people may log in: everyone with a Google account, because hosted_domain is removed"
    elif before and (wider := [domain for domain in after if domain not in before]):
        yield f"the allow list is wider: hub.config.GoogleOAuthenticator.hosted_domain: + {_listed(wider)}"


def _cilogon(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    before, after = _providers(was), _providers(now)
    for entity_id, names in after.items():
        if entity_id not in before:
            yield f"the allow list is wider: another identity provider may say who people are: + {shown(entity_id)}"
        elif names != before[entity_id]:
            arrow = _arrow(before[entity_id], names)
            yield f"identity: user names change: {shown(entity_id)}: {arrow}: everyone there gets {_EFFECT}"


def _login(values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the name of the authenticator's class, and its configuration with that of its parents."""
    name = _name(values)
    kind = _CLASSES.get(name, name.replace(":", ".").rpartition(".")[2])
    options: dict[str, Any] = {}
    for section in ("Authenticator", "OAuthenticator", kind):
        options |= mapping(values, "hub", "config", section)
    return kind, {key: value for key, value in options.items() if value is not None}


def _name(values: Mapping[str, Any]) -> str:
    return str(value_at(values, "hub", "config", "JupyterHub", "authenticator_class") or "")


def _domains(options: Mapping[str, Any]) -> list[str]:
    found = options.get("hosted_domain") or []
    return [str(domain).lower() for domain in ([found] if isinstance(found, str) else found)]


def _stripped(options: Mapping[str, Any], domains: list[str]) -> list[str]:
    """Return the domains that user names don't have. oauthenticator's default depends on their number."""
    return domains if options.get("strip_domain", len(domains) <= 1) else []


def _providers(options: Mapping[str, Any]) -> dict[str, str]:
    """Return how each identity provider's user names look, such as `prefix:email`."""
    found = options.get("idps") or options.get("allowed_idps") or {}
    names = {}
    for entity_id, item in found.items() if isinstance(found, dict) else ():
        rule = mapping(item, "username_derivation")
        claim, action = str(rule.get("username_claim")), rule.get("action")
        if action == "prefix":
            claim = f"{rule.get('prefix')}:{claim}"
        elif action == "strip_idp_domain":
            claim = f"{claim} without @{str(rule.get('domain')).lower()}"
        names[str(entity_id)] = claim
    return names


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(shown, names))


def _arrow(old: Any, new: Any) -> str:
    return f"{shown(old)} → {shown(new)}"
