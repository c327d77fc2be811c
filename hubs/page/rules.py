"""Who may log in to the deployed hub: the rules of its own authenticator class, applied to the names and groups that
people enter on the local login page."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable
from typing import Any

from tornado.web import HTTPError
from traitlets.config import Config

from hubs.page.notes import print_note

_SHOWN = 5
"""Names of groups or people in one sentence."""
Answers = Collection[str]
"""Groups, organizations and teams that somebody says to be in."""


class RefusedError(Exception):
    """The deployed hub would refuse somebody. `str()` is a sentence that says why, and what to try."""


class _AsksProviderError(Exception):
    """The authenticator would ask its provider."""


class Rules:
    """The rules of an authenticator class with its configuration.

    Users and their groups are as the provider would send them. Nothing is asked over the network.
    """

    def __init__(self, own: type, config: Config) -> None:
        self.real = _offline(own)(config=config)
        for trait in ("admin_users", "allowed_users"):  # as JupyterHub does when it starts
            setattr(self.real, trait, set(map(self.real.normalize_username, getattr(self.real, trait))))

    @property
    def providers(self) -> list[str]:
        """The identity providers to choose from, the default one first."""
        return sorted(self._trait("allowed_idps") or {}, key=lambda idp: not self._idp(idp).get("default"))

    @property
    def groups(self) -> list[str]:
        """Groups, organizations and teams whose members may log in or administer."""
        found = {*self._trait("allowed_organizations"), *self._trait("allowed_groups"), *self._trait("admin_groups")}
        for name in ("allowed_google_groups", "admin_google_groups"):
            found.update(*self._trait(name).values()) if self._trait(name) else None
        found |= {*self._trait("allowed_globus_groups"), *self._trait("allowed_scopes")}
        return sorted(map(str, found))

    @property
    def names(self) -> list[str]:
        """User names that may log in: single users, and administrators."""
        return sorted({*self._trait("allowed_users"), *self._trait("admin_users")} - self._trait_set("blocked_users"))

    @property
    def domains(self) -> list[str]:
        """Domains whose accounts may log in."""
        listed = [self._idp(idp).get("allowed_domains") or () for idp in self.providers]
        return sorted({*self._trait("hosted_domain"), *(domain for domains in listed for domain in domains)})

    @property
    def usual_name(self) -> str:
        """A name that may log in if all groups are ticked, `demo` if possible."""
        idp = self._idp(self.providers[0]) if self.providers else {}
        if self._trait("allow_all") or self.groups or self._trait("hosted_domain") or idp.get("allow_all"):
            return "demo"
        if idp.get("allowed_domains"):
            return f"demo@{idp['allowed_domains'][0].replace('*', 'x')}"
        return next(iter(self.names), "demo")

    def account(self, written: str, groups: Answers, provider: str) -> dict[str, Any]:
        """Return the user as `authenticate` of the class does, for a name that was typed and groups that were ticked.

        `provider` is one of `providers`, or empty. Raises RefusedError.
        """
        try:
            return self._account(written, groups, provider)
        except (HTTPError, ValueError) as error:
            raise self._refused(written, _reason(error)) from None

    async def check(self, user: dict[str, Any]) -> None:
        """Raise RefusedError if the user of `account` may not log in."""
        name = user["name"]
        try:
            if not self.real.validate_username(name):
                raise self._refused(name, "it is not a valid user name")
            if not await _result(self.real.check_blocked_users(name, user)):
                raise self._refused(name, self._why_blocked(name))
            if not (self._trait("allow_all") or await _result(self.real.check_allowed(name, user))):
                raise self._refused(name, "")
        except HTTPError as error:
            raise self._refused(name, _reason(error)) from None
        except RefusedError:
            raise
        except Exception as error:
            # Code of the community, or a class that needs its provider.
            print_note(f"whether {name!a} may log in to the deployed hub was not checked: {type(error).__name__}")

    def _account(self, written: str, groups: Answers, provider: str) -> dict[str, Any]:
        real = self.real
        key = getattr(real, "user_auth_state_key", None)
        if key is None:  # not an OAuthenticator
            return {"name": real.normalize_username(written), "auth_state": {}}
        info = self._info(written, groups, provider)
        name = real.normalize_username(real.user_info_to_username(info))
        # A team's member is a member of its organization. Only teams become groups on the hub.
        teams = [group for group in groups if ":" in group] if hasattr(real, "allowed_organizations") else list(groups)
        admins = self._trait_set("admin_groups") & set(teams)
        state = {
            key: info,
            "scope": list(groups),
            "globus_groups": set(groups),
            "token_response": {"access_token": frozenset(groups), "token_type": "none"},
        }
        is_admin = True if admins or name in self._trait("admin_users") else None
        return {"name": name, "admin": is_admin, "groups": teams, "auth_state": state}

    def _info(self, written: str, groups: Answers, provider: str) -> dict[str, Any]:
        """Return what the provider says about somebody. A name without a domain is one of the first allowed domain."""
        if hosted := list(self._trait("hosted_domain")):
            written = written if "@" in written else f"{written}@{hosted[0]}"
        domain = written.rpartition("@")[2].lower() if "@" in written else ""
        info: dict[str, Any] = {"email": written, "verified_email": True, "email_verified": True, "hd": domain}
        info |= {"google_groups": set(groups), "domain": domain}
        claim = self._trait("username_claim")
        if self.providers:
            idp = self._idp(provider or self.providers[0])
            derivation = idp.get("username_derivation") or {}
            claim = derivation.get("username_claim")
            # People may also write the name that they have on the hub.
            if prefix := derivation.get("prefix"):
                written = written.removeprefix(f"{prefix}:")
            if derivation.get("action") == "strip_idp_domain" and "@" not in written:
                written = f"{written}@{derivation.get('domain')}"
            info |= {"idp": provider or self.providers[0], idp.get("allowed_domains_claim") or "email": written}
        return info | ({claim: written} if isinstance(claim, str) else {"name": written})

    def _idp(self, name: str) -> dict[str, Any]:
        found = (self._trait("allowed_idps") or {}).get(name)
        return found if isinstance(found, dict) else {}

    def _trait(self, name: str) -> Any:
        return getattr(self.real, name, None) or ()

    def _trait_set(self, name: str) -> set[str]:
        return set(self._trait(name))

    def _why_blocked(self, name: str) -> str:
        if name in self._trait("blocked_users"):
            return "the name is blocked"
        return (
            f"only accounts of {_some(self._trait('hosted_domain'))} can" if self._trait("hosted_domain") else "blocked"
        )

    def _refused(self, name: str, why: str) -> RefusedError:
        ways = {
            "tick": self.groups,
            "use an account of": self.domains,
            "use the name": self.names,
        }
        about = ["this name"] + ["this domain"] * bool(self.domains) + ["these groups"] * bool(self.groups)
        why = why or f"no rule allows {' or '.join(about)}"
        todo = ", or ".join(f"{way} {_some(found)}" for way, found in ways.items() if found)
        todo = f" {todo[0].upper()}{todo[1:]}." if todo else ""
        return RefusedError(f"On the deployed hub, {name} can't log in: {why}.{todo}")


def _offline(own: type) -> type:
    """Return the class without its requests to the provider."""

    async def ask(_self: Any, *_: Any, **__: Any) -> None:
        raise _AsksProviderError

    async def is_member(_self: Any, wanted: str, _user: str, groups: Answers, *_: Any) -> bool:
        # GitHub ignores case.
        known = {group.casefold() for group in groups}
        return wanted.casefold() in known | {group.partition(":")[0] for group in known}

    replaced = {"httpfetch": ask, "_check_membership_allowed_organizations": is_member}
    return type(own.__name__, (own,), {name: method for name, method in replaced.items() if hasattr(own, name)})


async def _result(found: Any) -> Any:
    return await found if inspect.isawaitable(found) else found


def _reason(error: Exception) -> str:
    text = (error.log_message or error.reason or "") if isinstance(error, HTTPError) else "the provider sends no name"
    return text.rstrip(".") or "the authenticator refuses it"


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    more = f" or {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return " or ".join(found[:_SHOWN]) if not more else ", ".join(found[:_SHOWN]) + more
