"""What `hubs up` refuses before the engine runs: new images that no registry has. With them, a hub would be down until
its update times out and is rolled back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from hubs.check.findings import Check, Result, Status, failed, ok, unchecked
from hubs.check.images import AREA, images_of_stack
from hubs.check.run import run
from hubs.clients.http import Http
from hubs.clients.oci import RefusedError, Registry
from hubs.errors import UserError
from hubs.settings.image import ImageReference, images_in, parse
from hubs.settings.stack import Stack

SECONDS = 3.0
"""For each of connecting, sending and receiving. Nothing is tried again."""
STATE_SECONDS = 30
"""For reading the stack's state."""


class MissingImagesError(UserError):
    """Registries do not have images that an update would start."""


def refuse_missing_images(stack: Stack, state: str) -> None:
    """Raise MissingImagesError if a registry answers that it does not have an image that is new in `stack`.

    `state`: what is deployed, as from `pulumi stack export`, or empty text if that is not known: then every image
    counts as new. Prints which images could not be looked up; they stop nothing.
    """
    wanted = {name: hubs for name, hubs in images_of_stack(stack).items() if name not in _deployed(state)}
    with httpx.Client(timeout=SECONDS, headers={"User-Agent": "imagebuilding-check"}) as client:
        findings = run(_checks(stack, wanted, Http(client, attempts=1)), set(), lambda _: None)
    if missing := [f"{found.subject} {found.message}" for found in findings if found.status is Status.FAILED]:
        users = sorted(
            {hub.key for found in findings if found.status is Status.FAILED for hub in wanted[found.subject]}
        )
        raise MissingImagesError(
            *missing,
            f"Nothing was deployed. Correct name and tag; used by {', '.join(users)}.",
        )
    unknown: dict[str, list[str]] = {}
    for found in findings:
        if found.status is Status.UNCHECKED:
            unknown.setdefault(found.message, []).append(found.subject)
    for reason, names in unknown.items():
        print(f"Not looked up before the update: {', '.join(names)} ({reason})", flush=True)


def _checks(stack: Stack, wanted: Collection[str], http: Http) -> list[Check]:
    registries: dict[str, Registry] = {}
    found = []
    for name in sorted(wanted):
        try:
            image = parse(name)
        except ValueError:
            continue  # Kubernetes says what is wrong with it
        if stack.registry.pull_secret and stack.registry.host == image.host:
            continue  # `hubs check` looks for it with the credentials of nodes
        insecure = stack.registry.url == f"http://{image.host}"
        registry = registries.setdefault(image.host, Registry(image.host, http, insecure=insecure))
        found.append(Check(AREA, name, partial(_look, registry, image)))
    return found


def _look(registry: Registry, image: ImageReference) -> Result:
    try:
        digest = registry.head_manifest(image.repository, image.reference)
    except RefusedError as error:
        # Nodes may have a login of their own. Some registries answer so for images that do not exist.
        return unchecked(f"{image.host} answers {error}")
    return failed(f"does not exist: {image.host} has no such image", "") if digest is None else ok("exists")


def _deployed(state: str) -> set[str]:
    """Return the images in the values of the releases of a deployment, among other texts."""
    try:
        resources = json.loads(state)["deployment"].get("resources") or []
        values = [(resource.get("inputs") or {}).get("values") for resource in resources]
    except (ValueError, LookupError, TypeError, AttributeError):
        return set()
    return {*images_in(values), *_texts(values)}


def _texts(node: Any) -> Iterator[str]:
    """Yield every text, because not every image stands below `image`: `build_image`."""
    if isinstance(node, str):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _texts(part)


def deployed_state(pulumi: str, stack: str, root: Path, environment: Mapping[str, str]) -> str:
    """Return the stack's state as text, or empty text if there is none or the engine can't read it."""
    command = [pulumi, "stack", "export", "--stack", stack, "--non-interactive"]
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=STATE_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return done.stdout if done.returncode == 0 else ""
