"""What the processes of one local hub share: whose hub it is, its values, and where everything listens."""

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
"""Environment variable: the file that `Site.load` reads."""


@dataclass(kw_only=True)
class Target:
    """One hub, as its two Helm releases would get it.

    `jupyterhub` and `binderhub` are the releases' values, `binderhub` None where the hub has no building; `release` is
    the name of the first. `title` says to people which hub it is.
    """

    title: str
    domain: str
    release: str
    namespace: str
    jupyterhub: dict[str, Any]
    binderhub: dict[str, Any] | None


@dataclass(kw_only=True)
class Site(Target):
    """A hub and its places on this machine: `public`, `hub`, `proxy_api` and `builder` are ports of 127.0.0.1."""

    directory: Path
    public: int
    hub: int
    proxy_api: int
    builder: int
    key: str = field(default_factory=lambda: secrets.token_hex(32))

    @property
    def url(self) -> str:
        """Where a person's browser finds the hub."""
        return f"http://127.0.0.1:{self.public}"

    def save(self) -> Path:
        """Writes the site for the other processes, readable by its owner alone."""
        path = self.directory / "site.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({**asdict(self), "directory": str(self.directory)}))
        return path

    @classmethod
    def load(cls, path: str) -> Site:
        """The site that `save` wrote."""
        data = json.loads(Path(path).read_text())
        return cls(**{**data, "directory": Path(data["directory"])})

    def here(self, url: str) -> str:
        """A URL of the cluster as it is reached on this machine; any other URL as it is.

        Names resolve as they would in the hub's namespace, so a wrong one leads nowhere here too. Only the origin is
        replaced: paths stay as stitched, to the letter.
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
        """The content of a key of the Secret `hub` that the jupyterhub chart makes; None where it has no such key.

        Contents are made up for this run, 64 hexadecimal digits, the same for the same value: the real ones stay where
        they are, and values that belong together still match.
        """
        if key in {"hub.config.JupyterHub.cookie_secret", "hub.config.CryptKeeper.keys"}:
            return self.stand_in(key)
        services = (self.jupyterhub.get("hub") or {}).get("services") or {}
        for name, service in services.items():
            if key == f"hub.services.{name}.apiToken":
                return self.stand_in(str((service or {}).get("apiToken") or key))
        return None

    def stand_in(self, secret: str) -> str:
        """What takes the place of a secret in this run."""
        return hmac.new(self.key.encode(), secret.encode(), hashlib.sha256).hexdigest()


def _prefixed(values: Mapping[str, Any], name: str) -> str:
    """A chart's resource name: bare unless `fullnameOverride` says otherwise, in both charts."""
    override = values.get("fullnameOverride")
    return f"{override}-{name}" if override else name
