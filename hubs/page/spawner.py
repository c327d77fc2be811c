"""KubeSpawner without Kubernetes: real options, profiles and pod manifest, then a local process instead of the pod."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from jupyterhub.utils import maybe_future, random_port
from kubespawner import KubeSpawner
from traitlets import Unicode

from hubs.page.choice import Choice, describe, lines
from hubs.page.notes import print_note

CHOICE_FILE = "LOCALHUB_CHOICE"
"""Environment variable of a local server: the file with its `Choice`, as JSON."""
_STOP_TIMEOUT = 10  # seconds until a server is killed


class LocalServer(KubeSpawner):  # type: ignore[misc]
    """A mixin for a hub's own spawner class, which creates everything up to the pod's manifest."""

    directory = Unicode(config=True, help="Folder for the files of servers, deleted when the local hub stops.")

    _process: subprocess.Popen[bytes] | None = None
    _choice: Choice | None = None

    async def _start(self) -> tuple[str, int]:
        """Do the same as KubeSpawner until the pod is created, then start a local process."""
        await self.load_user_options()
        pod = await self.get_pod_manifest()
        if self.modify_pod_hook:
            pod = await maybe_future(self.modify_pod_hook(self, pod))
        manifest = self.api.api_client.sanitize_for_serialization(pod)
        self._choice = describe(manifest, self.user_options, self.default_url)
        print_note(f"{self._log_name} starts a server. On the cluster, it would have:")
        for line in lines(self._choice):
            print_note(f"  {line}")
        return self._start_process()

    def _start_process(self) -> tuple[str, int]:
        # The name is a pod's only on the cluster: `podNameTemplate` may have slashes.
        name = re.sub(r"[^a-z0-9-]+", "-", self.pod_name)[:50]
        home = Path(self.directory) / f"{name}-{hashlib.sha256(self.pod_name.encode()).hexdigest()[:8]}"
        home.mkdir(parents=True, exist_ok=True)
        (home / "choice.json").write_text(json.dumps(self._choice))
        self.ip, self.port = "127.0.0.1", random_port()
        lab = importlib.util.find_spec("jupyterlab") is not None
        module = ["jupyterhub.singleuser", *_allow_root()] if lab else ["hubs.page.server_page"]
        env = {key: str(value) for key, value in self.get_env().items() if isinstance(value, str | int | float)}
        env |= {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ["PYTHONPATH"],
            "HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
            "JUPYTER_DATA_DIR": str(home / ".local"),
            "JUPYTER_RUNTIME_DIR": str(home / ".runtime"),
            CHOICE_FILE: str(home / "choice.json"),
        }
        if lab:
            # The community's start page is part of its image. Only JupyterLab is available locally.
            env["JUPYTERHUB_DEFAULT_URL"] = "/lab"
            (home / "This server on the cluster.md").write_text(
                "\n".join(f"- {line}" for line in lines(self._choice or {}))
            )
        self._process = subprocess.Popen([sys.executable, "-m", *module], cwd=home, env=env, start_new_session=True)
        (home / "pid").write_text(str(self._process.pid))
        return self.ip, self.port

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Show the choice on the page that waits for the server."""
        while self._start_future is None:
            await asyncio.sleep(0.05)
        await asyncio.wait([self._start_future])
        for line in lines(self._choice or {}):
            yield {"progress": 50, "message": line}

    async def poll(self) -> int | None:
        """Return None while the process runs, otherwise its exit code."""
        return 0 if self._process is None else self._process.poll()

    async def stop(self, now: bool = False) -> None:
        """Stop the process and its children."""
        process, self._process = self._process, None
        self._start_future = None
        if process is None:
            return
        for number in ([] if now else [signal.SIGTERM]) + [signal.SIGKILL]:
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                break
            try:
                await asyncio.to_thread(process.wait, _STOP_TIMEOUT)
                break
            except subprocess.TimeoutExpired:
                continue


def _allow_root() -> list[str]:
    """Return the option without which Jupyter does not run as root."""
    return ["--allow-root"] if os.geteuid() == 0 else []


def local_spawner(spawner: type[KubeSpawner]) -> type[LocalServer]:
    """Return the hub's own spawner class with local servers."""
    return type(f"Local{spawner.__name__}", (LocalServer, spawner), {})
