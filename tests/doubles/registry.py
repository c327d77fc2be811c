"""A stand-in for an OCI registry with its own token realm, which accepts only tokens that it issued.

https://distribution.github.io/distribution/spec/auth/token/. Read-only: writes are refused and recorded as errors.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.server import Double, Reply, Request

SCOPE = re.compile(r"repository:([a-z0-9]+(?:[._/-]+[a-z0-9]+)*):((?:pull|push|delete)(?:,(?:pull|push|delete))*)")
INDEX = "application/vnd.oci.image.index.v1+json"


@dataclass
class Account:
    password: str
    push: list[str] = field(default_factory=list)
    """Prefixes of the names that it may push to."""
    pull: list[str] = field(default_factory=list)


@dataclass
class Repository:
    public: bool = True
    tags: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Media type and content of each manifest, by tag."""
    blobs: dict[str, bytes] = field(default_factory=dict)


class RegistryDouble(Double):
    """`claims`: whether tokens contain their permissions (JWT) or are opaque. `quay`: behaves like quay's realm."""

    def __init__(self, *, claims: bool = True, quay: bool = False, harbor: bool = False) -> None:
        super().__init__()
        self.claims, self.quay, self.harbor = claims, quay, harbor
        self.accounts: dict[str, Account] = {}
        self.organizations: set[str] = set()
        self.repositories: dict[str, Repository] = {}
        self._tokens: dict[str, tuple[str, frozenset[str]]] = {}

    @property
    def realm(self) -> str:
        return "/v2/auth" if self.quay else "/service/token"

    def add_image(self, repository: str, tag: str, *, public: bool = True) -> str:
        """Add a manifest under a tag, and return its digest."""
        content = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [], "note": f"{repository}:{tag}"})
        self.repositories.setdefault(repository, Repository(public)).tags[tag] = (INDEX, content.encode())
        return digest(content.encode())

    def add_chart(self, repository: str, version: str, archive: bytes, chart: dict[str, Any]) -> None:
        """Add a Helm chart as `helm push` does."""
        config = json.dumps(chart).encode()
        manifest = {
            "schemaVersion": 2,
            "config": {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": digest(config)},
            "layers": [{"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest": digest(archive)}],
        }
        entry = self.repositories.setdefault(repository, Repository())
        entry.tags[version] = ("application/vnd.oci.image.manifest.v1+json", json.dumps(manifest).encode())
        entry.blobs |= {digest(config): config, digest(archive): archive}

    def answer(self, request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            raise AssertionError(f"something wrote: {request.method} {request.path}")
        if request.path == self.realm:
            return self._token(request)
        if request.path.startswith("/v2/"):
            return self._v2(request)
        return self._beside(request)

    def _beside(self, request: Request) -> Reply:
        if self.quay and request.path == "/api/v1/discovery":
            return Reply(200, {"swagger": "2.0"})
        if self.quay and (match := re.fullmatch(r"/api/v1/organization/(\w+)", request.path)):
            return Reply(200 if match[1] in self.organizations else 404, {})
        if self.harbor and request.path == "/api/v2.0/ping":
            return Reply(200, b"Pong")
        if self.harbor and request.path == "/api/v2.0/projects":
            return Reply(200 if request.query["project_name"][0] in self.organizations else 404)
        return Reply(404, b"404 page not found\n", {"Content-Type": "text/plain"})

    def _token(self, request: Request) -> Reply:
        assert request.query["service"] == [self.host], "the service of the challenge must be given back"
        account = None
        if "authorization" in request.headers:
            name, _, password = (
                base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode().partition(":")
            )
            account = self.accounts.get(name)
            if account is None or account.password != password:
                return error(401, "UNAUTHORIZED", f"bad login of {name} with {password}")
        if "scope" not in request.query:
            return self._give("", frozenset()) if account else error(401, "UNAUTHORIZED", "authentication required")
        match = SCOPE.fullmatch(request.query["scope"][0])
        assert match, f"no scope: {request.query['scope']}"
        return self._give(match[1], self._granted(account, match[1], set(match[2].split(","))))

    def _granted(self, account: Account | None, name: str, wanted: set[str]) -> frozenset[str]:
        repository = self.repositories.get(name)
        allowed = set()
        if repository and repository.public:
            allowed.add("pull")
        if account and name.partition("/")[0] in self.organizations:
            if any(name.startswith(prefix) for prefix in account.push):
                allowed |= {"pull", "push"}
                if self.quay and "push" in wanted:
                    self.repositories.setdefault(name, Repository(public=False))  # as quay does
            if any(name.startswith(prefix) for prefix in account.pull):
                allowed.add("pull")
        return frozenset(allowed & wanted)

    def _give(self, name: str, actions: frozenset[str]) -> Reply:
        access = [{"type": "repository", "name": name, "actions": sorted(actions)}] if name else []
        token = self.encode(access) if self.claims else secrets.token_urlsafe(16)
        self._tokens[token] = (name, actions)
        return Reply(200, {"token": token, "expires_in": 300})

    def encode(self, access: list[dict[str, Any]]) -> str:
        """Return a token with its permissions, which only this stand-in accepts."""
        claims = json.dumps({"access": access, "jti": secrets.token_urlsafe(16)}).encode()
        return f"e30.{base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}.c2ln"

    def _v2(self, request: Request) -> Reply:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        name, actions = self._tokens.get(token, ("", frozenset()))
        match = re.fullmatch(r"/v2/(.+)/(manifests|blobs)/([^/]+)", request.path)
        if not match or name != match[1] or "pull" not in actions:
            header = f'Bearer realm="{self.url}{self.realm}",service="{self.host}"'
            return Reply(401, error(401, "UNAUTHORIZED", "authentication required").body, {"WWW-Authenticate": header})
        repository = self.repositories.get(match[1], Repository())
        if match[2] == "blobs":
            blob = repository.blobs.get(match[3])
            return (
                Reply(200, blob, {"Content-Type": "application/octet-stream"})
                if blob
                else error(404, "BLOB_UNKNOWN", "")
            )
        for tag, (media_type, content) in repository.tags.items():
            if match[3] in (tag, digest(content)):
                assert media_type in request.headers["accept"], "the kind of manifest must be asked for"
                headers = {"Content-Type": media_type, "Docker-Content-Digest": digest(content)}
                return Reply(200, content, headers)
        return error(404, "MANIFEST_UNKNOWN", "manifest unknown")


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def error(status: int, code: str, message: str) -> Reply:
    """Return an error in the format of the distribution protocol."""
    return Reply(status, {"errors": [{"code": code, "message": message}]})
