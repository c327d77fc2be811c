"""Build an image as BinderHub does: resolve the repository, then run repo2docker with Docker.

The build is reported as BinderHub's events, which the page's client reads: `{"phase", "message"}`, the last one `ready`
with `imageName`, or `failed` (https://binderhub.readthedocs.io/en/latest/api.html).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import string
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from escapism import escape

Event = dict[str, Any]
_SPEC = re.compile(r"(?P<org>[\w.-]+)/(?P<repo>[\w.-]+)/(?P<ref>[^\s-]\S*)")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_GIT_TIMEOUT = 30  # seconds


async def build(spec: str, image_prefix: str) -> AsyncIterator[Event]:
    """Build `ORGANIZATION/REPOSITORY/REF` of GitHub into an image whose name begins with `image_prefix`."""
    match = _SPEC.fullmatch(spec)
    if match is None:
        yield _failed(f"{spec} does not have the form ORGANIZATION/REPOSITORY/REF")
        return
    org, repo, ref = match["org"], match["repo"].removesuffix(".git"), match["ref"]
    url = f"https://github.com/{org}/{repo}"
    yield _waiting(f"Looking for {ref} in {url} ...")
    commit, problem = await _resolve(url, ref)
    if not commit:
        yield _failed(f"Could not resolve {ref} in {url}: {problem}")
        return
    image = image_name(image_prefix, org, repo, commit)
    yield _waiting(f"Found commit {commit}\nImage name: {image}")
    problem = await missing()
    if problem:
        yield _failed(
            f"The image was not built: {problem}. On the cluster, BinderHub builds the image\n"
            "with repo2docker on a user node and pushes it to the registry."
        )
        return
    if await _run("docker", "image", "inspect", image) == 0:
        yield {"phase": "ready", "imageName": image, "message": "Done! Found built image\n"}
        return
    async for event in _repo2docker(url, commit, image):
        yield event


def image_name(prefix: str, org: str, repo: str, commit: str) -> str:
    """Return the name that BinderHub gives an image: an escaped slug of the repository, made unique by a hash.

    As in BinderHub's source (`binderhub/builder.py`): other characters than letters and digits become `-` and their
    code.
    """
    slug = f"{org}-{repo}"
    safe = escape(slug, safe=set(string.ascii_letters + string.digits), escape_char="-")
    short = safe[: 255 - len(prefix) - 7]
    digest = hashlib.sha256(slug.encode()).hexdigest()[:6]
    return f"{prefix}{short.lower()}-{digest}:{commit}".replace("_", "-").lower()


async def _resolve(url: str, ref: str) -> tuple[str, str]:
    """Return the commit of a branch, tag or full commit hash, and an error message if there is none."""
    if _COMMIT.fullmatch(ref):
        return ref, ""
    if shutil.which("git") is None:
        return "", "git is not installed on this machine"
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true"}
    process = await asyncio.create_subprocess_exec(
        *("git", "ls-remote", "--", url, ref, f"{ref}^{{}}"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), _GIT_TIMEOUT)
    except TimeoutError:
        process.kill()
        return "", f"GitHub did not answer within {_GIT_TIMEOUT} seconds"
    if process.returncode:
        return "", (err.decode(errors="replace").strip().splitlines() or ["git failed"])[-1]
    commits = {name: commit for commit, name in map(str.split, out.decode().splitlines())}
    # git also lists longer names that end with `ref`. For an annotated tag, the name with ^{} has the commit.
    names = (ref, f"refs/heads/{ref}", f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}")
    found = next((commits[name] for name in names if name in commits), "")
    return found, "" if found else "there is no such branch, tag or full commit hash"


async def missing() -> str:
    """Return what this machine lacks for building images, or an empty text."""
    if shutil.which("docker") is None or await _run("docker", "info") != 0:
        return "Docker is not available on this machine"
    return "" if _builder() else "jupyter-repo2docker is not installed on this machine"


def _builder() -> str | None:
    installed = Path(sys.executable).parent / "jupyter-repo2docker"
    return shutil.which("jupyter-repo2docker") or (str(installed) if installed.exists() else None)


async def _run(*command: str) -> int:
    quiet = asyncio.subprocess.DEVNULL
    return await (await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)).wait()


async def _repo2docker(url: str, commit: str, image: str) -> AsyncIterator[Event]:
    """Run repo2docker and yield the events of its log, which has a line of JSON for each event."""
    process = await asyncio.create_subprocess_exec(
        str(_builder()),
        *("--ref", commit, "--image", image, "--no-clean", "--no-run", "--json-logs"),
        *("--user-name", "jovyan", "--user-id", "1000", url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout  # noqa: S101 - it was started with a pipe
    failed = False
    try:
        async for line in process.stdout:
            event = _event(line.decode(errors="replace"))
            failed = failed or event["phase"] == "failed"
            yield event
        code = await process.wait()
    finally:
        # Stop the build when the page is closed or the hub stops.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    if code == 0:
        yield {"phase": "ready", "imageName": image, "message": "Done! Image built\n"}
    elif not failed:
        yield _failed(f"repo2docker exited with code {code}")


def _event(line: str) -> Event:
    with contextlib.suppress(ValueError):
        event = json.loads(line)
        if isinstance(event, dict):
            phase = str(event.get("phase", "unknown")).lower()
            return {**event, "phase": "failed" if phase == "failure" else phase}
    return {"phase": "unknown", "message": line}


def _waiting(message: str) -> Event:
    return {"phase": "waiting", "message": f"{message}\n"}


def _failed(message: str) -> Event:
    return {"phase": "failed", "message": f"{message}\n"}
