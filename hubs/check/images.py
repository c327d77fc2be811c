"""Do the images exist that the hubs name? Asked as nobody, as nodes ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from hubs.check.credentials import Credentials
from hubs.check.findings import CannotCheckError, Check, Result, failed, ok, warning
from hubs.check.registry import account_of
from hubs.clients.oci import FORBIDDEN, UNAUTHORIZED, Image, RefusedError, Registry, RegistryError, parse_image
from hubs.settings.hub import Hub
from hubs.settings.registry import Oci
from hubs.settings.stack import Stack
from hubs.values.profiles import profile_list
from hubs.values.registry_access import registry_access

if TYPE_CHECKING:
    import httpx

AREA = "images"
MOVING = re.compile(r"latest|main|master|develop|dev|edge|nightly|stable|staging|testing|unstable|snapshot")
"""Tags that mean another image tomorrow."""


def checks(stack: Stack, credentials: Credentials, http: httpx.Client) -> list[Check]:
    """One check for each image, however many hubs name it; each registry is asked for one token for each repository."""
    registries: dict[str, Registry] = {}
    found = []
    for name, hubs in sorted(_named(stack).items()):
        image = parse_image(name)
        ways = [registries.setdefault(image.host, Registry(image.host, http, insecure=_insecure(stack, image)))]
        own = registry_access(stack, hubs[0], None, None)
        if own.pull_secret and own.host == image.host:
            given = credentials.registry(hubs[0])  # nodes have them too
            if given.username and given.password:
                ways.append(account_of(stack, hubs[0], given.username, given.password).registry(http))
        found.append(Check(AREA, name, partial(_look, ways, image, ", ".join(hub.key for hub in hubs))))
    return found


def _insecure(stack: Stack, image: Image) -> bool:
    return isinstance(stack.registry, Oci) and stack.registry.insecure and stack.registry.host == image.host


def images_of(hub: Hub) -> set[str]:
    """Every image that the hub, its builds and its profiles name; not those with a part to be filled in."""
    names = {hub.image, hub.hub_image, hub.build.image, *_images_in(profile_list(hub))}
    return {name for name in names if "{" not in name}


def _named(stack: Stack) -> dict[str, list[Hub]]:
    named: dict[str, list[Hub]] = {}
    for hub in stack.hubs:
        for name in images_of(hub):
            named.setdefault(name, []).append(hub)
    return named


def _images_in(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        override = data.get("kubespawner_override")
        if isinstance(override, Mapping) and isinstance(override.get("image"), str):
            yield override["image"]
        for value in data.values():
            yield from _images_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from _images_in(value)


def _look(ways: Sequence[Registry], image: Image, hubs: str) -> Iterator[Result]:
    try:
        digest = _digest(ways, image)
    except RefusedError as error:
        if error.status not in (UNAUTHORIZED, FORBIDDEN):
            raise CannotCheckError(f"{image.host} answers {error}") from None
        yield failed(
            f"does not exist, or nodes would need a login to pull it ({error}); named by {hubs}",
            "correct the name, or make the image public",
        )
        return
    except RegistryError as error:
        raise CannotCheckError(str(error)) from None
    if digest is None:
        yield failed(f"{image.host} has no such image; named by {hubs}", "correct its name or tag")
        return
    yield ok("exists")
    if MOVING.fullmatch(image.reference):
        yield warning(
            f"the tag {image.reference} can mean another image tomorrow; named by {hubs}",
            f"name a version, or this one: {image.host}/{image.repository}@{digest}" if digest else "name a version",
        )


def _digest(ways: Sequence[Registry], image: Image) -> str | None:
    """As the first that may: nobody, then the account of the pull secret, if nodes have one for this registry."""
    for registry in ways[:-1]:
        try:
            return registry.head_manifest(image)
        except RefusedError:
            continue
    return ways[-1].head_manifest(image)
