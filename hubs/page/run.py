"""Start one local hub, and stop all of its processes."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

from hubs import confine
from hubs.page.chart import Values, translate
from hubs.page.errors import LocalHubError
from hubs.page.notes import PREFIX
from hubs.page.site import SITE_FILE, Site, Target
from hubs.page.versions import made_with

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ("DOCKER_HOST", "DOCKER_CONTEXT")
"""Variables of the caller that say where Docker is, which builds images."""
_START_TIMEOUT = 90  # seconds; long enough for a busy machine
_STOP_TIMEOUT = 20  # seconds until a process is killed
# KubeSpawner needs a kubeconfig even without a cluster, and must not find the user's own.
_KUBECONFIG = """apiVersion: v1
kind: Config
clusters: [{name: none, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: none, user: {}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
current-context: none
"""


def not_applied(jupyterhub: Mapping[str, Any]) -> list[str]:
    """Return the paths of a release's values that a local hub ignores, because they need a cluster."""
    values = Values(jupyterhub)
    translate(values, lambda key: key)
    for path in (
        "hub.extraConfig",
        "hub.extraFiles",
        "hub.extraEnv",
        "hub.cookieSecret",
        "proxy.secretToken",
        "custom",
    ):
        values.get(path)
    return values.unread()


class LocalHub:
    """A running hub with its proxy, build service and servers. Use it in a `with` statement.

    Raises LocalHubError, with the reason from the log, if it does not start.
    """

    def __init__(self, target: Target, port: int | None = None, packages: Path | None = None) -> None:
        """`packages`: a folder of Python packages that are used instead of this environment's."""
        self._directory = Path(tempfile.gettempdir()) / f"localhub-{secrets.token_hex(8)}"
        self._processes: list[tuple[str, subprocess.Popen[bytes]]] = []
        public, hub, proxy_api, builder = _free_ports(4)
        self.site = Site(
            **vars(target),
            directory=self._directory,
            public=port or public,
            hub=hub,
            proxy_api=proxy_api,
            builder=builder,
            made_with=made_with(target.jupyterhub, packages),
        )
        self._packages = packages

    @property
    def url(self) -> str:
        """The URL for browsers."""
        return self.site.url

    @property
    def log(self) -> str:
        """The output of hub and proxy so far."""
        path = self._directory / "hub.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def __enter__(self) -> LocalHub:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def alive(self) -> bool:
        """Return whether all processes still run."""
        return all(process.poll() is None for _, process in self._processes)

    def _start(self) -> None:
        self._directory.mkdir(mode=0o700)
        if _taken(self.site.public):
            raise LocalHubError(f"port {self.site.public} is already in use; choose another one with --port")
        print(f"It runs the code in the hub's values, such as hub.extraConfig. {confine.what_it_can_do()}", flush=True)
        env = self._environment()
        # Start the build service first, because the hub checks its services only once, when it starts.
        if self.site.binderhub is not None:
            self._run("build service", [builder_module()], env | service_environment(self.site))
            base = ((self.site.binderhub.get("config") or {}).get("BinderHub") or {}).get("base_url") or "/"
            self._wait("build service", f"http://127.0.0.1:{self.site.builder}{base}", range(200, 500))
        self._run("hub", ["jupyterhub", "-f", str(ROOT / "hubs" / "page" / "hub_config.py")], env)
        self._wait("hub", f"{self.url}/hub/health", [200])

    def _environment(self) -> dict[str, str]:
        config = self._directory / "kubeconfig"
        config.write_text(_KUBECONFIG)
        docker = {name: os.environ[name] for name in DOCKER if name in os.environ}
        path = os.pathsep.join(str(folder) for folder in (self._packages, ROOT) if folder is not None)
        return docker | {"KUBECONFIG": str(config), "PYTHONPATH": path, SITE_FILE: str(self.site.save())}

    def _run(self, name: str, module: list[str], env: dict[str, str]) -> None:
        with (self._directory / f"{name.replace(' ', '-')}.log").open("wb") as log:
            process = confine.start(
                [sys.executable, "-m", *module],
                home=self._directory,
                project=ROOT,
                network=True,
                variables=env,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._processes.append((name, process))

    def _wait(self, name: str, url: str, answers: Container[int]) -> None:
        """Wait until the URL answers with one of these status codes."""
        deadline = time.monotonic() + _START_TIMEOUT
        process = dict(self._processes)[name]
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise LocalHubError(f"the {name} did not start: {self._last_line(name)}")
            if _status(url) in answers:
                return
            time.sleep(0.1)
        raise LocalHubError(f"the {name} did not answer within {_START_TIMEOUT} seconds: {self._last_line(name)}")

    def _last_line(self, name: str) -> str:
        log = (self._directory / f"{name.replace(' ', '-')}.log").read_text(errors="replace")
        lines = [line for line in log.splitlines() if line.strip()]
        fatal = [line.partition("FATAL: ")[2] for line in lines if line.startswith(f"{PREFIX}FATAL")]
        return (fatal or lines or ["its log is empty"])[-1]

    def stop(self) -> None:
        """Stop all processes and delete their files. May be called more than once."""
        while self._processes:
            _, process = self._processes.pop()
            _end(process)
        # The proxy and the servers of a killed hub still run.
        for file in [self._directory / "proxy.pid", *self._directory.glob("servers/*/pid")]:
            with contextlib.suppress(OSError, ValueError):
                os.killpg(int(file.read_text()), signal.SIGKILL)
        shutil.rmtree(self._directory, ignore_errors=True)


def service_environment(site: Site) -> dict[str, str]:
    """Return the variables of the BinderHub pod (`extraEnv`), with this machine's addresses and this run's secrets.

    Raises LocalHubError for a key that the Secret `hub` does not have, because such a pod does not start.
    """
    out: dict[str, str] = {}
    for entry in (site.binderhub or {}).get("extraEnv") or []:
        name, reference = entry["name"], (entry.get("valueFrom") or {}).get("secretKeyRef")
        if reference:
            value = site.hub_secret(reference.get("key", "")) if reference.get("name") == "hub" else None
            if value is None and not reference.get("optional"):
                raise LocalHubError(
                    f"binderhub-service extraEnv {name}: the key {reference.get('key')} of the Secret"
                    f" {reference.get('name')} does not exist, so the pod does not start"
                )
            out |= {name: value} if value else {}
        elif name == "JUPYTERHUB_API_TOKEN":
            out[name] = site.stand_in(str(entry.get("value")))
        elif isinstance(entry.get("value"), str):
            out[name] = site.here(entry["value"])
    return out


def builder_module() -> str:
    """Return the module of BinderHub if it can be imported, otherwise of the local build service."""
    return "hubs.page.real_binderhub" if importlib.util.find_spec("binderhub") else "hubs.page.build_service"


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            # Stop the hub first, because it stops its proxy and servers in order.
            process.send_signal(number)
        try:
            process.wait(_STOP_TIMEOUT)
            break
        except subprocess.TimeoutExpired:
            continue
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _status(url: str) -> int | None:
    """Return the status code of the answer, or None without an answer."""
    try:
        with urllib.request.build_opener(_NoRedirect).open(url, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        return list(_bound(count, stack))


def _bound(count: int, stack: contextlib.ExitStack) -> Iterator[int]:
    for _ in range(count):
        probe = stack.enter_context(socket.socket())
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]
