"""What no single setting can know by itself: collisions, missing secrets, things that don't go together."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from hubs.settings.auth import lets_someone_in
from hubs.settings.errors import Problem, SettingsError
from hubs.settings.hub import Hub
from hubs.settings.layers import Node, Source, find, leaves
from hubs.settings.quay_robot import robot_names
from hubs.settings.registry import ArtifactRegistry, Oci, Quay
from hubs.settings.stack import Stack

_RELEASE_LENGTH = 53  # Helm's limit for release names
_SUFFIX = len("-home-123456")
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
_PLAIN_SECRETS = ("client_id", "username")  # may be written without encryption: they name, they don't open
AUTH_SECRETS = {"dummy": ("password",), "shared-password": ("password", "admin_password")}
_PURPOSE_KEYS = ("auth", "registry", "environment", "values")


def inside(path: Path, folder: Path, name: str) -> None:
    """Refuse a file that is a link to somewhere outside of `folder`."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise SettingsError([Problem(Source(name), "", "is a link out of stacks/: write a file")])


def community_name(name: str, source: Source, reserved: Collection[str]) -> None:
    """Refuse a file name that can't be a community's name."""
    if name in reserved:
        raise SettingsError([Problem(source, "", f"{name} can't be a community's name: it is a kind of secret")])
    if not _NAME.fullmatch(name):
        message = "the file's name must be lower-case letters, digits and '-', starting with a letter, at most 40"
        raise SettingsError([Problem(Source(ascii(source.file)[1:-1]), "", message)])


def stack_keys(written: Node, project: str, known: Sequence[str]) -> list[Problem]:
    """Keys of the project's namespace that mean nothing."""
    problems = []
    for key, node in written.value.items():
        namespace, _, word = key.partition(":")
        if namespace == project and word not in known:
            close = difflib.get_close_matches(word, known, n=1)
            hint = f"did you mean {project}:{close[0]}?" if close else f"known are {', '.join(known)}"
            problems.append(Problem(node.source, key, f"unknown key; {hint}"))
    return problems


def unused_secrets(tree: Node, communities: Sequence[tuple[str, Node | None]]) -> list[Problem]:
    """Warnings: secrets for nobody, such as a hub that left the config for a while. Of a community whose file can't be
    used no hubs are known."""
    problems = []
    names = {name: set(node.value["hubs"].value) if node is not None else None for name, node in communities}
    for key, node in tree.value.items():
        if key in _PURPOSE_KEYS:
            continue
        path = f"imagebuilding:secrets.{key}"
        if key not in names:
            problems.append(Problem(node.source, path, f"no community is called {key}"))
            continue
        hubs = names[key]
        for hub, below in (node.value if node.is_mapping else {}).items():
            if hubs is not None and hub not in _PURPOSE_KEYS and hub not in hubs:
                problems.append(Problem(below.source, f"{path}.{hub}", f"{key} has no hub and no secret called {hub}"))
    return problems


def chart_names(tree: Node, path: Sequence[str], known: Collection[str]) -> list[Problem]:
    """Keys of the mapping at `path` that are not names of charts."""
    node: Node | None = tree
    for step in path:
        node = node.get(step) if node is not None else None
    problems = []
    for key, below in (node.value if node is not None and node.is_mapping else {}).items():
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(known))}"
            problems.append(Problem(below.source, ".".join((*path, key)), f"unknown key; {hint}"))
    return problems


def plain_secrets(written: Node) -> list[Problem]:
    """Secrets in plain text."""
    problems = []
    own = written.get("imagebuilding:secrets")
    if own is not None and own.is_mapping and "secure" not in own.value:
        for leaf_path, leaf in leaves(own):
            says_nothing = leaf.value is None or leaf.is_mapping
            if not says_nothing and leaf_path[-1] != "secure" and leaf_path[-1] not in _PLAIN_SECRETS:
                where = ".".join(map(str, ("imagebuilding:secrets", *leaf_path)))
                message = f"is in plain text; write it with: pulumi config set --secret --path '{where}'"
                problems.append(Problem(leaf.source, where, message))
    return problems


def stack(result: Stack, *, has_kubeconfig: bool, root: Path, written: Node) -> list[Problem]:
    """What must agree between settings before anything is deployed."""
    problems: list[Problem] = []
    if not result.context and not has_kubeconfig:
        message = "is missing: name this cluster's context (or set the secret kubernetes:kubeconfig)"
        problems.append(Problem(written.source, "kubernetes:context", message))
    registry = result.registry
    source = find(result.tree, ("registry",))
    if isinstance(registry, ArtifactRegistry) and not (registry.project or result.project):
        problems.append(Problem(source, "gcp:project", "is missing: the project that holds the images"))
    if isinstance(registry, Quay) and registry.robot == "managed":
        try:
            robot_names(result.cluster.name, [(hub.community, hub.name) for hub in result.hubs])
        except ValueError as error:
            problems.append(Problem(source, "imagebuilding:registry.robot", str(error)))
    if isinstance(registry, Oci) and registry.insecure and not result.cluster.demonstration:
        message = "only a cluster with demonstration: true may send passwords over plain HTTP"
        problems.append(Problem(source, "imagebuilding:registry.insecure", message))
    problems += _unique(result, "domain", [(hub, hub.domain) for hub in result.hubs])
    problems += _unique(result, "namespace", [(hub, hub.namespace) for hub in result.hubs])
    # Names of releases and image prefixes: a-b/c and a/b-c would share theirs.
    problems += _unique(result, "name", [(hub, hub.slug) for hub in result.hubs])
    disks = [hub for hub in result.hubs if hub.home.disk is not None]
    problems += _unique(result, "home", [(hub, f"disk {hub.home.disk.volume_id}") for hub in disks if hub.home.disk])
    if isinstance(registry, ArtifactRegistry) and result.cluster.name[0].isdigit():
        message = "must start with a letter: names in Artifact Registry do"
        problems.append(Problem(find(result.tree, ("cluster", "name")), "imagebuilding:cluster.name", message))
    for hub in result.hubs:
        problems += _hub(result, hub, root)
    return problems


def _unique(result: Stack, what: str, words: Iterable[tuple[Hub, str]]) -> list[Problem]:
    problems = []
    seen: dict[str, Hub] = {}
    for hub, word in words:
        first = seen.setdefault(word, hub)
        if first is not hub:
            message = f"{word} is also that of {first.key}"
            problems.append(Problem(_source(result, hub, what), f"hubs.{hub.name}.{what}", message))
    return problems


def _source(result: Stack, hub: Hub, *path: str | int) -> Source:
    return find(result.trees[hub.key], path)


def _hub(result: Stack, hub: Hub, root: Path) -> list[Problem]:
    problems: list[Problem] = []

    def problem(path: str, message: str) -> None:
        problems.append(Problem(_source(result, hub, *path.split(".")), f"{hub.key}: {path}", message))

    if len(hub.slug) + _SUFFIX > _RELEASE_LENGTH:
        problem("name", f"community and hub may have {_RELEASE_LENGTH - _SUFFIX - 1} letters together")
    if hub.auth.type == "dummy" and not result.cluster.demonstration:
        problem("auth.type", "dummy lets anyone in: only a cluster with demonstration: true accepts it")
    if not lets_someone_in(hub.auth) and not hub.auth.admins:
        problem("auth", "nobody could log in: say who with allow, users, allow_groups or allow_all")
    needed = [f"auth.{name}" for name in AUTH_SECRETS.get(hub.auth.type, ("client_id", "client_secret"))]
    needed += [f"registry.{key}" for key in registry_secrets(result.registry)]
    for path in needed:
        purpose, key = path.split(".")
        if getattr(getattr(hub.secrets, purpose), key) is None:
            where = f"imagebuilding:secrets.{hub.community}.{hub.name}.{path}"
            message = f"secret {path} is missing; set it with: pulumi config set --secret --path '{where}'"
            problems.append(Problem(_source(result, hub), hub.key, message))
    if hub.home.disk is not None and result.cluster.provider == "other":
        problem("home.disk", "needs a cluster of provider gcp or aws; elsewhere use nfs or volume")
    for path, directory in hub.shared_directories.items():
        if directory.volume is None and not hub.home.shared:
            message = "needs a volume, since this hub's homes are not on a share (nfs or disk); null removes it here"
            problems.append(
                Problem(
                    _source(result, hub, "shared_directories", path), f"{hub.key}: shared_directories.{path}", message
                )
            )
    for name, chart in hub.charts.items():
        if chart.archive and not (root / chart.archive).exists():
            problem(f"charts.{name}.archive", f"{chart.archive} does not exist")
            continue
        try:
            chart.installed_version(root)
        except ValueError as error:
            problem(f"charts.{name}.archive", f"{chart.archive} {error}")
    return problems


def registry_secrets(registry: ArtifactRegistry | Quay | Oci) -> list[str]:
    """Which of `RegistrySecrets` each hub must have."""
    if isinstance(registry, ArtifactRegistry):
        return []
    if isinstance(registry, Quay) and registry.robot == "managed":
        return ["token"]
    return ["username", "password"]


def warnings(result: Stack) -> list[Problem]:
    """What works, but is probably not meant."""
    found = []
    if result.cluster.name != result.name:
        message = f"the stack {result.name} names the cluster {result.cluster.name}: was it copied?"
        found.append(Problem(find(result.tree, ("cluster", "name")), "imagebuilding:cluster.name", message))
    places: dict[str, Hub] = {}
    for hub in result.hubs:
        first = places.setdefault(hub.home.place, hub)
        if hub.home.nfs is not None and first is not hub:
            message = f"is also that of {first.key}: who has the same name on both has the same files"
            found.append(Problem(_source(result, hub, "home"), f"{hub.key}: home", message))
        if hub.auth.allow_all and hub.auth.type != "dummy":
            message = "everyone with an account at the login provider may log in"
            found.append(Problem(_source(result, hub, "auth", "allow_all"), f"{hub.key}: auth.allow_all", message))
        if hub.decommission:
            message = "when it leaves the config, its namespace with people's files and its images are deleted"
            found.append(Problem(_source(result, hub, "decommission"), hub.key, message))
        if hub.home.none:
            found.append(Problem(_source(result, hub, "home"), f"{hub.key}: home", "no files are kept"))
    moving: dict[Source, set[str]] = {}
    for hub in result.hubs:
        if images := _moving_tags(hub):
            said = "image" if hub.profiles is None else "profiles"
            moving.setdefault(_source(result, hub, said), set()).update(images)
    for source, images in moving.items():
        message = f"can change under people's feet, name versions: {', '.join(sorted(images))}"
        found.append(Problem(source, "images", message))
    return found


def _moving_tags(hub: Hub) -> set[str]:
    images = {hub.image}
    for profile in hub.profiles or []:
        images |= {choice.image for choice in profile.images.values()}
        for option in profile.profile_options.values():
            images |= {str(choice.kubespawner_override.get("image", "")) for choice in option.choices.values()}
    return {image for image in images if image.endswith((":latest", ":main", ":master", ":develop"))}
