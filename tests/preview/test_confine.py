"""What the code of a stranger can reach: nothing of the person who runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hubs import confine
from hubs.preview.cache import Cache
from tests.preview.project import Project

MARKER = "hunter2-marker-secret"
confined = pytest.mark.skipif(not confine.is_confined(), reason="needs Linux 6.2 or newer with Landlock")
needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")

KEPT = {"__init__.py", "confine.py"}
PROBE = """
import json, os, pathlib, socket, sys
def tried(action):
    try:
        return str(action())
    except OSError as error:
        return type(error).__name__
place, port, parent = pathlib.Path(sys.argv[1]), int(sys.argv[2]), os.getppid()
def others():
    found = ""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        if int(entry.name) != os.getpid():
            found += tried((entry / "environ").read_text)
    return found
def linked():
    link = pathlib.Path.home() / "link"
    link.symlink_to(place / "key")
    return link.read_text()
def forged():
    path = place / "cache"
    path.mkdir(parents=True)
print(json.dumps({
    "variables": dict(os.environ),
    "home": tried(lambda: (pathlib.Path.home() / "x").write_text("y")),
    "key": tried((place / "key").read_text),
    "list": tried(lambda: os.listdir(place)),
    "write": tried(lambda: (place / "new").write_text("x")),
    "change": tried(lambda: (place / "key").write_text("x")),
    "truncate": tried(lambda: os.truncate(place / "key", 0)),
    "remove": tried((place / "key").unlink),
    "link": tried(linked),
    "forged": tried(forged),
    "signal": tried(lambda: os.kill(parent, 0)),
    "network": tried(lambda: socket.create_connection(("127.0.0.1", port), 2).close()),
    "parent": tried(pathlib.Path(f"/proc/{parent}/environ").read_text),
    "others": sys.argv[3] in others(),
}))
"""
PARENT = """
import json, pathlib, subprocess, sys
from hubs import confine
home, project = map(pathlib.Path, sys.argv[1:3])
if sys.argv[3] == "open":
    confine.is_confined = lambda: False
command = [sys.executable, "-I", "-S", "-c", *sys.argv[4:]]
done = confine.start(command, home=home, project=project, network=False, cwd=home, stdout=subprocess.PIPE)
print(done.communicate()[0].decode())
"""


def probe(tmp_path: Path, how: str = "confined", **options: Any) -> dict[str, Any]:
    """Return what a process can do that this module starts, from a process with a marker in its environment."""
    import socket

    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "key").write_text(MARKER)
    for folder in ("home", "project"):
        (tmp_path / folder).mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        arguments = [str(tmp_path / "outside"), str(server.getsockname()[1]), MARKER]
        done = subprocess.run(
            [sys.executable, "-c", PARENT, str(tmp_path / "home"), str(tmp_path / "project"), how, PROBE, *arguments],
            cwd=confine.__file__.rpartition("/hubs/")[0],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path / "outside"), "AWS_SECRET_ACCESS_KEY": MARKER},
            capture_output=True,
            text=True,
            check=False,
            **options,
        )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@confined
@needs_proc
def test_a_confined_process_reaches_nothing_of_the_person(tmp_path: Path) -> None:
    found = probe(tmp_path)
    assert set(found.pop("variables")) <= {*confine.VARIABLES, "HOME", "TMPDIR", "LC_CTYPE"}
    assert found.pop("home") == "1"
    if confine._abi() < 6:
        found.pop("signal")
    allowed = {name: result for name, result in found.items() if result not in ("PermissionError", False)}
    assert allowed == {}
    assert (tmp_path / "outside" / "key").read_text() == MARKER


@needs_proc
@pytest.mark.skipif(os.geteuid() != 0 or not Path("/proc").exists(), reason="only root can become another user")
def test_the_memory_of_the_parent_is_closed_without_landlock(tmp_path: Path) -> None:
    """For another user than root, whom the kernel lets read everything."""
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents:
        if folder.stat().st_uid == 0 and folder != Path("/") and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o011)
    program = (
        "import ctypes, os, subprocess, sys\n"
        "if sys.argv[1] == 'closed': ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"
        "read = f'cat /proc/{os.getpid()}/environ'\n"
        "sys.exit(subprocess.run(['sh', '-c', read], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode)"
    )
    assert confine._PR_SET_DUMPABLE == 4
    codes = {
        how: subprocess.run(["/usr/bin/python3", "-c", program, how], user=65534, group=65534, check=False).returncode
        for how in ("open", "closed")
    }
    assert codes["open"] == 0
    assert codes["closed"] != 0


@needs_proc
def test_without_landlock_the_environment_is_still_clean(tmp_path: Path) -> None:
    variables = probe(tmp_path, "open")["variables"]
    assert set(variables) <= {*confine.VARIABLES, "HOME", "TMPDIR", "LC_CTYPE"}
    assert variables["HOME"] == str(tmp_path / "home")


def test_without_landlock_nothing_is_cached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(confine, "is_confined", lambda: False)
    assert Cache.default().folder is None


def test_a_home_below_a_readable_folder_is_not_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "home" / "ada" / "bin").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "ada"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{tmp_path / 'home'}:{tmp_path / 'home/ada'}:{tmp_path / 'home/ada/bin'}:/")
    found = confine._readable(Path(__file__).parent)
    assert str(tmp_path / "home" / "ada" / "bin") in found
    assert not {str(tmp_path), str(tmp_path / "home"), str(tmp_path / "home" / "ada"), "/"} & set(found)


@confined
@needs_proc
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_than_root(tmp_path: Path) -> None:
    """With folders on PATH that the user can't read, and with the system's Python, which has none of the packages."""
    shutil.copytree(Path(confine.__file__).parent, tmp_path / "hubs", ignore=lambda _, names: {*names} - KEPT)
    for name in ("home", "outside", "project", "closed"):
        (tmp_path / name).mkdir()
    (tmp_path / "outside" / "key").write_text(MARKER)
    for path in [tmp_path, *tmp_path.rglob("*")]:
        os.chown(path, 65534, 65534)
    os.chown(tmp_path / "closed", 0, 0)
    (tmp_path / "closed").chmod(0o700)
    for folder in [tmp_path, *tmp_path.parents][:4]:
        folder.chmod(folder.stat().st_mode | 0o011)
    arguments = [str(tmp_path / "home"), str(tmp_path / "project"), "confined", PROBE, str(tmp_path / "outside")]
    done = subprocess.run(
        ["/usr/bin/python3", "-c", PARENT, *arguments, "1", MARKER],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}/closed/below:{tmp_path}/closed:/usr/bin", "HOME": str(tmp_path / "outside")}
        | {"AWS_SECRET_ACCESS_KEY": MARKER},
        user=65534,
        group=65534,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["home"], found["key"], found["parent"], found["others"]) == ("1", *["PermissionError"] * 2, False)


@confined
@pytest.mark.usefixtures("helm")
def test_the_program_of_a_pull_request_can_not_forge_the_cache(project: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert project.hubs("diff", "earth", XDG_CACHE_HOME=str(cache)).returncode == 0
    before = {path: path.read_bytes() for path in cache.rglob("*") if path.is_file()}
    assert before, "something is cached"
    seen = f"""
import os, pathlib
for path in pathlib.Path({str(cache)!r}).rglob("*"):
    path.write_bytes(b"forged")
pathlib.Path({str(cache)!r}, "new").write_text("forged")
"""
    evil = f"import contextlib, pulumi\nwith contextlib.suppress(OSError):\n    exec({seen!r})\n"
    project.replace("__main__.py", "import pulumi\n", evil)
    done = project.hubs("diff", "earth", XDG_CACHE_HOME=str(cache))
    assert done.returncode == 0, done.stderr
    after = {path: path.read_bytes() for path in cache.rglob("*") if path.is_file()}
    assert {path: after[path] for path in before} == before
    assert not (cache / "new").exists()
