"""The sidecar that prunes the Docker daemon, with a real daemon and BusyBox, which is also the shell of its image."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hubs.values.binderhub import prune
from tests.isolation.lab import DOCKER, missing, pod

WHY_NOT = missing((*DOCKER, "busybox"))
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

MIB = 1024
IMAGE = 20 * MIB
"""Kibibytes of each image."""


def wait_for(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 30
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.5)
    return found


def test_old_images_go_before_the_limit_and_new_ones_stay(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    subprocess.run(["busybox", "--install", "-s", str(tools)], check=True)
    with pod() as found, found.docker() as socket:
        environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}", "DOCKER_BUILDKIT": "0"}

        def docker(*arguments: str) -> str:
            done = subprocess.run(["docker", *arguments], env=environment, text=True, capture_output=True, check=True)
            return done.stdout

        def build(name: str) -> None:
            context = tmp_path / name
            context.mkdir()
            (context / "data").write_bytes(os.urandom(IMAGE * 1024))
            (context / "Dockerfile").write_text("FROM scratch\nCOPY data /data\n")
            docker("build", "--quiet", "--tag", f"registry.test/{name}:1", str(context))

        def images() -> set[str]:
            return set(docker("image", "ls", "--format", "{{.Repository}}").split())

        data = str(socket.parent / "data")
        _, _, script, name, *_ = prune(1)["command"]
        limits = [str(IMAGE * 5 // 2), str(IMAGE * 3 // 2)]
        command = ["busybox", "sh", "-c", script, name, str(socket), data, *limits, "1", "5"]
        path = f"{tools}{os.pathsep}{os.environ['PATH']}"
        build("first")
        build("second")
        with subprocess.Popen(command, env={**os.environ, "PATH": path}, stdout=subprocess.DEVNULL) as sidecar:
            try:
                time.sleep(7)
                assert images() == {"registry.test/first", "registry.test/second"}, "below the limit nothing goes"
                build("third")
                assert wait_for(lambda: len(images()) == 1)
                assert images() == {"registry.test/third"}, "it may still be pushed"
                time.sleep(7)
                assert images() == {"registry.test/third"}, "enough is free"
                sidecar.terminate()
                assert sidecar.wait(5) == 0, "so that the pod ends at once"
            finally:
                sidecar.kill()
