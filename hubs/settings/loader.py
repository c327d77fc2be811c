"""Load the settings of a stack from its files.

Each layer is merged over the one before: the program's defaults, the cluster's (`imagebuilding:defaults`), the
community's file, the hub in it. A hub's chart values and secrets are layers of the Helm values, not of the settings.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from hubs.settings import checks, plain_secrets
from hubs.settings.base import Name, Strict
from hubs.settings.charts import Charts
from hubs.settings.cluster import Cluster
from hubs.settings.errors import Problem, SettingsError
from hubs.settings.hub import Hub, former_name
from hubs.settings.layers import Node, Source, find, located, merge, plain, without_values
from hubs.settings.missing import todo, with_placeholders
from hubs.settings.profiles import slug_of
from hubs.settings.registry import Registry
from hubs.settings.renames import renames
from hubs.settings.secrets import PURPOSES, HubSecrets
from hubs.settings.stack import Layers, Stack
from hubs.settings.validate import validate
from hubs.settings.version_warnings import version_warnings
from hubs.settings.yaml_file import read
from hubs.stack_files import folders_without_stack, stack_file, stack_names

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "imagebuilding"
_STACK_NAME = re.compile(r"[-_.A-Za-z0-9]{1,100}")
_KEYS = ("cluster", "registry", "charts", "defaults", "secrets")

CONFIG_KEYS = (
    *(f"{PROJECT}:{key}" for key in _KEYS),
    "gcp:project",
    "kubernetes:context",
    "kubernetes:kubeconfig",
)
"""Keys of Pulumi's configuration that `load` reads."""


class _StackFile(Strict):
    cluster: Cluster
    registry: Registry
    charts: Charts


class _Community(Strict):
    hubs: Annotated[dict[Name, Any], Field(min_length=1)]


def read_stack_file(stack: str, root: Path = ROOT) -> Node:
    """Return the `config` of a stack's file as a tree, with ciphertexts. Raises SettingsError if there is none."""
    if not _STACK_NAME.fullmatch(stack):
        message = f"{stack[:40]!r} is not a valid stack name: use letters, digits, '-', '_' and '.', at most 100"
        raise SettingsError([Problem(Source("stacks/"), "", message)])
    path = stack_file(stack, root)
    name = f"stacks/{path.name}"
    if not path.is_file():
        known = ", ".join(stack_names(root)) or "none"
        raise SettingsError([Problem(Source(name), "", f"there is no such stack; there are: {known}")])
    checks.refuse_symlink(path, root / "stacks", name)
    node = read(path, name)
    config = node.get("config")
    if config is None or not config.is_mapping:
        raise SettingsError([Problem(node.source, "config", "is missing: the stack's settings are below it")])
    return config


def load(
    stack: str,
    config: Mapping[str, str],
    *,
    root: Path = ROOT,
    secret: Callable[[str], Any] = lambda value: value,
    missing_secret: Callable[[str], Any] | None = None,
    leave_out: bool = False,
    check: Callable[[Stack], list[Problem]] = lambda _: [],
) -> Stack:
    """Return the stack's settings.

    `config` is the stack's configuration as Pulumi gives it to a program: "namespace:key" to text, structured values
    as JSON, secrets decrypted. The stack's files are read for line numbers and for the communities.
    `secret` is applied to each secret, to wrap it before anything can print it.
    `missing_secret` is for previews: it creates a placeholder from the path of each secret that is not set yet.
    Without it, a missing secret and a stack without a community are problems.
    `leave_out` is for previews too: hubs that have problems are left out of the stack, which names them. An update
    without a deployed hub would delete it.
    `check` returns further problems of a stack that has no others, such as those of the charts' values.

    Raises SettingsError with all problems, sorted by file and line. With `leave_out`, only if one of them concerns the
    whole stack.
    """
    written = read_stack_file(stack, root)
    problems = checks.unknown_stack_keys(written, PROJECT, _KEYS)
    program_charts = _program_charts(root)
    # All secrets may be encrypted as one text. Only Pulumi gives it decrypted, as a mapping.
    name = f"{PROJECT}:secrets"
    opaque = _is_encrypted(written.get(name)) and not config.get(name, "").lstrip().startswith("{")
    trees = _trees(written, {**config, name: "{}"} if opaque else config, program_charts)
    own = _collect(problems, lambda: _stack_settings(trees, written, stack))
    secrets = located(_wrap(plain(trees["secrets"]), secret), trees["secrets"].source, trees["secrets"])
    if own is not None:
        problems += _folder_of_the_cluster(own.cluster.name, stack, trees["cluster"], root)
    communities = _communities(root, stack, problems)
    misplaced = [] if is_demonstration(trees["cluster"]) else list(_misplaced_secrets(trees, communities, stack))
    hubs, hub_trees, hub_layers = _hubs(communities, trees, secrets, list(program_charts.value), problems)
    if not is_demonstration(trees["cluster"]):
        problems += checks.plain_secrets(written, stack)
    # For a secret in the wrong file, say where it belongs, and not that the key is unknown.
    lines = {(problem.source, problem.path.rpartition(".")[2]) for problem in misplaced}
    problems = [item for item in problems if (item.source, item.path.rpartition(".")[2]) not in lines] + misplaced
    if own is None:
        raise SettingsError(problems)
    result = Stack(
        name=stack,
        cluster=own.cluster,
        registry=own.registry,
        hubs=hubs,
        project=config.get("gcp:project"),
        context=config.get("kubernetes:context"),
        trees=hub_trees,
        layers=hub_layers,
        tree=Node({"cluster": trees["cluster"], "registry": trees["registry"]}, written.source),
    )
    renamed = renames(result, secrets, communities)
    to_do = [*todo(result, renamed, has_kubeconfig=bool(config.get("kubernetes:kubeconfig")), secrets_known=not opaque)]
    if missing_secret is None:
        problems += [Problem(item.source, item.path, item.message) for item in to_do]
    else:
        result = with_placeholders(result, lambda path: secret(missing_secret(path)))
        result.todo.extend(to_do)
    problems += checks.check_stack(result, root=root)
    if not problems and not hubs:
        # A preview of a new cluster is useful. An update without hubs would delete everything that is deployed.
        (result.warnings if missing_secret is not None else problems).append(_no_community(result))
    result = _without_mistakes(result, problems, leave_out=leave_out)
    result = _without_mistakes(result, check(result), leave_out=leave_out)
    unused = checks.unused_secrets(secrets, communities, {item.old for item in renamed})
    result.warnings.extend([*unused, *checks.warnings(result), *version_warnings(result, root)])
    return result


def _is_encrypted(node: Node | None) -> bool:
    return node is not None and node.is_mapping and set(node.value) == {"secure"}


def _without_mistakes(stack: Stack, problems: Sequence[Problem], *, leave_out: bool) -> Stack:
    """Return the stack if there are no problems; with `leave_out`, without the hubs that have them."""
    if problems and not leave_out:
        raise SettingsError(problems)
    return stack.without(problems) if problems else stack


def is_demonstration(cluster: Node) -> bool:
    """Return whether these settings of a cluster, which may be invalid otherwise, mark a demonstration."""
    node = cluster.get("demonstration")
    return node is not None and node.value is True


def _hubs(
    communities: Iterable[tuple[str, Node | None]],
    trees: dict[str, Node],
    secrets: Node,
    known_charts: Collection[str],
    problems: list[Problem],
) -> tuple[list[Hub], dict[str, Node], dict[str, Layers]]:
    """Return the hubs without problems, and their settings as trees and layers, by hub key. Adds problems of others."""
    hubs: list[Hub] = []
    hub_trees: dict[str, Node] = {}
    hub_layers: dict[str, Layers] = {}
    for name, community in communities:
        if community is None:
            continue
        for hub_name, tree, layers in _hub_trees(name, community, trees, problems):
            try:
                hub = _hub(name, hub_name, tree, secrets, known_charts)
            except SettingsError as error:
                problems += [problem.of(f"{name}/{hub_name}") for problem in error.problems]
                continue
            hubs.append(hub)
            written_secrets = without_values(_merged_secrets(secrets, name, hub_name))
            hub_trees[hub.key] = Node({**tree.value, "secrets": written_secrets}, tree.source)
            hub_layers[hub.key] = layers
    return hubs, hub_trees, hub_layers


def _misplaced_secrets(
    trees: dict[str, Node], communities: Iterable[tuple[str, Node | None]], stack: str
) -> Iterable[Problem]:
    yield from plain_secrets.in_defaults(trees["defaults"], stack)
    for name, node in communities:
        if node is not None:
            yield from plain_secrets.in_community(node, name, stack)


def _trees(written: Node, config: Mapping[str, str], program_charts: Node) -> dict[str, Node]:
    trees = {}
    for key in _KEYS:
        like = written.get(f"{PROJECT}:{key}")
        source = like.source if like is not None else Source(written.source.file)
        text = config.get(f"{PROJECT}:{key}")
        try:
            data = json.loads(text) if text is not None else {}
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise SettingsError([Problem(source, f"{PROJECT}:{key}", "must be a mapping of keys to values")])
        trees[key] = located(data, source, like)
    trees["charts"] = _over_charts(program_charts, trees["charts"])
    return trees


def _chart_problems(tree: Node, known: Collection[str]) -> tuple[Node, list[Problem]]:
    """Return a hub's settings without charts and values of unknown charts, and the problems that were found.

    `known` are the charts of the program. Each of them has a version, which null cannot remove.
    """
    problems, kept = [], dict(tree.value)
    for setting in ("charts", "values"):
        problems += checks.chart_names(tree, (setting,), known)
        node = tree.get(setting)
        if node is not None and node.is_mapping:
            kept[setting] = Node({key: below for key, below in node.value.items() if key in known}, node.source)
    charts = kept.get("charts")
    if charts is not None and charts.is_mapping:
        missing = [name for name in known if name not in charts.value or charts.value[name].value is None]
        problems += [Problem(find(charts, (name,)), f"charts.{name}", "is missing") for name in missing]
    return Node(kept, tree.source), problems


def _program_charts(root: Path) -> Node:
    """Return the chart versions of the program: `imagebuilding:charts` in Pulumi.yaml."""
    node = read(root / "Pulumi.yaml", "Pulumi.yaml").at("config", f"{PROJECT}:charts", "default")
    if node is not None and not node.is_mapping:
        raise SettingsError([Problem(node.source, f"{PROJECT}:charts", "must be a mapping of keys to values")])
    return node if node is not None else Node({}, Source("Pulumi.yaml", 1))


def _folder_of_the_cluster(name: str, stack: str, cluster: Node, root: Path) -> list[Problem]:
    """Problem: the communities are in the folder with the cluster's name, as in release 0.1.0, and not in the stack's.

    Moving the folder changes nothing that is deployed. Renaming the cluster would rename images.
    """
    if name == stack or name not in folders_without_stack(root):
        return []
    message = (
        f"is {name}, and no stack reads the folder stacks/{name}/: communities of {stack} are read from"
        f" stacks/{stack}/. Move the files: `git mv stacks/{name} stacks/{stack}`. The name stays, because names of"
        " images contain it"
    )
    return [Problem(find(cluster, ("name",)), f"{PROJECT}:cluster.name", message)]


def _no_community(stack: Stack) -> Problem:
    message = f"has no community: add one with `hubs new community NAME --cluster {stack.name}`"
    return Problem(Source(f"stacks/{stack.name}/"), "", message)


def _stack_settings(trees: dict[str, Node], written: Node, stack: str) -> _StackFile:
    node = Node({key: trees[key] for key in ("cluster", "registry", "charts")}, written.source)
    examples = {"cluster": f"{{name: {stack}, provider: gcp}}", "registry": "{type: quay, organization: my-org}"}
    missing = [
        Problem(written.source, f"{PROJECT}:{key}", f"is missing; for example {PROJECT}:{key}: {example}")
        for key, example in examples.items()
        if written.get(f"{PROJECT}:{key}") is None and not trees[key].value
    ]
    if missing:
        raise SettingsError(missing)
    return validate(_StackFile, node)


def _wrap(data: Any, secret: Callable[[str], Any]) -> Any:
    if isinstance(data, dict):
        return {key: _wrap(value, secret) for key, value in data.items()}
    if isinstance(data, list):
        return [_wrap(value, secret) for value in data]
    return None if data is None else secret(data)


def _communities(root: Path, folder: str, problems: list[Problem]) -> list[tuple[str, Node | None]]:
    """Return the files of a stack's communities with their names, and None for a file that can't be used."""
    result = []
    paths = sorted(path for path in (root / "stacks" / folder).glob("*") if path.suffix in (".yaml", ".yml"))
    for path in paths:
        name = f"stacks/{folder}/{path.name}"

        def one(path: Path = path, name: str = name) -> Node:
            checks.refuse_symlink(path, root / "stacks", name)
            checks.check_community_name(path.stem, Source(name), PURPOSES)
            node = read(path, name)
            hubs = node.get("hubs")
            validate(_Community, Node({"hubs": hubs} if hubs is not None else {}, node.source))
            return node

        found: list[Problem] = []
        result.append((path.stem, _collect(found, one)))
        problems += [problem.of(path.stem) for problem in found]
    return result


def _hub_trees(
    community: str, node: Node, trees: dict[str, Node], problems: list[Problem]
) -> Iterable[tuple[str, Node, Layers]]:
    """Yield name, settings and layers of each hub of a community."""
    base = Node({"charts": trees["charts"]}, node.source)
    # `x-...` is a place for YAML anchors, as in Compose files.
    shared = Node(
        {key: value for key, value in node.value.items() if key != "hubs" and not key.startswith("x-")}, node.source
    )
    for name, hub in node.value["hubs"].value.items():
        own = hub if hub.is_mapping else Node({}, hub.source)
        if not hub.is_mapping and hub.value is not None:
            message = "must be a mapping of keys to values"
            problems.append(Problem(hub.source, f"hubs.{name}", message, (f"{community}/{name}",)))
            continue
        if name in PURPOSES:
            message = "can't be a hub's name: imagebuilding:secrets uses that key for a kind of secret"
            problems.append(Problem(hub.source, f"hubs.{name}", message, (f"{community}/{name}",)))
            continue
        layers = (
            ("charts of the stack", base),
            ("cluster defaults", trees["defaults"]),
            ("community", shared),
            ("hub", own),
        )
        tree = functools.reduce(_over, [layer for _, layer in layers])
        if not own.value.get("domain") and shared.get("domain") is not None and len(node.value["hubs"].value) > 1:
            message = "is missing: each hub needs its own domain"
            problems.append(Problem(hub.source, f"hubs.{name}.domain", message, (f"{community}/{name}",)))
            continue
        yield name, Node(tree.value, hub.source), layers


def _over(lower: Node, upper: Node) -> Node:
    """Like `merge`, with four exceptions. `auth` of another type replaces the one below completely, and a `home` of
    another kind replaces that kind: the settings of one kind have no meaning for another. A mapping of profiles is
    merged over a list of them, by slug. A chart's digest is dropped with the archive that it is for."""
    below = dict(lower.value)
    if None not in (_auth_type(lower), _auth_type(upper)) and _auth_type(lower) != _auth_type(upper):
        del below["auth"]
    kinds, home = _home_kinds(upper), lower.get("home")
    if kinds and home is not None and home.is_mapping:
        other = _HOME_KINDS - kinds
        below["home"] = Node({key: node for key, node in home.value.items() if key not in other}, home.source)
    profiles, upper_profiles = lower.get("profiles"), upper.get("profiles")
    if profiles is not None and upper_profiles is not None and upper_profiles.is_mapping:
        below["profiles"] = by_slug(profiles)
    charts, own = lower.get("charts"), upper.get("charts")
    if charts is not None and own is not None:
        below["charts"] = _without_old_digests(charts, own)
    return merge(Node(below, lower.source), upper)


def by_slug(profiles: Node) -> Node:
    """Return a list of profiles as a mapping. A list in which two have the same slug stays, and is refused later."""
    found: dict[str, Node] = {}
    for item in profiles.value if isinstance(profiles.value, list) else []:
        slug, name = item.get("slug"), item.get("display_name")
        if slug is not None and isinstance(slug.value, str):
            found[slug.value] = item
        elif name is not None and isinstance(name.value, str):
            found[slug_of(name.value)] = item
    complete = isinstance(profiles.value, list) and len(found) == len(profiles.value)
    return Node(found, profiles.source) if complete else profiles


def _over_charts(lower: Node, upper: Node) -> Node:
    """Like `merge`, for charts. A digest is that of one archive: a layer that names another one drops it."""
    return merge(_without_old_digests(lower, upper), upper)


def _without_old_digests(lower: Node, upper: Node) -> Node:
    if not lower.is_mapping or not upper.is_mapping:
        return lower
    kept = dict(lower.value)
    for name in kept.keys() & upper.value.keys():
        below, above = kept[name], upper.value[name]
        if below.is_mapping and above.is_mapping and _ORIGIN & above.value.keys():
            kept[name] = Node(
                {key: node for key, node in below.value.items() if key != "digest"}, below.source, below.resets
            )
    return Node(kept, lower.source, lower.resets)


def _auth_type(tree: Node) -> Any:
    kind = tree.at("auth", "type")
    return kind.value if kind is not None else None


def _home_kinds(tree: Node) -> set[str]:
    home = tree.get("home")
    kinds = home.value if home is not None and home.is_mapping else {}
    return {kind for kind in _HOME_KINDS if kind in kinds and kinds[kind].value is not None}


_HOME_KINDS = {"nfs", "volume", "disk"}
_ORIGIN = {"name", "version", "repository", "archive"}
"""Keys that say which archive of a chart is installed."""


_ELSEWHERE = {
    "community": "the file's name is the community's name",
    "name": "the key below hubs is the hub's name",
    "secrets": "secrets are in imagebuilding:secrets of the stack",
}


def _hub(community: str, name: str, tree: Node, secrets: Node, known_charts: Collection[str]) -> Hub:
    given = {"community": community, "name": name, "secrets": _hub_secrets(secrets, community, name)}
    renamed = tree.get("renamed_from")
    deployed_as = former_name(community, renamed.value if renamed and isinstance(renamed.value, str) else name)
    defaults: dict[str, Any] = {
        "namespace": "-".join(deployed_as),
        "stage": name if name in ("staging", "prod") else "prod",
        "home": {"volume": {}},
    }
    tree, problems = _chart_problems(tree, known_charts)
    for key in given:
        if tree.get(key) is not None:
            raise SettingsError([Problem(tree.value[key].source, key, f"can't be set here; {_ELSEWHERE[key]}")])
    written = {key: node for key, node in tree.value.items() if node.value is not None}
    extra = {**given, **{key: value for key, value in defaults.items() if key not in written}}
    hub: Hub | None = _collect(problems, lambda: validate(Hub, Node(written, tree.source), **extra))
    if hub is None or problems:
        raise SettingsError(problems)
    return hub


def _hub_secrets(secrets: Node, community: str, name: str) -> HubSecrets:
    return validate(HubSecrets, _merged_secrets(secrets, community, name), ("imagebuilding:secrets", community, name))


def _merged_secrets(secrets: Node, community: str, name: str) -> Node:
    """Return the secrets of all hubs, of the community and of the hub, each merged over the one before."""
    merged = Node({}, secrets.source)
    for path in ((), (community,), (community, name)):
        below = secrets.at(*path)
        if below is None or not below.is_mapping:
            break
        layer = {key: value for key, value in below.value.items() if key in PURPOSES}
        merged = merge(merged, Node(layer, below.source))
    return merged


def _collect(problems: list[Problem], make: Callable[[], Any]) -> Any:
    try:
        return make()
    except SettingsError as error:
        problems.extend(error.problems)
        return None
