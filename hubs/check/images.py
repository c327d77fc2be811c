"""Check that every image exists that a stack will pull. Each is looked up without a login, as nodes do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus

from hubs.check.credentials import Credentials
from hubs.check.findings import CannotCheckError, Check, Result, failed, ok
from hubs.check.registry import account_of
from hubs.clients.http import Http
from hubs.clients.oci import RefusedError, Registry
from hubs.preview.values import hub_values
from hubs.settings.hub import Hub
from hubs.settings.image import ImageReference, images_in, is_template, parse
from hubs.settings.stack import Stack
from hubs.values.profiles import profile_list

AREA = "images"


def checks(
    stack: Stack, credentials: Credentials, http: Http, charts: Mapping[str, Collection[str]] | None = None
) -> list[Check]:
    """Return one check for each image, even if several hubs use it. Each repository needs only one token.

    `charts`: images of rendered pods, with the slugs of the hubs that use them (`hubs.check.rendered`).
    """
    registries: dict[str, Registry] = {}
    found = []
    named = images_of_stack(stack)
    for image_name, slugs in (charts or {}).items():
        named.setdefault(image_name, [hub for hub in stack.hubs if hub.slug in slugs])
    for name, hubs in sorted(named.items()):
        keys = ", ".join(hub.key for hub in hubs)
        try:
            image = parse(name)
        except ValueError as error:
            found.append(Check(AREA, name, partial(failed, str(error), f"correct its name; used by {keys}")))
            continue
        insecure = stack.registry.url == f"http://{image.host}"
        logins = [registries.setdefault(image.host, Registry(image.host, http, insecure=insecure))]
        if stack.registry.pull_secret and stack.registry.host == image.host:
            given = credentials.registry(hubs[0])  # nodes have the same credentials
            if given.username and given.password:
                logins.append(account_of(stack, hubs[0], given.username, given.password).registry(http))
        found.append(Check(AREA, name, partial(_look, logins, image, keys)))
    return found


def images_of(hub: Hub) -> set[str]:
    """Return every image that the hub, its builds and its profiles name, without templates."""
    names = {hub.image, hub.hub_image, hub.build.image, *images_in(profile_list(hub))}
    return {name for name in names if not is_template(name)}


def images_of_stack(stack: Stack) -> dict[str, list[Hub]]:
    """Return every image that the settings and the values of the stack's releases name, with the hubs that use it.

    The values name those of the program itself, such as the init containers of servers and of the Docker daemon.
    """
    named: dict[str, list[Hub]] = {}
    for hub in stack.hubs:
        values = {name for found in hub_values(stack, hub).values() for name in images_in(found.data)}
        for name in images_of(hub) | values:
            named.setdefault(name, []).append(hub)
    return named


def _look(logins: Sequence[Registry], image: ImageReference, hubs: str) -> Iterator[Result]:
    try:
        digest = _digest(logins, image)
    except RefusedError as error:
        if error.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise CannotCheckError(f"{image.host} answers {error}") from None
        yield failed(
            f"does not exist, or nodes would need a login to pull it ({error}); used by {hubs}",
            "correct the name, or make the image public",
        )
        return
    if digest is None:
        yield failed(f"{image.host} has no such image; used by {hubs}", "correct its name or tag")
    elif digest and image.moves:
        # The settings warn about the tag; only the registry knows what to pin.
        yield ok(f"exists; to pin it: {image.pinned(digest)}")
    else:
        yield ok("exists")


def _digest(logins: Sequence[Registry], image: ImageReference) -> str | None:
    """Return the digest with the first login that works: none, then the pull secret, if there is one."""
    for registry in logins[:-1]:
        try:
            return registry.head_manifest(image.repository, image.reference)
        except RefusedError:
            continue
    return logins[-1].head_manifest(image.repository, image.reference)
