"""Random secrets of a hub, which never change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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
    """`hub.services.binder.apiToken`: authenticates BinderHub to the hub."""
