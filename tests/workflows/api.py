"""A stand-in for GitHub's API on the loopback interface: pull requests, comments, issues and deployments of one
repository."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "org/hubs"
TOKEN = "hunter2-marker-token"


@dataclass
class State:
    """The state of the repository. `asked`: method and path of each request; `failing`: a status for all answers."""

    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    """The newest last. `statuses`: the last one first, as GitHub answers."""
    files: list[dict[str, Any]] = field(default_factory=list)
    """The files that every pull request changes."""
    tip: str = ""
    """The newest commit of the main branch."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    failing: int = 0
    page_size: int = 2
    url: str = ""


def run(api: State, cwd: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments and variables, for this repository. It never shows a traceback or the token."""
    github = {"GITHUB_API_URL": api.url, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN}
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd, env=variables | github, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    return done


@contextmanager
def serve() -> Iterator[State]:
    """Serve the API at `state.url`. Requests without the token are refused."""
    state = State()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            self._note()
            parts = url.path.split("/")[4:]
            if self._refused():
                return
            match parts:
                case ["pulls", number] if int(number) in state.pulls:
                    self._answer(state.pulls[int(number)])
                case ["pulls", number, "files"]:
                    self._page(state.files, url.query)
                case ["issues", number, "comments"]:
                    self._page([c for c in state.comments if c["issue"] == int(number)], url.query)
                case ["actions", "runs", "42", "artifacts"]:
                    self._answer({"artifacts": state.artifacts})
                case ["git", "ref", "heads", "main"]:
                    self._answer({"ref": "refs/heads/main", "object": {"sha": state.tip}})
                case ["deployments"]:
                    wanted = parse_qs(url.query)["environment"]
                    found = [d for d in reversed(state.deployments) if [d["environment"]] == wanted]
                    self._page(found, url.query)
                case ["deployments", number, "statuses"]:
                    (one,) = [d for d in state.deployments if d["id"] == int(number)]
                    self._page([{"state": name} for name in one["statuses"]], url.query)
                case ["issues"]:
                    self._page([i for i in state.issues if i["state"] == "open"], url.query)
                case _:
                    self._answer({"message": "Not Found"}, 404)

        def do_POST(self) -> None:
            self._note()
            body = self._body()
            if self._refused():
                return
            match self.path.split("/")[4:]:
                case ["issues", number, "comments"]:
                    new = {
                        "id": len(state.comments),
                        "issue": int(number),
                        "user": {"login": "github-actions[bot]"},
                        **body,
                    }
                    state.comments.append(new)
                    self._answer(new, 201)
                case ["issues"]:
                    new = {"number": len(state.issues) + 100, "state": "open", **body}
                    state.issues.append(new)
                    self._answer(new, 201)

        def do_PATCH(self) -> None:
            self._note()
            body = self._body()
            if self._refused():
                return
            match self.path.split("/")[4:]:
                case ["issues", "comments", number]:
                    (found,) = [c for c in state.comments if c["id"] == int(number)]
                case ["issues", number]:
                    (found,) = [i for i in state.issues if i["number"] == int(number)]
            found.update(body)
            self._answer(found)

        def _note(self) -> None:
            state.asked.append((self.command, self.path))

        def _body(self) -> dict[str, Any]:
            read: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if len(str(read.get("body", ""))) > 65_536:
                state.failing = 422  # as GitHub: "Body is too long"
            return read

        def _refused(self) -> bool:
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self._answer({}, 401)
                return True
            if state.failing:
                self._answer({}, state.failing)
                return True
            return False

        def _page(self, items: list[Any], query: str) -> None:
            page = int(parse_qs(query).get("page", ["1"])[0])
            part = items[(page - 1) * state.page_size : page * state.page_size]
            more = page * state.page_size < len(items)
            path, _, asked = self.path.partition("?")
            others = "".join(f"{part}&" for part in asked.split("&") if not part.startswith("page="))
            link = {"Link": f'<{state.url}{path}?{others}page={page + 1}>; rel="next"'} if more else {}
            self._answer(part, 200, link)

        def _answer(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
            raw = json.dumps(content).encode()
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(raw))} | (headers or {})).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
