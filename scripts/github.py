"""A client for the parts of GitHub's REST API that the workflows need. Uses only the standard library."""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from hubs.usage import variable


class GitHubError(Exception):
    """GitHub refused a request, or could not be reached. The message never contains the token."""


class GitHub:
    """The API of one repository, with the token of the running workflow.

    Reads GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN from the environment
    (https://docs.github.com/en/actions/reference/workflows-and-actions/variables).
    """

    def __init__(self) -> None:
        self.repository = variable("GITHUB_REPOSITORY")
        self._url = f"{os.environ.get('GITHUB_API_URL', 'https://api.github.com')}/repos/{self.repository}"
        self._token = variable("GITHUB_TOKEN")

    def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send a request and return the content of the answer. Raises GitHubError."""
        return self._send(method, f"{self._url}{path}", body)[0]

    def pages(self, path: str) -> Iterator[Any]:
        """Yield the items of all pages of a list."""
        url: str | None = f"{self._url}{path}{'&' if '?' in path else '?'}per_page=100"
        while url:
            items, url = self._send("GET", url, None)
            yield from items

    def _send(self, method: str, url: str, body: dict[str, Any] | None) -> tuple[Any, str | None]:
        request = urllib.request.Request(  # noqa: S310  (the URL is the API's own)
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                following = re.search(r'<([^<>]+)>; rel="next"', response.headers.get("Link", ""))
                return json.loads(response.read() or b"null"), following and following[1]
        except urllib.error.HTTPError as error:
            raise GitHubError(f"{method} {url}: GitHub answered with status {error.code}") from None
        except (urllib.error.URLError, TimeoutError) as error:
            raise GitHubError(f"{method} {url}: {getattr(error, 'reason', error)}") from None
