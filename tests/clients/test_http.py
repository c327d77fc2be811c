"""The retrying client against a server that fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from hubs.clients.http import Http, HttpError, retry_after
from tests.doubles.server import Double, Fault, Reply, Request


class Echo(Double):
    def answer(self, request: Request) -> Reply:
        return Reply(200, {"path": request.path})


@pytest.fixture
def server() -> Iterator[Echo]:
    with Echo() as double:
        yield double


def in_a_minute() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)


def client(waits: list[float], **limits: float) -> Http:
    settings = {"attempts": 3, "longest_wait": 30.0, **limits}
    return Http(httpx.Client(timeout=0.5), sleep=waits.append, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (Fault("GET", Reply(429, b"", {"Retry-After": "7"})), [7.0]),
        (Fault("GET", Reply(503, b"", {"Retry-After": "7"})), [7.0]),
        (Fault("GET", Reply(503, b"", {"Retry-After": "3600"})), [30.0]),
        (Fault("GET", Reply(500, b""), times=2), [1.0, 2.0]),
        (Fault("GET", cut=True), [1.0]),
        (Fault("GET", lost=True), [1.0]),
        (Fault("GET", slow=1.0), [1.0]),
    ],
)
def test_passing_faults(server: Echo, fault: Fault, waited: list[float]) -> None:
    server.faults.append(Fault(**vars(fault)))
    waits: list[float] = []
    answer = client(waits).send("GET", f"{server.url}/x")
    assert (answer.status, answer.json(), answer.trouble) == (200, {"path": "/x"}, "")
    assert waits == waited


@pytest.mark.parametrize(
    ("reply", "trouble", "tries"),
    [
        (Reply(429, b"", {"Retry-After": "3600"}), "too many requests (429), asks to wait 3600 s", 1),
        (Reply(429, b"", {"Retry-After": "2"}), "too many requests (429), asks to wait 2 s", 3),
        (Reply(503, b"busy"), "error 503", 3),
        (Reply(404, b""), "", 1),
        (Reply(302, b"", {"Location": "/y"}), "", 1),
    ],
)
def test_the_last_answer_is_given_whatever_it_is(server: Echo, reply: Reply, trouble: str, tries: int) -> None:
    server.faults.append(Fault("GET", reply, times=9))
    answer = client([]).send("GET", f"{server.url}/x")
    assert (answer.status, answer.trouble) == (reply.status, trouble)
    assert len(server.requests) == tries


def test_an_answer_has_a_size_that_is_read(server: Echo) -> None:
    server.faults.append(Fault("GET", Reply(200, b"x" * 2_000_001), times=9))
    assert len(client([]).send("GET", server.url).content) == 2_000_001
    with pytest.raises(HttpError, match="larger than 1 MB"):
        client([]).send("GET", server.url, largest=1_000_000)


def test_what_keeps_an_answer_away_is_one_line(server: Echo) -> None:
    with Echo() as gone:
        pass
    waits: list[float] = []
    with pytest.raises(HttpError, match=r"^no connection \("):
        client(waits).send("GET", gone.url)
    assert waits == [1.0, 2.0]
    server.faults.append(Fault("GET", Reply(200, b"not gzip", {"Content-Encoding": "gzip"})))
    with pytest.raises(HttpError, match=r"an answer that can't be read \(DecodingError\)"):
        client([]).send("GET", server.url)
    with pytest.raises(HttpError, match="an answer that can't be read"):
        client([]).send("GET", "http://[::1")


def test_errors_quote_no_credentials(server: Echo) -> None:
    with pytest.raises(HttpError) as caught:
        client([]).send("GET", server.url, headers={"Authorization": "Bearer MARKER-token\nX-Evil: 1"})
    assert "MARKER" not in str(caught.value)


def test_a_call_that_must_not_happen_twice(server: Echo) -> None:
    server.faults.append(Fault("POST", lost=True))

    def stop() -> None:
        raise KeyError("done already")

    with pytest.raises(KeyError):
        client([]).send("POST", server.url, body={}, before_retry=stop)
    assert len(server.requests) == 1


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after("7", 1) == 7
    assert retry_after("soon", 1) == 1
    assert retry_after(None, 2) == 2
    assert 50 < retry_after(in_a_minute(), 1) <= 60
