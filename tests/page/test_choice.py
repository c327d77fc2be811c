"""Describe choices and logins without a hub."""

from __future__ import annotations

import pytest

from hubs.page.choice import describe
from hubs.page.local import login_of


def test_sizes_are_rounded() -> None:
    resources = {"limits": {"cpu": 3.3810000000000002}, "requests": {"cpu": 0.42262500000000003, "memory": 1073741824}}
    server = {"name": "notebook", "image": "a/b:c", "resources": resources}
    limits = describe({"spec": {"containers": [server]}}, {}, "")["Limits"]
    assert limits == ["cpu: at most 3.381, 0.422625 guaranteed", "memory: no limit, 1 GiB guaranteed"]


@pytest.mark.parametrize(
    ("authenticator", "service", "login"),
    [
        ("DummyAuthenticator", None, "with any user name"),
        ("SharedPasswordAuthenticator", None, "with a shared password"),
        ("GitHubOAuthenticator", None, "with GitHub"),
        ("GenericOAuthenticator", "Ocean Login", "with Ocean Login"),
    ],
)
def test_the_login_page_describes_the_deployed_login(authenticator: str, service: str | None, login: str) -> None:
    assert login_of(authenticator, service) == login
