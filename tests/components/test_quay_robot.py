"""The managed robot through its own interface, serialized as by the engine, with a stand-in for quay."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import dill  # type: ignore[import-untyped]
import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.dynamic.dynamic import serialize_provider

from components.registry.quay_robot_provider import QuayRobotProvider, api_token
from hubs.clients import quay as client
from hubs.clients.quay import QuayApi, QuayError
from hubs.settings.quay_robot import TEAM
from tests.doubles.quay import QuayDouble
from tests.doubles.server import Fault, Reply

TOKEN = "MARKER-api-token-5d1f"
ROBOT = "earth_ocean_prod_image_builder"
WHOLE = f"ocean+{ROBOT}"
BUSY = Reply(503, {"message": "System is currently read-only."})


def engine_provider(secrets: Any = None) -> Any:
    """Return the provider as the engine loads it: pickled, unpickled, and configured with the decrypted config."""
    pickled = serialize_provider(QuayRobotProvider())
    provider = dill.loads(base64.b64decode(pickled))
    config = {"imagebuilding:secrets": json.dumps({"registry": {"token": TOKEN}} if secrets is None else secrets)}
    provider.configure(ConfigureRequest(Config(config, "imagebuilding")))
    return provider


@pytest.fixture
def quay() -> Iterator[QuayDouble]:
    with QuayDouble(token=TOKEN) as double:
        yield double


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the list of waits between retries, in seconds, which are recorded instead of waited for."""
    waits: list[float] = []
    original = QuayApi.__init__

    def init(self: QuayApi, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **{**kwargs, "sleep": waits.append, "timeout": 0.5})

    monkeypatch.setattr(QuayApi, "__init__", init)
    return waits


def inputs(quay: QuayDouble, **changes: str) -> dict[str, Any]:
    return {
        "server": quay.url,
        "organization": "ocean",
        "robot": ROBOT,
        "owner": "earth/ocean/prod",
        "rotation": "2026-11",
        **changes,
    }


def in_order(quay: QuayDouble) -> bool:
    """Return complete inputs of the robot."""
    rules = [(p["role"], p["activating_user"]["name"], p["delegate"]["name"]) for p in quay.prototypes]
    return (
        list(quay.robots) == [ROBOT]
        and quay.teams[TEAM]["role"] == "creator"
        and quay.teams[TEAM]["members"] == {WHOLE}
        and quay.teams["owners"]["members"] == {"ada"}
        and rules == [("write", WHOLE, WHOLE)]
    )


# The pickle


def test_the_pickle_is_the_same_every_time_and_holds_no_token() -> None:
    first, second = serialize_provider(QuayRobotProvider()), serialize_provider(QuayRobotProvider())
    assert first == second
    assert TOKEN.encode() not in base64.b64decode(first)
    # It contains the name of the class and no code, so current code manages resources of older versions.
    assert len(base64.b64decode(first)) < 200


def test_the_token_is_the_nearest_one() -> None:
    secrets = {
        "registry": {"token": "cluster"},
        "ocean": {"registry": {"token": "ocean"}, "prod": {"registry": {"token": "prod"}}},
    }
    assert api_token(json.dumps(secrets), "earth/ocean/prod") == "prod"
    assert api_token(json.dumps(secrets), "earth/ocean/staging") == "ocean"
    assert api_token(secrets, "earth/land/prod") == "cluster"
    assert api_token("not json", "earth/land/prod") is None


def test_without_a_token_the_error_says_how_to_set_it(quay: QuayDouble) -> None:
    with pytest.raises(QuayError, match=r"set -s earth --secret --path 'imagebuilding:secrets.registry.token'"):
        engine_provider(secrets={}).create(inputs(quay))
    assert quay.requests == []


# Create, update, delete


def test_create(quay: QuayDouble) -> None:
    result = engine_provider().create(inputs(quay))
    assert in_order(quay)
    assert result.id == WHOLE
    assert result.outs == {
        **inputs(quay),
        "username": WHOLE,
        "password": quay.robots[ROBOT]["token"],
        "may_push": True,
    }
    assert quay.robots[ROBOT]["unstructured_metadata"] == {"imagebuilding": "earth/ocean/prod"}


def test_nothing_to_do_is_no_change_and_a_second_update_writes_nothing(quay: QuayDouble) -> None:
    provider = engine_provider()
    outs = provider.create(inputs(quay)).outs
    assert provider.diff(WHOLE, outs, inputs(quay)).changes is False
    before = len(quay.asked("^(POST|DELETE)"))
    assert provider.update(WHOLE, outs, inputs(quay)).outs == outs
    assert len(quay.asked("^(POST|DELETE)")) == before
    assert in_order(quay)


def test_rotation_makes_a_new_password(quay: QuayDouble) -> None:
    provider = engine_provider()
    outs = provider.create(inputs(quay)).outs
    news = inputs(quay, rotation="2026-12")
    diff = provider.diff(WHOLE, outs, news)
    assert (diff.changes, diff.replaces) == (True, [])
    updated = provider.update(WHOLE, outs, news).outs
    assert updated["password"] == quay.robots[ROBOT]["token"] != outs["password"]
    assert updated["rotation"] == "2026-12"
    assert provider.diff(WHOLE, updated, news).changes is False


@pytest.mark.parametrize(
    ("change", "value"),
    [("organization", "land"), ("robot", "earth_land_prod_image_builder"), ("server", "https://x.org")],
)
def test_another_name_or_place_is_another_robot(quay: QuayDouble, change: str, value: str) -> None:
    diff = QuayRobotProvider().diff(WHOLE, inputs(quay), inputs(quay, **{change: value}))
    assert (diff.changes, diff.replaces) == (True, [change])


def test_delete_takes_the_robot_and_its_permission_and_leaves_the_rest(quay: QuayDouble) -> None:
    provider = engine_provider()
    outs = provider.create(inputs(quay)).outs
    quay.add_robot("other")
    provider.delete(WHOLE, outs)
    assert list(quay.robots) == ["other"]
    assert quay.prototypes == []
    assert set(quay.teams) == {"owners", TEAM}
    provider.delete(WHOLE, outs)  # already deleted: no error


def test_read(quay: QuayDouble) -> None:
    provider = engine_provider()
    outs = provider.create(inputs(quay)).outs
    assert provider.read(WHOLE, outs).outs == outs
    quay.robots[ROBOT]["token"] = "OTHER"  # regenerated on quay's web page
    assert provider.read(WHOLE, outs).outs["password"] == "OTHER"
    del quay.robots[ROBOT]
    assert not provider.read(WHOLE, outs).id


@pytest.mark.parametrize(
    "undo",
    [
        lambda quay: quay.teams[TEAM]["members"].clear(),
        lambda quay: quay.prototypes.clear(),
        lambda quay: quay.teams.pop(TEAM),
    ],
    ids=["taken out of the team", "default permission deleted", "team deleted"],
)
def test_what_was_undone_by_hand_is_found_and_put_back(quay: QuayDouble, undo: Callable[[QuayDouble], None]) -> None:
    provider = engine_provider()
    outs = provider.create(inputs(quay)).outs
    undo(quay)
    found = provider.read(WHOLE, outs).outs
    assert provider.diff(WHOLE, found, inputs(quay)).changes is True
    assert provider.update(WHOLE, found, inputs(quay)).outs == outs
    assert in_order(quay)


def test_a_robot_that_was_deleted_by_hand_is_made_anew_by_an_update(quay: QuayDouble) -> None:
    provider = engine_provider()
    outs = provider.create(inputs(quay)).outs
    quay.robots.clear()
    quay.teams[TEAM]["members"].clear()
    quay.prototypes.clear()
    updated = provider.update(WHOLE, outs, inputs(quay, rotation="2026-12")).outs
    assert in_order(quay)
    assert updated["password"] == quay.robots[ROBOT]["token"]
    assert quay.asked("regenerate") == []


@pytest.mark.parametrize("name", ["Ocean", "ocean__prod", "1ocean", "ocean-prod", "ocean_", "a" * 256])
def test_check_refuses_names_that_quay_would(quay: QuayDouble, name: str) -> None:
    failures = QuayRobotProvider().check({}, inputs(quay, robot=name)).failures
    assert [f.property for f in failures] == ["robot"]
    assert QuayRobotProvider().check({}, inputs(quay)).failures == []


def test_check_counts_the_organization(quay: QuayDouble) -> None:
    assert QuayRobotProvider().check({}, inputs(quay, robot="a" * 200, organization="o" * 60)).failures


# Existing robots


def test_a_robot_made_by_hand_is_adopted_with_its_password(quay: QuayDouble) -> None:
    password = quay.add_robot(ROBOT)
    assert engine_provider().create(inputs(quay)).outs["password"] == password
    assert in_order(quay)


def test_another_hubs_robot_is_refused(quay: QuayDouble) -> None:
    quay.add_robot(ROBOT, {"imagebuilding": "earth/ocean-prod/x"})
    with pytest.raises(QuayError, match="belongs to the hub earth/ocean-prod/x"):
        engine_provider().create(inputs(quay))
    assert quay.prototypes == []


def test_a_team_with_another_role_is_not_changed(quay: QuayDouble) -> None:
    quay.teams[TEAM] = {"role": "admin", "members": {"ada"}, "description": "ours"}
    with pytest.raises(QuayError, match="has the role admin"):
        engine_provider().create(inputs(quay))
    assert quay.teams[TEAM]["role"] == "admin"
    assert quay.robots == {}


# Errors

CALLS = [
    "GET /api/v1/organization/ocean$",
    f"PUT .*/team/{TEAM}$",
    f"GET .*/robots/{ROBOT}$",
    f"PUT .*/robots/{ROBOT}$",
    f"PUT .*/team/{TEAM}/members/",
    "GET .*/prototypes$",
    "POST .*/prototypes$",
]
PASSING = {
    "429": lambda where: Fault(where, Reply(429, b"busy", {"Retry-After": "7"})),
    "500": lambda where: Fault(where, Reply(500, b"<html>oops</html>")),
    "503": lambda where: Fault(where, BUSY),
    "cut before": lambda where: Fault(where, cut=True),
    "cut after": lambda where: Fault(where, lost=True),
    "slow": lambda where: Fault(where, slow=1.0),
    "502 twice": lambda where: Fault(where, Reply(502, b""), times=2),
}


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("where", CALLS)
def test_a_passing_fault_at_any_call_is_survived(quay: QuayDouble, slept: list[float], where: str, fault: str) -> None:
    quay.faults.append(PASSING[fault](where))
    outs = engine_provider().create(inputs(quay)).outs
    assert quay.faults[0].times == 0, "the fault did not happen"
    assert in_order(quay)
    assert outs["password"] == quay.robots[ROBOT]["token"]
    assert slept == {"429": [7.0], "502 twice": [1.0, 2.0]}.get(fault, [1.0])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("where", CALLS)
def test_a_crash_between_two_calls_is_finished_by_the_next_run(
    quay: QuayDouble, slept: list[float], monkeypatch: pytest.MonkeyPatch, where: str, after: bool
) -> None:
    quay.faults.append(Fault(where, cut=not after, lost=after))
    monkeypatch.setattr(client, "ATTEMPTS", 1)
    with pytest.raises(QuayError):
        engine_provider().create(inputs(quay))
    outs = engine_provider().create(inputs(quay)).outs
    assert in_order(quay)
    assert outs["password"] == quay.robots[ROBOT]["token"]


@pytest.mark.parametrize("where", CALLS)
@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(401, {"detail": f"bad {TOKEN}"}), "refuses the API token"),
        (Reply(403, {"detail": f"{TOKEN} unauthorized"}), "may not administer 'ocean'"),
        (Reply(429, b"", {"Retry-After": "3600"}), "asks to wait 3600 s"),
        (Reply(500, f"stack trace with {TOKEN}".encode()), "error 500"),
        (Reply(400, {"message": f"no {TOKEN}"}), r"400, no \[secret\]"),
        (Reply(302, b"", {"Location": "http://127.0.0.1:9/steal"}), "302"),
    ],
    ids=["401", "403", "429", "500", "400", "302"],
)
def test_a_lasting_fault_is_one_line_without_the_token(
    quay: QuayDouble, slept: list[float], where: str, reply: Reply, says: str
) -> None:
    quay.faults.append(Fault(where, reply, times=99))
    with pytest.raises(QuayError, match=says) as caught:
        engine_provider().create(inputs(quay))
    assert TOKEN not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_wrong_token_and_a_missing_organization(quay: QuayDouble) -> None:
    with pytest.raises(QuayError, match="refuses the API token"):
        engine_provider({"registry": {"token": "MARKER-other"}}).create(inputs(quay))
    with pytest.raises(QuayError, match="has no organization 'lake'"):
        engine_provider().create(inputs(quay, organization="lake"))


def test_an_answer_that_is_not_quays(quay: QuayDouble) -> None:
    quay.faults.append(Fault("GET", Reply(200, b"<html>please log in</html>", {"Content-Type": "text/html"})))
    with pytest.raises(QuayError, match="is this the address of a quay server"):
        engine_provider().create(inputs(quay))


def test_no_server_at_all(slept: list[float]) -> None:
    with QuayDouble() as gone:
        pass
    with pytest.raises(QuayError, match="no connection"):
        engine_provider().create(inputs(gone))
    assert slept == [1.0, 2.0, 4.0, 8.0]


def test_a_rotation_whose_answer_is_lost_ends_with_the_password_that_works(
    quay: QuayDouble, slept: list[float]
) -> None:
    provider = engine_provider()
    outs = provider.create(inputs(quay)).outs
    quay.faults.append(Fault("regenerate", lost=True))
    updated = provider.update(WHOLE, outs, inputs(quay, rotation="2026-12")).outs
    assert updated["password"] == quay.robots[ROBOT]["token"] != outs["password"]


def test_a_delete_that_is_refused_is_an_error(quay: QuayDouble) -> None:
    provider = engine_provider()
    outs = provider.create(inputs(quay)).outs
    quay.faults.append(Fault(f"DELETE .*/robots/{ROBOT}", Reply(400, {"message": "Robot is being used by a mirror"})))
    with pytest.raises(QuayError, match="used by a mirror"):
        provider.delete(WHOLE, outs)


def test_the_token_travels_encrypted_or_not_at_all() -> None:
    with pytest.raises(QuayError, match="unencrypted"):
        QuayApi("http://quay.example.org", "ocean", TOKEN)
    with pytest.raises(QuayError, match="not the address of a quay server"):
        QuayApi("quay.example.org", "ocean", TOKEN)
    with pytest.raises(QuayError, match="token is not valid"):
        QuayApi("https://quay.example.org", "ocean", f"{TOKEN}\nX-Evil: 1")
