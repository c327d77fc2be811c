"""The registry client against a stand-in: its requests, the answers that it understands, and errors."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from hubs.clients.http import Http
from hubs.clients.oci import (
    Challenge,
    RefusedError,
    Registry,
    RegistryError,
    granted,
    parse_challenge,
)
from tests.doubles.registry import Account, RegistryDouble
from tests.doubles.server import Double, Fault, Reply, Request

PASSWORD = "MARKER-password"


@pytest.fixture
def double() -> Iterator[RegistryDouble]:
    with RegistryDouble() as registry:
        registry.organizations.add("ocean")
        registry.accounts["robot"] = Account(PASSWORD, push=["ocean/"])
        registry.add_image("ocean/public", "1")
        registry.add_image("ocean/private", "1", public=False)
        yield registry


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        (
            'Bearer realm="https://quay.io/v2/auth",service="quay.io"',
            Challenge("Bearer", "https://quay.io/v2/auth", "quay.io"),
        ),
        ('bearer service="x", realm="http://y/z"', Challenge("Bearer", "http://y/z", "x")),
        ('Basic realm="Registry"', Challenge("Basic", "Registry", "")),
        ('Bearer realm="file:///etc/passwd"', Challenge()),
        ("Negotiate", Challenge()),
        ("", Challenge()),
    ],
)
def test_challenges(header: str, challenge: Challenge) -> None:
    assert parse_challenge(header) == challenge


def test_what_a_token_allows() -> None:
    def token(claims: object) -> str:
        return f"x.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.y"

    scope = "repository:a/b:pull,push"
    assert granted(token({"access": [{"name": "a/b", "actions": ["pull"]}]}), scope) == frozenset({"pull"})
    assert granted(token({"access": [{"name": "a/c", "actions": ["pull"]}]}), scope) == frozenset()
    assert granted(token({"access": []}), scope) == frozenset()
    assert granted(token({"sub": "x"}), scope) is None
    assert granted(token([]), scope) is None
    assert granted("opaque", scope) is None
    assert granted("a.%%%.c", scope) is None


def test_an_image_is_looked_for_as_nobody(double: RegistryDouble, http: Http) -> None:
    registry = Registry(double.host, http)
    digest = double.add_image("ocean/public", "2")
    assert registry.head_manifest("ocean/public", "2") == digest
    assert registry.head_manifest("ocean/public", digest) == digest
    assert registry.head_manifest("ocean/public", "3") is None
    with pytest.raises(RefusedError, match="401"):
        registry.head_manifest("ocean/private", "1")
    assert len(double.asked("/service/token")) == 2, "one token for each repository"
    assert not any("authorization" in r.headers for r in double.asked("/service/token"))
    assert all(r.method in ("GET", "HEAD") for r in double.requests)


def test_a_wrong_password_is_not_repeated(double: RegistryDouble, http: Http) -> None:
    registry = Registry(double.host, http, username="robot", password="MARKER-other")
    with pytest.raises(RefusedError, match=r"401, UNAUTHORIZED, bad login of robot with \[secret\]"):
        registry.log_in()
    Registry(double.host, http, username="robot", password=PASSWORD).log_in()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("/v2/", Reply(503, b"")),
        Fault("/v2/", Reply(429, b"", {"Retry-After": "3"})),
        Fault("/v2/", cut=True),
        Fault("/v2/", slow=1.5),
        Fault("/service/token", Reply(500, b"")),
        Fault("/service/token", cut=True),
        Fault("HEAD", Reply(502, b"")),
        Fault("HEAD", lost=True),
    ],
)
def test_passing_faults(double: RegistryDouble, http: Http, slept: list[float], fault: Fault) -> None:
    double.faults.append(Fault(**vars(fault)))
    assert Registry(double.host, http).head_manifest("ocean/public", "1")
    assert double.faults[0].times == 0
    assert slept == [3.0 if fault.reply and fault.reply.status == 429 else 1.0]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("/v2/", Reply(503, b""), times=9), "error 503"),
        (Fault("/v2/", Reply(429, b"", {"Retry-After": "900"}), times=9), "too many requests"),
        (Fault("/v2/", Reply(404, b"nothing here"), times=9), "is not a container registry: /v2/ answers 404"),
        (Fault("/v2/", Reply(401, b""), times=9), "does not say which kind"),
        (Fault("/v2/", cut=True, times=9), "no connection"),
        (Fault("/service/token", Reply(200, b"<html>"), times=9), "returned no token"),
        (Fault("/service/token", Reply(200, {"token": 7}), times=9), "returned no token"),
        (Fault("/service/token", slow=1.5, times=9), "no answer in time"),
    ],
)
def test_lasting_faults(double: RegistryDouble, http: Http, slept: list[float], fault: Fault, says: str) -> None:
    double.faults.append(Fault(**vars(fault)))
    registry = Registry(double.host, http, username="robot", password=PASSWORD)
    with pytest.raises(RegistryError, match=says) as caught:
        registry.log_in()
    assert PASSWORD not in str(caught.value)


def test_a_broken_registry_is_asked_once_however_many_images_it_has(http: Http, slept: list[float]) -> None:
    with RegistryDouble() as double:
        double.faults.append(Fault("/v2/", cut=True, times=99))
        registry = Registry(double.host, http)
        for tag in "123":
            with pytest.raises(RegistryError):
                registry.head_manifest("ocean/x", tag)
        assert len(double.requests) == 2  # one, and one more try


def test_the_password_goes_to_the_realm_of_the_registry_alone(http: Http) -> None:
    class Thief(Double):
        def answer(self, request: Request) -> Reply:
            return Reply(200, {"token": "x"})

    with RegistryDouble() as double, Thief() as thief:
        double.accounts["robot"] = Account(PASSWORD)
        double.faults.append(Fault("/service/token", Reply(302, b"", {"Location": f"{thief.url}/service/token"})))
        Registry(double.host, http, username="robot", password=PASSWORD).token("repository:a/b:pull")
        assert thief.requests
        assert all("authorization" not in request.headers for request in thief.requests)
