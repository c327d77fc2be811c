"""Start and stop a hub: one clear line for each error, nothing left behind, nothing on other interfaces."""

from __future__ import annotations

import copy
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubs.cli import run
from hubs.page import command
from hubs.page.errors import LocalHubError
from hubs.page.notes import notes
from hubs.page.run import LocalHub
from hubs.page.site import SITE_FILE, Target
from hubs.settings.loader import ROOT
from tests.page.conftest import Builder

proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to see processes")


def _processes(mark: str) -> list[int]:
    """Return the ids of the processes that have `mark` in their environment or command."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if mark.encode() in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def _listening(pids: list[int]) -> set[str]:
    """Return the addresses on which these processes listen, in the format of /proc/net/tcp."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
            except OSError:
                continue
    lines = [line.split() for net in ("tcp", "tcp6") for line in Path(f"/proc/net/{net}").read_text().splitlines()[1:]]
    return {line[1].partition(":")[0] for line in lines if line[3] == "0A" and line[9] in inodes}


@proc
def test_all_of_it_listens_on_loopback_and_ends(needs_hub: None, builder: Builder, target: Target) -> None:
    with LocalHub(target) as hub:
        mark = str(hub.site.directory)
        running = _processes(mark)
        assert len(running) == 3  # hub, proxy, build service
        assert _listening(running) == {"0100007F"}
        assert hub.site.directory.exists()
    assert _processes(mark) == []
    assert not hub.site.directory.exists()


@proc
def test_a_killed_hub_leaves_nothing_either(needs_hub: None, builder: Builder, target: Target) -> None:
    with LocalHub(target) as hub:
        mark = str(hub.site.directory)
        (hub_process,) = [process for name, process in hub._processes if name == "hub"]
        hub_process.kill()
        hub_process.wait()
        assert not hub.alive()
        assert _processes(mark)  # its proxy, and the build service
    assert _processes(mark) == []


def _changed(target: Target, **extra: str) -> Target:
    out = copy.deepcopy(target)
    out.jupyterhub["hub"]["extraConfig"] |= extra
    return out


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = 1\nboom()", r"hub\.extraConfig\.zz: NameError: name 'boom' is not defined \(line 2\)"),
        ("def f(:", r"hub\.extraConfig\.zz: SyntaxError: .*\(line 1\)"),
        (
            "c.JupyterHub.spawner_class = 'simple'",
            r"JupyterHub\.spawner_class is SimpleLocalProcessSpawner.*not a subclass of KubeSpawner",
        ),
    ],
)
def test_a_snippet_that_fails_is_one_line(
    needs_hub: None, builder: Builder, target: Target, code: str, said: str
) -> None:
    with pytest.raises(LocalHubError, match=said) as caught, LocalHub(_changed(target, zz=code)):
        pass
    assert "\n" not in str(caught.value)


def test_what_the_configuration_says_is_passed_on(needs_hub: None, builder: Builder, target: Target) -> None:
    changed = _changed(
        target,
        aa="from z2jh import get_config\nSHARED = get_config('custom.word')\n",
        bb="import os\nprint('local hub:', SHARED, get_config('singleuser.uid'), os.environ['POD_NAMESPACE'])",
    )
    changed.jupyterhub["custom"] = {**changed.jupyterhub.get("custom", {}), "word": "tide"}
    mounted = "/usr/local/etc/jupyterhub/jupyterhub_config.d/first.py"
    code = "print('local hub:', 'mounted files come first', 'SHARED' in globals())"
    changed.jupyterhub["hub"]["extraFiles"]["first"] = {"mountPath": mounted, "stringData": code}
    changed.jupyterhub["hub"]["config"] |= {
        "JupyterHub": {"authenticator_class": "github", "no_such_hub_setting": 1},
        "GitHubOAuthenticator": {"allowed_organisations": ["ocean"]},
    }
    with LocalHub(changed) as hub:
        said = notes(hub.log)
    # Snippets share one namespace and the values, and run after mounted files.
    assert "tide 1000 ocean-prod" in said
    assert "mounted files come first False" in said
    # Unknown settings of the hub, and of the authenticator that the local login replaces.
    assert "`no_such_hub_setting` not recognized by `JupyterHub`" in "\n".join(said)
    assert "`allowed_organisations` not recognized by `GitHubOAuthenticator`" in "\n".join(said)


def test_missing_packages_are_one_line_with_the_target_that_installs_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "PACKAGES", ("jupyterhub_that_is_not_there", "sys"))
    assert run(["page", "demo"]) == 1
    said = "not installed: jupyterhub_that_is_not_there; run `make page`, which installs what the page needs\n"
    assert capsys.readouterr() == ("", said)


def test_a_taken_port_is_one_line(needs_hub: None, target: Target) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalHubError, match=f"port {port} is already in use"), LocalHub(target, port):
            pass


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "a/b"], "there is no stack 'nowhere'; there are: demo, earth, mars"),
        (["demo", "a/b"], "demo has no hub 'a/b'; there are: sandbox/prod"),
        (["earth"], "earth has several hubs; name one of: climate/prod, climate/staging"),
    ],
)
def test_a_wrong_name_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert run(["page", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1


@proc
def test_the_command_runs_until_interrupted(needs_hub: None) -> None:
    with _started("demo") as process:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("Log in as anyone"):
                break
        assert "http://127.0.0.1:" in said
        assert "Ignored locally (needs a cluster): " in said
        started = _children(process.pid)
        assert len(started) >= 2
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    assert "nothing is left running" in rest
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []


@proc
def test_a_killed_command_takes_all_of_it_along(needs_hub: None) -> None:
    with _started("demo", "sandbox/prod") as process:
        assert process.stdout
        next(line for line in process.stdout if line.startswith("Log in as anyone"))
        (mark,) = {_site(pid) for pid in _children(process.pid)}
        process.kill()
    deadline = time.monotonic() + 30
    while (_processes(mark) or any(Path(mark).parent.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert _processes(mark) == []
    assert list(Path(mark).parent.iterdir()) == []  # the folder itself is not in a folder that the hub may change
    Path(mark).parent.rmdir()


def test_a_picture_is_written(needs_chromium: None, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.png"
    command = [sys.executable, "-m", "hubs", "page", "demo", "sandbox/prod", "--screenshot", str(file)]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert f"{file}: 1 profile\n" in said
    assert file.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_hub_without_profiles_has_a_picture_of_what_people_get(
    needs_chromium: None, target: Target, tmp_path: Path
) -> None:
    from hubs.page.pictures import take

    without = copy.deepcopy(target)
    without.jupyterhub["singleuser"]["profileList"] = []
    with LocalHub(without) as hub:
        assert take(hub, tmp_path / "page.png") == 0
    assert (tmp_path / "page.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


@contextmanager
def _started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`hubs page` in a process that ends with the test, also where the test fails."""
    command = [sys.executable, "-m", "hubs", "page", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _site(pid: int) -> str:
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return next(v.decode().partition("=")[2] for v in variables if v.startswith(f"{SITE_FILE}=".encode()))
