"""How a name that people write is spelled on the hub: with or without its domain.

The user name is also the name of the home directory. Sources: `user_info_to_username` of oauthenticator's classes.
JupyterHub itself turns every name into lower case, in its configuration too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hubs.settings.auth import Auth, CILogon, Google, IdentityProvider

MAIL_CLAIMS = ("email", "eppn")
"""Claims whose values have a domain."""


@dataclass(frozen=True)
class UserNames:
    """The spelling of user names with one hub's `auth`. `domains`: Google domains that may log in, also operators'."""

    auth: Auth
    domains: tuple[str, ...] = ()

    @property
    def strips(self) -> bool:
        """Whether Google's user names have no domain. oauthenticator's own default depends on the number of domains."""
        if not isinstance(self.auth, Google) or not self.domains:
            return False
        return len(self.domains) == 1 if self.auth.strip_domain is None else self.auth.strip_domain

    def of(self, written: str) -> str:
        """Return the user name that somebody with this name or mail address has on the hub."""
        local, at, domain = written.rpartition("@")
        if at and local and domain.lower() in self._stripped():
            return local
        return written

    def all(self, written: Iterable[str]) -> list[str]:
        """Return the user names of several people, each once."""
        return list(dict.fromkeys(self.of(name) for name in written))

    def _stripped(self) -> Sequence[str]:
        """Return the domains that no user name has."""
        if self.strips:
            return self.domains
        if not isinstance(self.auth, CILogon):
            return ()
        providers = self.auth.identity_providers.values()
        found = {item.strip_domain for item in providers if not item.prefix}
        # With another provider in the set, the name without the domain could be somebody else.
        return [domain for domain in found if domain] if len(found) == 1 else ()


def ambiguous(names: UserNames) -> str | None:
    """Return why two people could get the same user name, and so the same home directory, or None."""
    auth = names.auth
    if isinstance(auth, Google) and names.strips and len(set(names.domains)) > 1:
        return (
            f"strip_domain with the domains {', '.join(names.domains)}: people of the same name in two of them share"
            " one account and one home directory"
        )
    if not isinstance(auth, CILogon):
        return None
    unmarked = [item for item in auth.identity_providers.values() if not item.prefix]
    bare = {item.strip_domain or item.username_claim for item in unmarked if item.strip_domain or not has_domain(item)}
    if len(bare) < 2 or not any(item.strip_domain for item in unmarked):
        return None
    return "identity providers issue user names without a domain: people of the same name share one account; set prefix"


def has_domain(item: IdentityProvider) -> bool:
    """Return whether the user names of an identity provider are mail addresses."""
    return item.username_claim in MAIL_CLAIMS and not item.strip_domain
