"""Random secrets that a hub keeps for its whole life."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Tokens:
    """Hexadecimal, 32 bytes each; Pulumi outputs in the program. Were they left to the chart, each render without a
    cluster would make new ones (zero-to-jupyterhub-k8s 3903)."""

    proxy: Any = field(repr=False)
    """`proxy.secretToken`: between hub and proxy."""
    cookie: Any = field(repr=False)
    """`hub.cookieSecret`: signs logins."""
    crypt_key: Any = field(repr=False)
    """`hub.config.CryptKeeper.keys`: encrypts what the login provider said of a user."""
    binder: Any = field(repr=False)
    """`hub.services.binder.apiToken`: BinderHub's own at the hub."""
