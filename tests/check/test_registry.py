"""Checks of pushing distinguish a wrong password, a missing organization and a missing permission. They never write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hubs.check import registry
from hubs.check.credentials import Credentials
from hubs.check.findings import CannotCheckError, Finding, Result, Status
from hubs.check.registry import Account, may_push
from hubs.check.run import run
from hubs.clients.http import Http
from hubs.settings.stack import Stack
from tests.doubles import registry as doubles
from tests.doubles.quay import QuayDouble
from tests.doubles.registry import RegistryDouble, error
from tests.doubles.server import Fault, Reply

PASSWORD = "MARKER-password-1"
PREFIX = "ocean/earth-ocean-prod-"


@pytest.fixture
def double() -> Iterator[RegistryDouble]:
    with RegistryDouble() as server:
        fill(server)
        yield server


def fill(server: RegistryDouble) -> None:
    server.organizations |= {"ocean", "land"}
    server.accounts["ocean+builder"] = doubles.Account(PASSWORD, push=["ocean/earth-ocean-prod-"], pull=["land/"])


def push(server: RegistryDouble, http: Http, **changes: Any) -> list[Result]:
    account = {"prefix": PREFIX, "username": "ocean+builder", "password": PASSWORD, **changes}
    results = list(may_push(Account(server.host, **account), http))
    text = str(results)
    assert PASSWORD not in text
    assert "MARKER" not in text
    return results


def test_a_right_password_that_may_push(double: RegistryDouble, http: Http) -> None:
    results = push(double, http)
    assert [r.status for r in results] == [Status.OK] * 3
    assert f"may push to {double.host}/{PREFIX}*" in results[-1].message
    assert double.asked("token")[-1].query["scope"] == [f"repository:{PREFIX}preflight:pull,push"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": "MARKER-wrong"}, "wrong password"),
        ({"username": "ocean+nobody"}, "wrong password"),
        ({"prefix": "lake/earth-ocean-prod-"}, "there is no organization lake"),
        ({"prefix": "land/earth-ocean-prod-"}, "may not create images in land"),
    ],
)
def test_what_is_wrong_is_told_apart(double: RegistryDouble, http: Http, changes: dict[str, str], says: str) -> None:
    result = push(double, http, **changes)[-1]
    assert result.status is Status.FAILED
    assert says in result.message
    assert result.todo


@pytest.mark.parametrize(
    ("reply", "status", "says"),
    [
        (error(403, "DENIED", "requested access to the resource is denied"), Status.FAILED, "may not create"),
        (error(404, "NAME_UNKNOWN", "organization lake not found"), Status.FAILED, "no such organization"),
        (error(403, "DENIED", "project lake does not exist"), Status.FAILED, "no such organization"),
        (error(400, "UNSUPPORTED", "not today"), Status.UNCHECKED, "400, UNSUPPORTED, not today"),
        (error(401, "UNAUTHORIZED", PASSWORD), Status.FAILED, "may not create"),
    ],
)
def test_realms_that_refuse_instead_of_granting_nothing(
    double: RegistryDouble, http: Http, reply: Reply, status: Status, says: str
) -> None:
    realm = Fault("GET /service/token", reply)
    results = may_push(Account(double.host, PREFIX, "ocean+builder", PASSWORD), http)
    assert [next(results).status, next(results).status] == [Status.OK] * 2
    double.faults.append(realm)
    result = next(results)
    assert result.status is status
    assert says in result.message
    assert PASSWORD not in result.message


def test_a_token_that_says_nothing_is_no_promise(http: Http) -> None:
    with RegistryDouble(claims=False) as double:
        fill(double)
        assert push(double, http)[-1].status is Status.UNCHECKED


def test_harbor_says_whether_a_project_exists(http: Http) -> None:
    with RegistryDouble(harbor=True) as double:
        fill(double)
        assert "no such organization" in push(double, http, prefix="lake/x-")[-1].message
        double.organizations.add("sea")
        assert "may not create images in sea" in push(double, http, prefix="sea/x-")[-1].message


def test_quay_is_not_asked_for_what_would_create_a_repository(http: Http) -> None:
    with RegistryDouble(quay=True) as double:
        fill(double)
        before = dict(double.repositories)
        result = push(double, http)[-1]
        assert result.status is Status.UNCHECKED
        assert "would create the image" in result.message
        assert double.repositories == before
        assert "no such organization" in push(double, http, prefix="lake/x-")[-1].message
        assert "wrong password" in push(double, http, password="MARKER-wrong")[-1].message


def test_no_registry_there(http: Http, slept: list[float]) -> None:
    with RegistryDouble() as gone:
        pass
    results = push(gone, http)
    assert [r.status for r in results] == [Status.FAILED]
    assert "can't be reached" in results[0].message


def test_a_registry_without_login(double: RegistryDouble, http: Http) -> None:
    double.faults.append(Fault("GET /v2/$", Reply(200, {})))
    results = push(double, http)
    assert [r.status for r in results] == [Status.OK, Status.WARNING]
    assert "lets anyone push" in results[1].message


def test_without_credentials_the_rest_is_checked(double: RegistryDouble, http: Http) -> None:
    results = may_push(Account(double.host, PREFIX, None, None), http)
    assert next(results).status is Status.OK
    with pytest.raises(CannotCheckError, match="the credentials are not available"):
        next(results)


# The checks of a stack


def look(stack: Stack, http: Http, environment: dict[str, str] | None = None) -> list[Finding]:
    checks = registry.checks(stack, Credentials(environment or {}), http)
    return run(checks, {PASSWORD}, lambda _: None)


def test_each_hub_is_checked_at_its_own_prefix(
    double: RegistryDouble, http: Http, make_stack: Callable[..., Stack]
) -> None:
    hubs = {"prod": {"domain": "ocean.example.org"}, "staging": {"domain": "staging.ocean.example.org"}}
    own = {"type": "oci", "host": double.host, "prefix": "ocean", "insecure": True}
    findings = look(make_stack(registry=own, community={"hubs": hubs}), http)
    last = {finding.subject: finding for finding in findings}
    assert last["ocean/prod"].status is Status.OK
    assert last["ocean/staging"].status is Status.FAILED
    scopes = {request.query["scope"][0] for request in double.asked("token") if "scope" in request.query}
    assert scopes == {f"repository:ocean/earth-ocean-{hub}-preflight:pull,push" for hub in hubs}


MANAGED = {"type": "quay", "organization": "ocean", "robot": "managed"}


@pytest.fixture
def quay(monkeypatch: pytest.MonkeyPatch) -> Iterator[QuayDouble]:
    with QuayDouble(token="MARKER-token-3") as double:
        monkeypatch.setattr(registry, "QUAY", double.url)
        yield double


def managed(make_stack: Callable[..., Stack], token: str = "MARKER-token-3") -> Stack:
    client = {"client_id": "x", "client_secret": "MARKER-client-2"}
    return make_stack(registry=MANAGED, secrets={"registry": {"token": token}, "ocean": {"auth": client}})


def test_a_robot_that_will_be_made(quay: QuayDouble, http: Http, make_stack: Callable[..., Stack]) -> None:
    findings = look(managed(make_stack), http)
    assert [f.status for f in findings] == [Status.OK] * 2
    assert findings[1].message == "ocean+earth_ocean_prod_image_builder will be created"
    assert {request.method for request in quay.requests} == {"GET"}


def test_a_robot_among_the_owners_is_a_danger(quay: QuayDouble, http: Http, make_stack: Callable[..., Stack]) -> None:
    quay.add_robot("earth_ocean_prod_image_builder")
    quay.teams["owners"]["members"].add("ocean+earth_ocean_prod_image_builder")
    finding = look(managed(make_stack), http)[-1]
    assert finding.status is Status.WARNING
    assert "is in owners: a build pod could delete every image" in finding.message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda quay: setattr(quay, "token", "other"), "refuses the API token"),
        (lambda quay: setattr(quay, "organization", "lake"), "has no organization 'ocean'"),
        (lambda quay: setattr(quay, "scope", "repo:read"), "may not administer 'ocean'"),
        (
            lambda quay: quay.teams.update(image_builders={"role": "member", "members": set(), "description": ""}),
            "role member",
        ),
    ],
    ids=["wrong token", "no organization", "too little scope", "team of another role"],
)
def test_what_keeps_a_robot_from_being_made(
    quay: QuayDouble,
    http: Http,
    make_stack: Callable[..., Stack],
    change: Callable[[QuayDouble], None],
    says: str,
) -> None:
    change(quay)
    failures = [f for f in look(managed(make_stack), http) if f.status is Status.FAILED]
    assert len(failures) == 1
    assert says in failures[0].message
    assert "MARKER" not in str(failures)


def test_a_quay_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, http: Http, make_stack: Callable[..., Stack]
) -> None:
    with QuayDouble() as gone:
        monkeypatch.setattr(registry, "QUAY", gone.url)
    findings = look(managed(make_stack), http)
    assert [f.status for f in findings] == [Status.FAILED]
    assert "no connection" in findings[0].message


def test_an_encrypted_token_is_not_taken_for_one(
    quay: QuayDouble, http: Http, make_stack: Callable[..., Stack]
) -> None:
    stack = managed(make_stack, "[secret imagebuilding:secrets.registry.token]")
    finding = look(stack, http)[-1]
    assert finding.status is Status.UNCHECKED
    assert "PREFLIGHT_QUAY_TOKEN" in finding.todo
    assert quay.requests == []
    findings = look(stack, http, {"PREFLIGHT_QUAY_TOKEN": "MARKER-token-3"})
    assert [f.status for f in findings] == [Status.OK] * 2
