"""A stranger's values on this machine: their code runs, and reaches nothing outside of its temporary folder."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hubs import confine
from hubs.page.chart import Values, translate
from hubs.page.errors import LocalHubError
from hubs.page.files import in_pod, write_extra_files
from hubs.page.run import LocalHub
from hubs.page.site import Target

MARKER = "hunter2-marker-secret"
SEEN = """
import json, os, pathlib
def tried(action):
    try:
        return str(action())
    except OSError as error:
        return type(error).__name__
outside = pathlib.Path({outside!r})
print("local hub: SEEN " + json.dumps({{
    "variables": dict(os.environ),
    "write": tried(lambda: (outside / "by-extra-config").write_text("x")),
    "read": tried((outside / "key").read_text),
    "parent": tried(pathlib.Path(f"/proc/{{os.getppid()}}/environ").read_text),
    "home": tried(lambda: pathlib.Path.home().joinpath("x").write_text("x")),
}}), flush=True)
"""


@pytest.mark.parametrize(
    "path", ["../x", "/../x", "/a/../../x", "a/b/../../../x", "/srv/..", "//../x", "/srv/jupyterhub/../../../x"]
)
def test_files_that_climb_are_refused(tmp_path: Path, path: str) -> None:
    directory = tmp_path / "site"
    directory.mkdir()
    with pytest.raises(LocalHubError, match=r"^hub\.extraFiles\.evil can't be written: .* has '\.\.'$"):
        write_extra_files({"evil": {"mountPath": path, "stringData": "x"}}, directory)
    assert [entry.name for entry in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize(
    "file",
    [
        {},
        {"mountPath": "/"},
        {"mountPath": ""},
        {"mountPath": "/x\0y", "stringData": ""},
        {"mountPath": "/" + "x" * 300, "stringData": ""},
        {"mountPath": 5, "stringData": ""},
        {"mountPath": "/x"},
        {"mountPath": "/x", "binaryData": "no base64!"},
        {"mountPath": "/first/below", "stringData": ""},
        "text",
        None,
    ],
)
def test_files_that_can_not_be_written_are_one_line(tmp_path: Path, file: Any) -> None:
    files = {"a": {"mountPath": "/first", "stringData": "1"}, "b": file}
    with pytest.raises(LocalHubError, match=r"^hub\.extraFiles\.b can't be written: ") as raised:
        write_extra_files(files, tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("path", ["/a/b", "a/b", "//a/b", "/a//b/", "/./a/b"])
def test_where_a_file_of_the_pod_is(tmp_path: Path, path: str) -> None:
    assert in_pod(tmp_path, path) == tmp_path / "a" / "b"


@pytest.mark.parametrize("strict", [True, False])
def test_a_hub_with_hostile_values(
    needs_hub: None, target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, strict: bool
) -> None:
    """Every value that names a file points outside. Without Landlock, the program itself keeps to its folder."""
    if strict and not confine.is_confined():
        pytest.skip("needs Linux 6.2 or newer with Landlock")
    if not strict:
        monkeypatch.setattr(confine, "is_confined", lambda: False)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "key").write_text(MARKER)
    monkeypatch.setenv("HOME", str(outside))
    monkeypatch.setenv("GITHUB_TOKEN", MARKER)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", MARKER)
    values = copy.deepcopy(target.jupyterhub)
    hub = values.setdefault("hub", {})
    settings = hub.setdefault("config", {}).setdefault("JupyterHub", {})
    settings |= {
        "pid_file": f"{outside}/pid",
        "extra_log_file": f"{outside}/log",
        "cookie_secret_file": f"{outside}/cookie",
        "internal_certs_location": f"{outside}/certs",
        "db_url": f"sqlite:///{outside}/hub.sqlite",
        "logging_config": {
            "version": 1,
            "handlers": {"f": {"class": "logging.FileHandler", "filename": f"{outside}/l"}},
        },
    }
    hub["config"]["ConfigurableHTTPProxy"] = {
        "pid_file": f"{outside}/proxy",
        "command": ["touch", f"{outside}/command"],
    }
    values.setdefault("singleuser", {})["podNameTemplate"] = f"../../../../..{outside}/{{username}}"
    hub["extraConfig"] = {**(hub.get("extraConfig") or {}), "zz": SEEN.format(outside=str(outside))}
    with LocalHub(Target(**{**vars(target), "jupyterhub": values})) as running:
        line = next(line for line in running.log.splitlines() if "SEEN " in line)
    seen = json.loads(line.partition("SEEN ")[2])
    assert MARKER not in json.dumps(seen["variables"])
    assert seen["variables"]["HOME"] == str(running.site.directory)
    assert seen["home"] == "1"
    left = sorted(path.name for path in outside.iterdir())
    if strict:
        assert (seen["write"], seen["read"], seen["parent"]) == ("PermissionError",) * 3
        assert left == ["key"]
    else:
        assert left == ["by-extra-config", "key"]


def test_paths_of_values_that_are_read(target: Target) -> None:
    """If the page starts to use another value that names a place, this test asks for a look at it."""
    values = Values(target.jupyterhub)
    translate(values, lambda key: key)
    read = {".".join(path) for path in values._read}
    named = {path for path in read if any(word in path.lower() for word in ("path", "file", "template", "folder"))}
    assert named == {
        "hub.templatePaths",  # read, through in_pod
        "hub.templateVars",
        "singleuser.extraFiles",  # part of the pod's manifest only
        "singleuser.podNameTemplate",  # becomes a file name without slashes
        "singleuser.profileList",
        "singleuser.storage.dynamic.pvcNameTemplate",
        "singleuser.storage.dynamic.subPath",
        "singleuser.storage.dynamic.volumeNameTemplate",
        "singleuser.storage.homeMountPath",
    }
