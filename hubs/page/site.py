"""The data that all processes of a local hub share: which hub it is, its values, and the ports."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SITE_FILE = "LOCALHUB_SITE"
"""Environment variable with the path of the file that `Site.load` reads."""


@dataclass(kw_only=True)
class Target:
    """One hub, with the values of its two Helm releases.

    `jupyterhub` and `binderhub` are the releases' values; `binderhub` is None for a hub without image building.
    `release` is the name of the jupyterhub release, `title` the name of the hub for people.
    """

    title: str
    domain: str
    release: str
    namespace: str
    jupyterhub: dict[str, Any]
    binderhub: dict[str, Any] | None


@dataclass(kw_only=True)
class Site(Target):
    """A hub on this machine: `public`, `hub`, `proxy_api` and `builder` are ports of 127.0.0.1."""

    directory: Path
    public: int
    hub: int
    proxy_api: int
    builder: int
    made_with: str = ""
    """Sentences that name the versions of the hub's software."""
    key: str = field(default_factory=lambda: secrets.token_hex(32))

    @property
    def url(self) -> str:
        """The URL of the hub for browsers."""
        return f"http://127.0.0.1:{self.public}"

    def save(self) -> Path:
        """Write the site for the other processes, readable by its owner only."""
        path = self.directory / "site.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({**asdict(self), "directory": str(self.directory)}))
        return path

    @classmethod
    def load(cls, path: str) -> Site:
        """Read the site that `save` wrote."""
        data = json.loads(Path(path).read_text())
        return cls(**{**data, "directory": Path(data["directory"])})

    def here(self, url: str) -> str:
        """Return the local URL for a URL of the cluster, and any other URL unchanged.

        Names resolve as in the hub's namespace, so a wrong name does not work locally either. Only the origin is
        replaced; paths stay the same.
        """
        parts = urlsplit(url)
        port = self._names().get(f"{parts.scheme}://{parts.netloc}")
        return url if port is None else f"http://127.0.0.1:{port}{url[len(parts.scheme) + 3 + len(parts.netloc) :]}"

    def _names(self) -> dict[str, int]:
        out = {f"https://{self.domain}": self.public}
        services = {(_prefixed(self.jupyterhub, "hub"), 8081): self.hub}
        if self.binderhub is not None:
            port = int((self.binderhub.get("service") or {}).get("port") or 80)
            services[_prefixed(self.binderhub, "binderhub"), port] = self.builder
        for (service, port), local in services.items():
            for suffix in ("", f".{self.namespace}", f".{self.namespace}.svc", f".{self.namespace}.svc.cluster.local"):
                out[f"http://{service}{suffix}:{port}"] = local
                if port == 80:
                    out[f"http://{service}{suffix}"] = local
        return out

    def hub_secret(self, key: str) -> str | None:
        """Return the content of a key of the chart's Secret `hub`, or None if it has no such key.

        Contents are generated for this run: 64 hexadecimal digits, equal for equal values, so that values that belong
        together match. Real secrets are not used.
        """
        if key in {"hub.config.JupyterHub.cookie_secret", "hub.config.CryptKeeper.keys"}:
            return self.stand_in(key)
        services = (self.jupyterhub.get("hub") or {}).get("services") or {}
        for name, service in services.items():
            if key == f"hub.services.{name}.apiToken":
                return self.stand_in(str((service or {}).get("apiToken") or key))
        return None

    def stand_in(self, secret: str) -> str:
        """Return the replacement for a secret in this run."""
        return hmac.new(self.key.encode(), secret.encode(), hashlib.sha256).hexdigest()


def _prefixed(values: Mapping[str, Any], name: str) -> str:
    """Return a chart's resource name, with the prefix `fullnameOverride` if it is set, as in both charts."""
    override = values.get("fullnameOverride")
    return f"{override}-{name}" if override else name
