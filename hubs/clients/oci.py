"""A client of container registries that only looks: the OCI distribution protocol and the token flow before it.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md and
https://distribution.github.io/distribution/spec/auth/token/. Asks `GET` and `HEAD`, never anything that writes.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

OK, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY, SERVER_ERROR = 200, 401, 403, 404, 429, 500
DOCKER_HUB = "docker.io"
ATTEMPTS = 2
LONGEST_WAIT = 10.0
"""Seconds. What asks to wait longer can't be checked now."""
MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


class RegistryError(Exception):
    """The registry could not be asked: out of reach, broken, or no registry. One line, without credentials."""


class RefusedError(Exception):
    """The registry answered, and it was no. `code` is its own word for it (`UNAUTHORIZED`, `DENIED`, ...)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status}" + "".join(f", {part}" for part in (code, message) if part))
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Image:
    """An image's name, taken apart: `quay.io/jupyter/scipy-notebook:2026-07-28`."""

    host: str
    repository: str
    reference: str
    """A tag, or a digest `sha256:...`."""

    def __str__(self) -> str:
        return f"{self.host}/{self.repository}{'@' if ':' in self.reference else ':'}{self.reference}"


def parse_image(name: str) -> Image:
    """As Docker reads names: without a host it is Docker Hub, there without a `/` the namespace `library`."""
    name, _, digest = name.partition("@")
    first, slash, rest = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, rest = DOCKER_HUB, name if slash else f"library/{name}"
    repository, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = rest, "latest"
    return Image(first, repository, digest or tag)


@dataclass(frozen=True)
class Challenge:
    """How a registry wants to be asked: `Bearer` with a realm that gives tokens, `Basic`, or not at all."""

    scheme: str = ""
    realm: str = ""
    service: str = ""


@dataclass(frozen=True)
class Token:
    """What a realm gave. `actions` is what it allows for the scope that was asked; None if the token doesn't say."""

    value: str = field(repr=False)
    actions: frozenset[str] | None


class Registry:
    """One registry, asked as one account or as nobody. Safe to use from several threads.

    `host` may have a port; Docker Hub's is `docker.io`. `insecure`: plain HTTP; so is everything on loopback.
    """

    def __init__(
        self,
        host: str,
        http: httpx.Client,
        *,
        username: str | None = None,
        password: str | None = None,
        insecure: bool = False,
    ) -> None:
        self.host = host
        name = "registry-1.docker.io" if host in (DOCKER_HUB, "index.docker.io") else host
        plain = insecure or re.fullmatch(r"(localhost|127\.[0-9.]+)(:[0-9]+)?", host) is not None
        self.url = f"{'http' if plain else 'https'}://{name}"
        self._http = http
        self._basic = None
        if username is not None and password is not None:
            self._basic = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
        self._secrets = [secret for secret in (password, (self._basic or "").removeprefix("Basic ")) if secret]
        self._lock = threading.Lock()
        self._challenge: Challenge | None = None
        self._broken = ""
        """Why the registry can't be asked: found out once, not again for each image."""
        self._tokens: dict[str, Token] = {}

    def challenge(self) -> Challenge:
        """What `/v2/` answers nobody. Raises RegistryError where there is no registry."""
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
        if answer.status_code == OK:
            return Challenge()
        if answer.status_code != UNAUTHORIZED:
            raise RegistryError(f"{self.host} is no container registry: /v2/ answers {answer.status_code}")
        challenge = parse_challenge(answer.headers.get("WWW-Authenticate", ""))
        if not challenge.scheme:
            raise RegistryError(f"{self.host} refuses without saying how to log in")
        return challenge

    def log_in(self) -> None:
        """Shows the credentials, for nothing in particular. Raises RefusedError where they are not accepted."""
        challenge = self.challenge()
        if challenge.scheme == "Bearer":
            self.token("")
        elif challenge.scheme == "Basic":
            self._raise_refusal(self._send("GET", f"{self.url}/v2/", {"Authorization": self._basic or ""}))

    def token(self, scope: str) -> Token:
        """A token of the registry's realm for `scope`, such as `repository:ocean/image:pull,push`.

        Asked once for each scope. Raises RefusedError, or RegistryError where the realm does not answer as one.
        """
        with self._lock:
            if scope in self._tokens:
                return self._tokens[scope]
        challenge = self.challenge()
        query = {"service": challenge.service, "scope": scope}
        headers = {"Authorization": self._basic} if self._basic else {}
        if self._basic and challenge.realm.startswith("http://") and self.url.startswith("https://"):
            raise RegistryError(f"{self.host} wants the password sent unencrypted to {challenge.realm}")
        answer = self._send("GET", challenge.realm, headers, {key: value for key, value in query.items() if value})
        self._raise_refusal(answer)
        try:
            data = answer.json()
            value = data.get("token") or data.get("access_token")
        except (ValueError, AttributeError):
            value = None
        if not isinstance(value, str):
            raise RegistryError(f"{self.host}: {challenge.realm} gave no token")
        token = Token(value, granted(value, scope))
        with self._lock:
            self._tokens[scope] = token
        return token

    def head_manifest(self, image: Image) -> str | None:
        """The digest of an image, or None if the registry has no such tag. Raises RefusedError, RegistryError."""
        answer = self._ask("HEAD", image.repository, f"manifests/{image.reference}", MANIFESTS)
        if answer.status_code == NOT_FOUND:
            return None
        self._raise_refusal(answer)
        return str(answer.headers.get("Docker-Content-Digest", ""))

    def get(self, repository: str, path: str, accept: str = "application/json") -> httpx.Response:
        """`GET /v2/<repository>/<path>` with a token to pull. Raises RefusedError, RegistryError."""
        answer = self._ask("GET", repository, path, accept)
        self._raise_refusal(answer)
        return answer

    def probe(self, method: str, path: str, query: dict[str, str] | None = None) -> int | None:
        """Whether something beside the protocol exists: the status that `path` answers nobody, of 200 and 404 only."""
        try:
            status = self._send(method, f"{self.url}{path}", query=query).status_code
        except RegistryError:
            return None
        return status if status in (OK, NOT_FOUND) else None

    def _ask(self, method: str, repository: str, path: str, accept: str) -> httpx.Response:
        headers = {"Accept": accept}
        scheme = self.challenge().scheme
        if scheme == "Bearer":
            headers["Authorization"] = f"Bearer {self.token(f'repository:{repository}:pull').value}"
        elif scheme == "Basic" and self._basic:
            headers["Authorization"] = self._basic
        return self._send(method, f"{self.url}/v2/{repository}/{path}", headers)

    def _raise_refusal(self, answer: httpx.Response) -> None:
        """Raises RefusedError for anything but 200, with the registry's own words, but not the password among them."""
        if answer.status_code == OK:
            return
        code = message = ""
        try:
            data: Any = answer.json()
            first = data["errors"][0] if data.get("errors") else data
            code = str(first.get("code") or "")
            message = str(first.get("message") or first.get("details") or first.get("detail") or "")
        except (ValueError, AttributeError, LookupError, TypeError):
            pass  # a registry need not say more than the status
        for secret in self._secrets:
            code, message = code.replace(secret, "[secret]"), message.replace(secret, "[secret]")
        raise RefusedError(answer.status_code, code[:50], message[:200])

    def _send(
        self, method: str, url: str, headers: dict[str, str] | None = None, query: dict[str, str] | None = None
    ) -> httpx.Response:
        """One request, tried again where that can help. Never says more of an error than its kind and the host."""
        import httpx

        trouble = ""
        for attempt in range(ATTEMPTS):
            wait = float(attempt + 1)
            try:
                # Blobs are often kept elsewhere; httpx sends no credentials to another host on the way.
                answer = self._http.request(method, url, headers=headers, params=query, follow_redirects=True)
            except httpx.TimeoutException:
                trouble = "no answer in time"
            except httpx.TransportError as error:
                trouble = f"no connection ({error})" if str(error) else f"no connection ({type(error).__name__})"
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise RegistryError(f"{self.host}: an answer that can't be read ({type(error).__name__})") from None
            else:
                if answer.status_code == TOO_MANY:
                    trouble = "too many requests (429)"
                    seconds = answer.headers.get("Retry-After", "")
                    wait = float(seconds) if seconds.isdigit() else wait
                elif answer.status_code >= SERVER_ERROR:
                    trouble = f"error {answer.status_code}"
                else:
                    return answer
            if attempt + 1 == ATTEMPTS or wait > LONGEST_WAIT:
                break
            time.sleep(wait)
        raise RegistryError(f"{self.host}: {trouble}") from None


def parse_challenge(header: str) -> Challenge:
    """`Bearer realm="...",service="..."` or `Basic realm="..."`; a Challenge without scheme for anything else."""
    scheme, _, rest = header.partition(" ")
    parts = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    scheme = scheme.capitalize()
    realm = parts.get("realm", "")
    if scheme == "Bearer" and not realm.startswith(("https://", "http://")):
        return Challenge()
    return Challenge(scheme, realm, parts.get("service", "")) if scheme in ("Bearer", "Basic") else Challenge()


def granted(token: str, scope: str) -> frozenset[str] | None:
    """The actions that a token allows of those asked in `scope`, if it is a JWT that says so."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return None
    access = claims.get("access") if isinstance(claims, dict) else None
    if not isinstance(access, list):
        # A realm that grants nothing may leave the claim out; one that writes no such claim at all is another kind.
        return None
    name = scope.split(":", 1)[-1].rpartition(":")[0]
    actions: set[str] = set()
    for entry in access:
        if isinstance(entry, dict) and entry.get("name") == name:
            actions |= set(entry.get("actions") or [])
    return frozenset(actions)
