"""A read-only client of container registries: the OCI distribution protocol and the token flow before it.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md and
https://distribution.github.io/distribution/spec/auth/token/. Sends only `GET` and `HEAD` requests.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from hubs.clients.errors import ClientError
from hubs.clients.http import Answer, Http, HttpError
from hubs.settings import docker_hub

MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


_PARAMETER = re.compile(r'\b(\w+)="([^"]*)"')


class RegistryError(ClientError):
    """The registry can't be used: it can't be reached, is broken, or is not a registry."""


class RefusedError(Exception):
    """The registry refused the request. `code` is the registry's reason (`UNAUTHORIZED`, `DENIED`, ...)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status}" + "".join(f", {part}" for part in (code, message) if part))
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Challenge:
    """How a registry authenticates: `Bearer` with a realm that issues tokens, `Basic`, or not at all."""

    scheme: str = ""
    realm: str = ""
    service: str = ""


@dataclass(frozen=True)
class Token:
    """A realm's token. `actions`: what it allows in the requested scope, or None if that is not known."""

    value: str = field(repr=False)
    actions: frozenset[str] | None


class Registry:
    """One registry, with one account or anonymously. Safe to use from several threads.

    `host` may have a port; Docker Hub has several names (`docker_hub`). `insecure`: use plain HTTP, as on loopback.
    """

    def __init__(
        self,
        host: str,
        http: Http,
        *,
        username: str | None = None,
        password: str | None = None,
        insecure: bool = False,
    ) -> None:
        self.host = host
        plain = insecure or re.fullmatch(r"(localhost|127\.[0-9.]+)(:[0-9]+)?", host) is not None
        self.url = f"{'http' if plain else 'https'}://{docker_hub.api_host(host)}"
        self._http = http
        self._basic = None
        if username is not None and password is not None:
            self._basic = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
        self._secrets = [secret for secret in (password, (self._basic or "").removeprefix("Basic ")) if secret]
        self._lock = threading.Lock()
        self._challenge: Challenge | None = None
        self._broken = ""
        """Why the registry can't be reached. It is tried once, not again for each image."""
        self._tokens: dict[str, Token] = {}

    def challenge(self) -> Challenge:
        """Return how `/v2/` asks for a login. Raises RegistryError if there is no registry."""
        with self._lock:
            if self._broken:
                raise RegistryError(self._broken)
            if self._challenge is None:
                try:
                    self._challenge = self._ask_challenge()
                except RegistryError as error:
                    self._broken = str(error)
                    raise
            return self._challenge

    def _ask_challenge(self) -> Challenge:
        answer = self._send("GET", f"{self.url}/v2/")
        if answer.status == HTTPStatus.OK:
            return Challenge()
        if answer.status != HTTPStatus.UNAUTHORIZED:
            raise RegistryError(f"{self.host} is not a container registry: /v2/ answers {answer.status}")
        challenge = parse_challenge(answer.headers.get("WWW-Authenticate", ""))
        if not challenge.scheme:
            raise RegistryError(f"{self.host} requires a login, but does not say which kind")
        return challenge

    def log_in(self) -> None:
        """Check the credentials, without a scope. Raises RefusedError if they are not accepted."""
        challenge = self.challenge()
        if challenge.scheme == "Bearer":
            self.token("")
        elif challenge.scheme == "Basic":
            self._raise_refusal(self._send("GET", f"{self.url}/v2/", {"Authorization": self._basic or ""}))

    def token(self, scope: str) -> Token:
        """Return a token of the registry's realm for `scope`, such as `repository:ocean/image:pull,push`.

        Each scope is requested once. Raises RefusedError, or RegistryError if the realm's answer contains no token.
        """
        with self._lock:
            if scope in self._tokens:
                return self._tokens[scope]
        challenge = self.challenge()
        query = {"service": challenge.service, "scope": scope}
        headers = {"Authorization": self._basic} if self._basic else {}
        if self._basic and challenge.realm.startswith("http://") and self.url.startswith("https://"):
            raise RegistryError(f"{self.host} asks for the password to be sent unencrypted to {challenge.realm}")
        answer = self._send("GET", challenge.realm, headers, {key: value for key, value in query.items() if value})
        self._raise_refusal(answer)
        try:
            data = answer.json()
            value = data.get("token") or data.get("access_token")
        except (ValueError, AttributeError):
            value = None
        if not isinstance(value, str):
            raise RegistryError(f"{self.host}: {challenge.realm} returned no token")
        token = Token(value, granted(value, scope))
        with self._lock:
            self._tokens[scope] = token
        return token

    def head_manifest(self, repository: str, reference: str) -> str | None:
        """Return the digest of an image (`reference`: tag or digest), or None if the registry does not have it.

        Raises RefusedError, RegistryError.
        """
        answer = self._ask("HEAD", repository, f"manifests/{reference}", MANIFESTS)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        self._raise_refusal(answer)
        return answer.headers.get("Docker-Content-Digest", "")

    def get(self, repository: str, path: str, accept: str = "application/json") -> Answer:
        """Return the answer to `GET /v2/<repository>/<path>`, with a pull token. Raises RefusedError, RegistryError."""
        answer = self._ask("GET", repository, path, accept)
        self._raise_refusal(answer)
        return answer

    def probe(self, method: str, path: str, query: dict[str, str] | None = None) -> int | None:
        """Return the status of `path`, which may be outside the protocol, without a login, if it is 200 or 404."""
        try:
            status = self._send(method, f"{self.url}{path}", query=query).status
        except RegistryError:
            return None
        return status if status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND) else None

    def _ask(self, method: str, repository: str, path: str, accept: str) -> Answer:
        headers = {"Accept": accept}
        scheme = self.challenge().scheme
        if scheme == "Bearer":
            headers["Authorization"] = f"Bearer {self.token(f'repository:{repository}:pull').value}"
        elif scheme == "Basic" and self._basic:
            headers["Authorization"] = self._basic
        return self._send(method, f"{self.url}/v2/{repository}/{path}", headers)

    def _raise_refusal(self, answer: Answer) -> None:
        """Raise RefusedError for anything but 200, with the registry's explanation and without the password."""
        if answer.status == HTTPStatus.OK:
            return
        code = message = ""
        try:
            data: Any = answer.json()
            first = data["errors"][0] if data.get("errors") else data
            code = str(first.get("code") or "")
            message = str(first.get("message") or first.get("details") or first.get("detail") or "")
        except (ValueError, AttributeError, LookupError, TypeError):
            pass  # the registry gives no reason besides the status
        for secret in self._secrets:
            code, message = code.replace(secret, "[secret]"), message.replace(secret, "[secret]")
        raise RefusedError(answer.status, code[:50], message[:200])

    def _send(
        self, method: str, url: str, headers: dict[str, str] | None = None, query: dict[str, str] | None = None
    ) -> Answer:
        try:
            # Registries often redirect to another host for blobs.
            answer = self._http.send(method, url, headers=headers, query=query, follow_redirects=True)
        except HttpError as error:
            raise RegistryError(f"{self.host}: {error}") from None
        if answer.trouble:
            raise RegistryError(f"{self.host}: {answer.trouble}")
        return answer


def parse_challenge(header: str) -> Challenge:
    """Parse `Bearer realm="...",service="..."` or `Basic realm="..."`. Anything else is a Challenge without scheme."""
    scheme, _, rest = header.partition(" ")
    parts = dict(_PARAMETER.findall(rest))
    scheme = scheme.capitalize()
    realm = parts.get("realm", "")
    if scheme == "Bearer" and not realm.startswith(("https://", "http://")):
        return Challenge()
    return Challenge(scheme, realm, parts.get("service", "")) if scheme in ("Bearer", "Basic") else Challenge()


def granted(token: str, scope: str) -> frozenset[str] | None:
    """Return the actions of `scope` that a token allows, or None unless the token is a JWT that lists them."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return None
    access = claims.get("access") if isinstance(claims, dict) else None
    if not isinstance(access, list):
        # Unknown: the realm grants nothing and omits the claim, or it never writes this claim.
        return None
    name = scope.split(":", 1)[-1].rpartition(":")[0]
    actions: set[str] = set()
    for entry in access:
        if isinstance(entry, dict) and entry.get("name") == name:
            actions |= set(entry.get("actions") or [])
    return frozenset(actions)
