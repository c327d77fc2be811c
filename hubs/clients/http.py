"""HTTP for all clients: with limits, with retries while the server is busy, and with errors that contain no secrets.

httpx is imported when it is needed, because the import takes a while and most commands send no requests.
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
"""Seconds. If a server asks to wait longer, the request is not retried."""
LARGEST = 20_000_000
"""Maximum size of an answer in bytes."""


class HttpError(ClientError):
    """The server gave no answer, or one that can't be read."""


@dataclass(frozen=True)
class Answer:
    """A server's answer, with any status."""

    status: int
    headers: Mapping[str, str]
    """Names are case-insensitive."""
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the parsed body. Raises ValueError if it is not JSON."""
        return json.loads(self.content)

    @property
    def trouble(self) -> str:
        """The reason for a temporary failure, or empty text for any other answer."""
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = retry_after(self.headers.get("Retry-After"), 0)
            return f"too many requests ({self.status})" + (f", asks to wait {wait:.0f} s" if wait else "")
        return f"error {self.status}" if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""


class Http:
    """Sends requests with `client`, and retries temporary failures. Safe to use from several threads.

    `attempts`: maximum number of attempts. `longest_wait`: maximum number of seconds between two of them.
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
        """Return the last answer, with any status (see `Answer.trouble`). Raises HttpError if there is none.

        A redirect to another host gets no credentials. `body` is sent as JSON. `before_retry` is called before each
        further attempt, and may raise an error to stop.
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
        """Return whether to give up. A rate limit ends when the server says; other failures may end sooner."""
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
        """Return `text` without credentials, because errors about a header quote it."""
        for sent in (self._client.headers, headers or {}):
            for word in sent.get("Authorization", "").split()[1:]:
                text = text.replace(word, "[secret]")
        return " ".join(text.split())[:200]


class _PassingError(Exception):
    """An attempt failed in a way that may be temporary."""


def _content(response: httpx.Response, largest: int) -> bytes:
    if "event-stream" in response.headers.get("Content-Type", ""):
        return b""  # the stream does not end
    parts, size = [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > largest:
            raise HttpError(f"the answer is larger than {largest / 1_000_000:.0f} MB")
    return b"".join(parts)


def retry_after(header: str | None, otherwise: float) -> float:
    """Return the seconds to wait from a `Retry-After` header (number or HTTP date), or `otherwise` if it is neither."""
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
