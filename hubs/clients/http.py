"""HTTP as all clients here use it: bounded, retried while the other side is busy, and with errors that hold no secrets.

httpx is imported when a request is made: it takes a while, and most commands make none.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from hubs.clients.errors import ClientError

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 2
LONGEST_WAIT = 10.0
"""Seconds. A server that asks to wait longer is not asked again."""
LARGEST = 20_000_000
"""Bytes of an answer that are read."""


class HttpError(ClientError):
    """The server gave no answer, or none that can be read."""


@dataclass(frozen=True)
class Answer:
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """By name, in any case."""
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is something else."""
        return json.loads(self.content)

    @property
    def trouble(self) -> str:
        """Why the server could not do it now, though it may later; empty for any other answer."""
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = retry_after(self.headers.get("Retry-After"), 0)
            return f"too many requests ({self.status})" + (f", asks to wait {wait:.0f} s" if wait else "")
        return f"error {self.status}" if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""


class Http:
    """Sends requests by `client`, and tries again what is worth it. Safe to use from several threads.

    `attempts`: how often a request is sent at most. `longest_wait`: seconds between two of them at most.
    """

    def __init__(
        self,
        client: httpx.Client,
        *,
        attempts: int = ATTEMPTS,
        longest_wait: float = LONGEST_WAIT,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._client = client
        self._attempts = attempts
        self._longest_wait = longest_wait
        self._sleep = sleep

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        body: Any = None,
        follow_redirects: bool = False,
        largest: int = LARGEST,
        before_retry: Callable[[], None] = lambda: None,
    ) -> Answer:
        """The last answer, whatever its status: see `Answer.trouble`. Raises HttpError where there is none.

        A redirect to another host gets no credentials. `body` is sent as JSON. `before_retry` is called before each
        further attempt, and may raise to end them.
        """
        request: dict[str, Any] = {"headers": headers, "params": query, "follow_redirects": follow_redirects}
        if body is not None:
            request["json"] = body
        for attempt in range(self._attempts):
            last = attempt + 1 == self._attempts
            if attempt:
                before_retry()
            wait = float(2**attempt)
            try:
                answer = self._once(method, url, request, largest)
            except _PassingError as error:
                if last:
                    raise HttpError(str(error)) from None
            else:
                wait = retry_after(answer.headers.get("Retry-After"), wait)
                if last or not answer.trouble or self._too_long(answer, wait):
                    return answer
            (self._sleep or time.sleep)(min(wait, self._longest_wait))
        raise AssertionError("at least one attempt")

    def _too_long(self, answer: Answer, wait: float) -> bool:
        """A server in trouble may be back sooner than it says; one that counts requests means what it says."""
        return wait > self._longest_wait and answer.status == HTTPStatus.TOO_MANY_REQUESTS

    def _once(self, method: str, url: str, request: dict[str, Any], largest: int) -> Answer:
        import httpx

        try:
            with self._client.stream(method, url, **request) as response:
                return Answer(response.status_code, response.headers, _content(response, largest))
        except httpx.TimeoutException:
            raise _PassingError("no answer in time") from None
        except httpx.TransportError as error:
            words = self._without_credentials(str(error), request["headers"]) or type(error).__name__
            raise _PassingError(f"no connection ({words})") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise HttpError(f"an answer that can't be read ({type(error).__name__})") from None

    def _without_credentials(self, text: str, headers: dict[str, str] | None) -> str:
        """Errors about a header quote it."""
        for sent in (self._client.headers, headers or {}):
            for word in sent.get("Authorization", "").split()[1:]:
                text = text.replace(word, "[secret]")
        return " ".join(text.split())[:200]


class _PassingError(Exception):
    """No answer this time."""


def _content(response: httpx.Response, largest: int) -> bytes:
    if "event-stream" in response.headers.get("Content-Type", ""):
        return b""  # it has no end to wait for
    parts, size = [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > largest:
            raise HttpError(f"the answer is larger than {largest / 1_000_000:.0f} MB")
    return b"".join(parts)


def retry_after(header: str | None, otherwise: float) -> float:
    """Seconds that a `Retry-After` header asks to wait (number or HTTP date); `otherwise` where it says neither."""
    if not header:
        return otherwise
    try:
        return max(0.0, float(int(header)))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return otherwise
