"""The base of all stand-ins: a threaded HTTP server on the loopback interface, with a request log and faults."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """One request. `path` is not decoded; `query` is parsed; header names are in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Fault:
    """A fault in the next `times` requests whose `METHOD PATH` matches `where`.

    `reply` is answered instead of doing the work; `cut` closes the connection before the work is done, `lost` after it;
    `slow` waits that many seconds first.
    """

    where: str
    reply: Reply | None = None
    cut: bool = False
    lost: bool = False
    slow: float = 0.0
    times: int = 1


class Double:
    """A stand-in at `url`. Subclasses implement `answer`. Use it as a context manager."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        """Errors in requests. If there are any, the test fails at the end of the context."""
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._serve))
        self._server.daemon_threads = True

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        if self.complaints and kind is None:
            raise AssertionError(f"the stand-in was sent what a real server would not take: {self.complaints}")

    def answer(self, request: Request) -> Reply:
        raise NotImplementedError

    def asked(self, where: str) -> list[Request]:
        """Return the requests so far whose `METHOD PATH` matches."""
        return [r for r in self.requests if re.search(where, f"{r.method} {r.path}")]

    def _serve(self, request: Request) -> Reply | None:
        with self._lock:
            self.requests.append(request)
            found = [f for f in self.faults if f.times > 0 and re.search(f.where, f"{request.method} {request.path}")]
            fault = found[0] if found else None
            if fault:
                fault.times -= 1
        if fault and fault.slow:
            self._stopping.wait(fault.slow)
        if fault and fault.cut:
            return None
        if fault and fault.reply:
            return fault.reply
        with self._lock:  # one request at a time, as with a database
            try:
                reply = self.answer(request)
            except Exception as error:
                self.complaints.append(f"{request.method} {request.path}: {error!r}")
                return Reply(500)
        return None if fault and fault.lost else reply


def _handler(serve: Callable[[Request], Reply | None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        wbufsize = (
            1 << 16
        )  # send headers and body in one packet, otherwise each answer waits 40 ms for an acknowledgement

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = serve(Request(self.command, url.path, parse_qs(url.query), headers, body))
            if reply is None:
                self.close_connection = True
                return
            data = reply.bytes()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if "Content-Type" not in reply.headers:
                self.send_header("Content-Type", "application/json")
            if reply.status != 204 and "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = handle_any

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError, TimeoutError):  # some tests close the connection
                super().handle()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def wait_until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until `ready`. Raises an error with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come up in {seconds} s")
        time.sleep(0.05)
