"""Checks across settings: collisions, missing secrets, settings that contradict each other."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from hubs.errors import unknown
from hubs.settings import login
from hubs.settings.auth import lets_someone_in
from hubs.settings.base import NAME
from hubs.settings.build_checks import build_problems
from hubs.settings.chart_secrets import references
from hubs.settings.environment import names_in
from hubs.settings.errors import Problem, SettingsError
from hubs.settings.hub import Hub
from hubs.settings.image import LONGEST_NAME, images_in, moves, parse
from hubs.settings.layers import Found, Node, Source, find, leaves, value_at
from hubs.settings.mounts import collisions
from hubs.settings.secrets import PURPOSES, how_to_set
from hubs.settings.server_checks import server_problems, server_warnings
from hubs.settings.stack import Stack

_RELEASE_LENGTH = 53  # Helm's limit for release names
_SUFFIX = len("-home-123456")
_PLAIN_SECRETS = ("client_id", "username")  # may be in plain text: they identify an account, but grant no access


def refuse_symlink(path: Path, folder: Path, name: str) -> None:
    """Refuse a file that is a symbolic link to a place outside of `folder`."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise SettingsError(
            [Problem(Source(name), "", "is a symbolic link that leads out of stacks/: use a regular file")]
        )


def check_community_name(name: str, source: Source, reserved: Collection[str]) -> None:
    """Refuse a file whose name is not valid as a community's name."""
    if name in reserved:
        message = f"a community can't be named {name}: imagebuilding:secrets uses that key for a kind of secret"
        raise SettingsError([Problem(source, "", message)])
    if not re.fullmatch(NAME.pattern, name):
        message = f"the file's name must be {NAME.expected}"
        raise SettingsError([Problem(Source(ascii(source.file)[1:-1]), "", message)])


def unknown_stack_keys(written: Node, project: str, known: Sequence[str]) -> list[Problem]:
    """Problems: unknown keys of the project's namespace."""
    problems = []
    for key, node in written.value.items():
        namespace, _, word = key.partition(":")
        if namespace == project and word not in known:
            close = difflib.get_close_matches(word, known, n=1)
            hint = f"did you mean {project}:{close[0]}?" if close else f"valid keys: {', '.join(known)}"
            problems.append(Problem(node.source, key, f"unknown key; {hint}"))
    return problems


def unused_secrets(
    tree: Node, communities: Sequence[tuple[str, Node | None]], renamed: Collection[str]
) -> list[Problem]:
    """Warnings: secrets of communities and hubs that are not in the config, and were not `renamed`. If a community's
    file can't be used, its hubs are unknown and their secrets are not reported."""
    problems = []
    names = {name: set(node.value["hubs"].value) if node is not None else None for name, node in communities}
    for key, node in tree.value.items():
        if key in PURPOSES or key in renamed:
            continue
        path = f"imagebuilding:secrets.{key}"
        if key not in names:
            problems.append(Problem(node.source, path, f"is not used: there is no community {key}"))
            continue
        hubs = names[key]
        for hub, below in (node.value if node.is_mapping else {}).items():
            if hubs is not None and hub not in PURPOSES and hub not in hubs and f"{key}/{hub}" not in renamed:
                message = f"is not used: {hub} is neither a hub of {key} nor a kind of secret"
                problems.append(Problem(below.source, f"{path}.{hub}", message))
    return problems


def chart_names(tree: Node, path: Sequence[str], known: Collection[str]) -> list[Problem]:
    """Problems: keys of the mapping at `path` that are not names of charts."""
    node = tree.at(*path)
    problems = []
    for key, below in (node.value if node is not None and node.is_mapping else {}).items():
        if key not in known:
            message = unknown("unknown key", key, known, otherwise=f"valid keys: {', '.join(sorted(known))}")
            problems.append(Problem(below.source, ".".join((*path, key)), message))
    return problems


def plain_secrets(written: Node, stack: str) -> list[Problem]:
    """Problems: secrets in plain text."""
    problems = []
    own = written.get("imagebuilding:secrets")
    if own is not None and own.is_mapping and "secure" not in own.value:
        for leaf_path, leaf in leaves(own):
            is_empty = leaf.value is None or leaf.is_mapping
            if not is_empty and leaf_path[-1] != "secure" and leaf_path[-1] not in _PLAIN_SECRETS:
                where = ".".join(map(str, ("imagebuilding:secrets", *leaf_path)))
                message = f"is in plain text; encrypt it with: {how_to_set(stack, where)}"
                problems.append(Problem(leaf.source, where, message))
    return problems


def check_stack(result: Stack, *, root: Path) -> list[Problem]:
    """Problems: settings that contradict each other, or can't be deployed together."""
    registry = list(result.registry.problems(result))
    problems = registry or list(_image_names(result))
    problems += _unique(result, "domain", [(hub, hub.domain) for hub in result.hubs])
    problems += _unique(result, "namespace", [(hub, hub.namespace) for hub in result.hubs])
    # Names of releases and images: a-b/c and a/b-c would have the same names.
    problems += _unique(result, "name", [(hub, hub.slug) for hub in result.hubs])
    disks = [hub for hub in result.hubs if hub.home.disk is not None]
    problems += _unique(result, "home", [(hub, f"disk {hub.home.disk.volume_id}") for hub in disks if hub.home.disk])
    for path, message in login.operator_problems(result):
        where = ("cluster", *path)
        problems.append(Problem(find(result.tree, where), f"imagebuilding:{'.'.join(map(str, where))}", message))
    for hub in result.hubs:
        problems += _check_hub(result, hub, root)
        problems += server_problems(result, hub)
    return problems


_SHORTEST_IMAGE = 8
"""Characters that BinderHub needs after the prefix: one of the repository's name, and a hash (binderhub/builder.py)."""


def _image_names(result: Stack) -> Iterator[Problem]:
    """Yield hubs whose built images would have a name that Docker refuses."""
    for hub in result.hubs:
        prefix = result.registry.image_prefix(result, hub)
        longest = LONGEST_NAME - _SHORTEST_IMAGE
        try:
            parse(f"{prefix.lower()}{'x' * _SHORTEST_IMAGE}:x")  # as BinderHub writes it
        except ValueError:
            message = f"names of built images would start with {prefix}, which Docker refuses"
            if len(prefix) > longest:
                message += f": it has {len(prefix)} characters, at most {longest} are allowed"
            yield Problem(find(result.tree, ("registry",)), f"imagebuilding:registry: {hub.key}", message, (hub.key,))
            continue
        if "_" in prefix:
            message = f"names of built images would start with {prefix}, where BinderHub writes '-' for '_'"
            yield Problem(find(result.tree, ("registry",)), f"imagebuilding:registry: {hub.key}", message, (hub.key,))


def _shared_accounts(result: Stack) -> Iterator[Problem]:
    """Yield one warning for each account that pulls the built images of several communities."""
    accounts: dict[str, list[Hub]] = {}
    for hub in result.hubs:
        accounts.setdefault(result.registry.pull_account(result, hub), []).append(hub)
    for hubs in accounts.values():
        if len({hub.community for hub in hubs}) > 1:
            message = (
                f"one account pulls the built images of {', '.join(hub.key for hub in hubs)}, so each of these hubs "
                f"could start the others' images; {result.registry.separate_accounts}"
            )
            yield Problem(find(result.tree, ("registry",)), "imagebuilding:registry", message)


def _unique(result: Stack, what: str, words: Iterable[tuple[Hub, str]]) -> list[Problem]:
    problems = []
    seen: dict[str, Hub] = {}
    for hub, word in words:
        first = seen.setdefault(word, hub)
        if first is not hub:
            message = f"{word} is already used by {first.key}"
            both = (first.key, hub.key)
            problems.append(Problem(_source(result, hub, what), f"hubs.{hub.name}.{what}", message, both))
    return problems


def _source(result: Stack, hub: Hub, *path: str | int) -> Source:
    return find(result.trees[hub.key], path)


def _located(result: Stack, hub: Hub, *checks: Found) -> list[Problem]:
    return [result.problem(hub, path, message) for check in checks for path, message in check]


def _check_hub(result: Stack, hub: Hub, root: Path) -> list[Problem]:
    checks = (
        _basics(result, hub, root),
        login.problems(result, hub),
        _storage(result, hub),
        collisions(hub, result.trees[hub.key]),
        build_problems(result, hub),
    )
    return _located(result, hub, *checks)


def _basics(result: Stack, hub: Hub, root: Path) -> Found:
    """Yield settings of names, login and charts that can't be deployed on this cluster."""
    if len(hub.slug) + _SUFFIX > _RELEASE_LENGTH:
        most = _RELEASE_LENGTH - _SUFFIX - 1
        yield ("name",), f"the names of community and hub together must have at most {most} characters"
    if hub.auth.type == "dummy" and not result.cluster.demonstration:
        message = "dummy lets anyone log in, which is allowed only on a cluster with demonstration: true"
        yield ("auth", "type"), message
    if not lets_someone_in(hub.auth) and not hub.auth.admins:
        yield ("auth",), "nobody can log in: set allow, users, allow_groups or allow_all"
    for name, chart in hub.charts.items():
        try:
            chart.installed_version(root)
        except ValueError as error:
            yield ("charts", name, "archive"), f"{chart.archive} {error}"


def _storage(result: Stack, hub: Hub) -> Found:
    """Yield settings of storage, and of Secrets, that do not fit the cluster or each other, with a message."""
    disk, provider = hub.home.disk, result.cluster.provider
    if disk is not None and provider == "other":
        yield ("home", "disk"), "needs a cluster with provider gcp or aws; on other clusters use nfs or volume"
    elif disk is not None and provider != disk.cloud:
        yield ("home", "disk", "volume_id"), f"is a disk of {disk.cloud}, but the cluster's provider is {provider}"
    for path, directory in hub.shared_directories.items():
        if directory.volume is None and not hub.home.shared:
            message = (
                "needs a volume, because this hub's home directories are not on a share (nfs or disk); null removes it"
            )
            yield ("shared_directories", path), message
        elif directory.whole_share and not (directory.groups or directory.admins or directory.everyone):
            message = (
                "gives everyone the home directories of all others: write sub_path for a folder of the share, or"
                " admins: true or groups for some people, or everyone: true if that is intended"
            )
            yield ("shared_directories", path), message
    yield from names_in(result.trees[hub.key])
    for setting, name in references(result.trees[hub.key]):
        yield setting, f"{name} is a Secret of the hub itself, with its credentials: servers must not read it"


def warnings(result: Stack) -> list[Problem]:
    """Warnings: settings that work, but are probably not intended."""
    found = []
    if result.cluster.name != result.name:
        message = (
            f"is {result.cluster.name} in the stack {result.name}: names of images begin with it. If the file was"
            f" copied, write name: {result.name}; if the stack is deployed, leave the name"
        )
        found.append(Problem(find(result.tree, ("cluster", "name")), "imagebuilding:cluster.name", message))
    found += _shared_accounts(result)
    found += _without_tls(result)
    for number, entry in enumerate(result.cluster.build_egress):
        for what in entry.exposes():
            source = find(result.tree, ("cluster", "build_egress", number))
            message = f"lets builds reach {what}"
            found.append(Problem(source, f"imagebuilding:cluster.build_egress.{number}", message))
    places: dict[str, Hub] = {}
    for hub in result.hubs:
        found += server_warnings(result, hub)
        first = places.setdefault(hub.home.place, hub)
        if hub.home.nfs is not None and first is not hub:
            message = f"is also used by {first.key}: users with the same name on both hubs share their files"
            found.append(result.problem(hub, ("home",), message))
        found += _located(result, hub, login.warnings(result, hub))
        if hub.auth.allow_all and hub.auth.type != "dummy":
            message = "everyone with an account at the login provider may log in"
            found.append(result.problem(hub, ("auth", "allow_all"), message))
        if hub.decommission:
            message = "its namespace with all files, and its images, are deleted when it is removed from the config"
            found.append(result.problem(hub, ("decommission",), message))
        if "networkPolicy" in hub.values.get("binderhub-service", {}):
            path = ("values", "binderhub-service", "networkPolicy")
            message = "does not restrict or open builds any more: open addresses with cluster.build_egress"
            found.append(result.problem(hub, path, message))
        if hub.home.none:
            found.append(result.problem(hub, ("home",), "is none: files are deleted when a server stops"))
    moving: dict[Source, set[str]] = {}
    for hub in result.hubs:
        if images := _moving_tags(hub):
            setting = "image" if hub.profiles is None else "profiles"
            moving.setdefault(_source(result, hub, setting), set()).update(images)
    for source, images in moving.items():
        message = f"these tags can move; pin a version: {', '.join(sorted(images))}"
        found.append(Problem(source, "images", message))
    return found


def _without_tls(result: Stack) -> Iterator[Problem]:
    """Yield a warning if hubs are served over plain HTTP."""
    ingress = result.cluster.ingress
    if ingress is None or ingress.cluster_issuer or ingress.tls or result.cluster.demonstration:
        return
    plain = [hub.key for hub in result.hubs if not _has_tls(hub)]
    if plain:
        message = (
            f"has no TLS: {', '.join(plain)} would be served over plain HTTP, passwords and tokens included. Write"
            " cluster_issuer, or tls: elsewhere if something in front of the ingress terminates TLS"
        )
        yield Problem(find(result.tree, ("cluster", "ingress")), "imagebuilding:cluster.ingress", message)


def _has_tls(hub: Hub) -> bool:
    """Return whether the hub's own values give its Ingress a certificate."""
    return bool(value_at(hub.values, "jupyterhub", "ingress", "tls"))


def _moving_tags(hub: Hub) -> set[str]:
    named = {hub.image, *images_in([profile.model_dump() for _, profile in hub.named_profiles])}
    return {image for image in named if moves(image)}
