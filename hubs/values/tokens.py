"""Random secrets of a hub, which never change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Self

from hubs.values.binder_service import NAME
from hubs.values.provenance import reads


@dataclass(frozen=True)
class Tokens:
    """Secrets of 32 bytes each, hexadecimal; Pulumi outputs in the program. The chart can't generate them: it creates
    new ones at each rendering without a cluster (jupyterhub/zero-to-jupyterhub-k8s#3903)."""

    proxy: Any = field(repr=False)
    """`proxy.secretToken`: authenticates the hub to the proxy."""
    cookie: Any = field(repr=False)
    """`hub.cookieSecret`: signs logins."""
    crypt_key: Any = field(repr=False)
    """`hub.config.CryptKeeper.keys`: encrypts the login provider's data about users."""
    binder: Any = field(repr=False)
    """`hub.services.binder.apiToken`: BinderHub's token for the hub."""

    @classmethod
    def named(cls, token: Callable[[str], Any]) -> Self:
        """Return the tokens that `token` creates for the names proxy, cookie, crypt-key and binder."""
        return cls(**{item.name: token(item.name.replace("_", "-")) for item in fields(cls)})


@reads(wires="random secrets in Pulumi's state")
def jupyterhub_tokens(tokens: Tokens) -> dict[str, Any]:
    """The tokens in their places in the jupyterhub chart."""
    return {
        "proxy": {"secretToken": tokens.proxy},
        "hub": {
            "cookieSecret": tokens.cookie,
            "config": {"CryptKeeper": {"keys": [tokens.crypt_key]}},
            "services": {NAME: {"apiToken": tokens.binder}},
        },
    }
