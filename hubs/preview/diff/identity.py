"""Describe changes of who people are on a hub: another user name means another home directory.

The effective configuration of both sides is compared, with oauthenticator's own defaults, so it does not matter in
which layer something is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hubs.preview.diff.judged import Judgement, Level, Origin
from hubs.preview.diff.leaves import MISSING, Path, dotted
from hubs.preview.diff.rules.login import PARENTS
from hubs.preview.diff.words import shown
from hubs.settings.layers import mapping, value_at
from hubs.settings.touches import Touches
from hubs.values.authentication import CLASSES

_CLASSES = dict(CLASSES.values())
"""Classes by their registered names. Those that this program does not configure are written as a class's path."""
_CLAIMS = {"GitHubOAuthenticator": "login", "GoogleOAuthenticator": "email", "GenericOAuthenticator": "username"}
"""Default `username_claim` of each class."""
_ANYONE = {
    "DummyAuthenticator": ", as an administrator too, unless there is a password that all share",
}
"""Classes that check nobody's name, and what to add."""
_SOURCES = ("authorize_url", "token_url", "userdata_url", "github_url", "cilogon_host", "google_api_url")
_CONFIG = ("hub", "config")
_EFFECT = "another user name, and so another home directory"


@dataclass(frozen=True)
class Identity:
    """What changes about user names: `judgements`, and the paths in the chart's values that these decide about."""

    judgements: tuple[Judgement, ...] = ()
    decides: frozenset[Path] = frozenset()


def identity_of(old: Mapping[str, Any], new: Mapping[str, Any]) -> Identity:
    """Return what changes about user names, and about who says them, between the values of two releases of the
    jupyterhub chart."""
    before, was = _login(old)
    after, now = _login(new)
    if not before or not after:
        return Identity()
    keys = [*_SOURCES, "username_claim", "username_key", "auth_state_groups_key", "username_map"]
    keys += ["strip_domain"] * (after == "GoogleOAuthenticator")
    decides = {(*_CONFIG, section, key) for section in _sections(after) for key in keys}
    decides.add((*_CONFIG, "JupyterHub", "authenticator_class"))
    found = list(_changes(before, was, after, now, _arrow(_name(old), _name(new))))
    for keys in (["allowed_idps", "idps"], ["hosted_domain"]):
        if any(one.path.endswith(keys[0]) for one in found):
            decides |= {(*_CONFIG, after, key) for key in keys}
    return Identity(tuple(found), frozenset(decides))


def _changes(
    before: str, was: Mapping[str, Any], after: str, now: Mapping[str, Any], classes: str
) -> Iterator[Judgement]:
    if before != after:
        text = f"the authenticator changes: {classes}: everyone may get {_EFFECT}"
        if after in _ANYONE:
            text = f"the authenticator changes: {classes}: anyone can log in under any name{_ANYONE[after]}"
        yield _judgement(("JupyterHub", "authenticator_class"), (before, after), text, "authenticator")
        return
    sources = [key for key in _SOURCES if was.get(key) != now.get(key) and None not in (was.get(key), now.get(key))]
    if sources:
        pairs = ", ".join(f"{key}: {_arrow(was[key], now[key])}" for key in sources)
        text = f"another provider says who people are: {pairs}: everyone may get {_EFFECT}"
        yield _judgement((after, sources[0]), (was[sources[0]], now[sources[0]]), text, "login provider")
    claims = [
        options.get("username_claim") or options.get("username_key") or _CLAIMS.get(after) for options in (was, now)
    ]
    if claims[0] != claims[1]:
        text = f"user names change: username_claim: {_arrow(*claims)}: everyone gets {_EFFECT}"
        yield _judgement((after, "username_claim"), claims, text)
    groups = [side.get("auth_state_groups_key") for side in (was, now)]
    if groups[0] != groups[1]:
        text = f"other groups decide what people may do: auth_state_groups_key: {_arrow(*groups)}"
        yield _judgement((after, "auth_state_groups_key"), groups, text, "where groups are in the user data")
    maps = [side.get("username_map") or {} for side in (was, now)]
    if maps[0] != maps[1]:
        text = f"user names change: username_map: the people in it get {_EFFECT}"
        yield _judgement(("Authenticator", "username_map"), maps, text)
    if after == "GoogleOAuthenticator":
        yield from _google(was, now)
    elif after == "CILogonOAuthenticator":
        yield from _cilogon(was, now)


def _judgement(place: Path, sides: Sequence[Any], sentence: str, subject: str = "user names") -> Judgement:
    old, new = (MISSING if side is None else side for side in sides)
    where = dotted(("values", "jupyterhub", *_CONFIG, *place))
    return Judgement(Level.DANGEROUS, Touches.LOGIN, where, subject, old, new, origin=Origin.VALUE, sentence=sentence)


def _google(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Judgement]:
    before, after = _domains(was), _domains(now)
    stripped = [_stripped(options, domains) for options, domains in ((was, before), (now, after))]
    # Without domains, everyone with a Google account can be allowed.
    both = [domain for domain in (before or after) if domain in (after or before)]
    changed = [domain for domain in both if (domain in stripped[0]) != (domain in stripped[1])]
    place = ("GoogleOAuthenticator", "strip_domain")
    if changed:
        example = changed[0]
        names = ["ada" if example in side else f"ada@{example}" for side in stripped]
        text = f"user names change: {_arrow(*names)}: everyone of {_listed(changed)} gets {_EFFECT}"
        yield _judgement(place, names, text)
    added = [domain for domain in stripped[1] if before and domain not in before]
    if added and stripped[0]:
        text = (
            f"people of {_listed(added)} get user names without their domain: whoever has the same name as"
            f" somebody of {_listed(stripped[0])} gets that person's account and home directory"
        )
        yield _judgement(place, (before, after), text, "domains that may log in")
    if before and not after and now.get("allow_all"):
        text = "more people may log in: everyone with a Google account, because hosted_domain is removed"
        place = ("GoogleOAuthenticator", "hosted_domain")
        yield _judgement(place, (before, MISSING), text, "domains that may log in")


def _cilogon(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Judgement]:
    before, after = _providers(was), _providers(now)
    place = ("CILogonOAuthenticator", "allowed_idps")
    for entity_id, names in after.items():
        if entity_id not in before:
            text = f"more people may log in: another identity provider may say who people are: + {shown(entity_id)}"
            yield _judgement(place, (MISSING, entity_id), text, "identity providers")
        elif names != before[entity_id]:
            arrow = _arrow(before[entity_id], names)
            text = f"user names change: {shown(entity_id)}: {arrow}: everyone there gets {_EFFECT}"
            yield _judgement(place, (before[entity_id], names), text)


def in_use(values: Mapping[str, Any], section: str) -> bool:
    """Return whether a section of `hub.config` is about the authenticator that the values choose. Of a class that is
    not oauthenticator's or JupyterHub's, nobody knows the parents."""
    kind, _ = _login(values)
    if kind not in PARENTS:
        return True
    chain = [kind]
    while chain[-1] in PARENTS:
        chain.append(PARENTS[chain[-1]])
    return section in chain


def _sections(kind: str) -> tuple[str, ...]:
    """Return the sections of the configuration that set traits of a class of authenticators."""
    return ("Authenticator", "OAuthenticator", kind)


def _login(values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the name of the authenticator's class, and its configuration with that of its parents."""
    name = _name(values)
    kind = _CLASSES.get(name, name.replace(":", ".").rpartition(".")[2])
    options: dict[str, Any] = {}
    for section in _sections(kind):
        options |= mapping(values, "hub", "config", section)
    return kind, {key: value for key, value in options.items() if value is not None}


def _name(values: Mapping[str, Any]) -> str:
    return str(value_at(values, "hub", "config", "JupyterHub", "authenticator_class") or "")


def _domains(options: Mapping[str, Any]) -> list[str]:
    found = options.get("hosted_domain") or []
    listed = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return [str(domain).lower() for domain in listed]


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
