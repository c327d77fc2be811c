"""A loaded stack: one cluster, its registry, and the hubs of all its communities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hubs.errors import UnknownNameError, unknown
from hubs.settings.auth import Google
from hubs.settings.cluster import Cluster, Operators, UserNodes
from hubs.settings.errors import Problem, SettingsError
from hubs.settings.hub import Hub
from hubs.settings.layers import Node, Path, Source, find
from hubs.settings.registry import Registry
from hubs.settings.todo import Todo
from hubs.settings.user_names import UserNames

Layers = tuple[tuple[str, Node], ...]
"""Layers of a hub's settings with their names, the lowest first."""


@dataclass(frozen=True)
class Stack:
    """Everything in the files of one stack, checked. Created by `hubs.settings.loader.load`."""

    name: str
    cluster: Cluster
    registry: Registry
    hubs: list[Hub]
    project: str | None = None
    """GCP project (`gcp:project`)."""
    context: str | None = None
    """Context of the kubeconfig (`kubernetes:context`)."""
    trees: dict[str, Node] = field(default_factory=dict, repr=False)
    """The settings of each hub with their files and lines, by hub key."""
    layers: dict[str, Layers] = field(default_factory=dict, repr=False)
    """The layers that `trees` are merged from, by hub key."""
    tree: Node = field(default_factory=lambda: Node({}, Source("")), repr=False)
    """The cluster and registry settings in the same form."""
    warnings: list[Problem] = field(default_factory=list)
    todo: list[Todo] = field(default_factory=list)
    """What has to be done before the stack can be deployed. Only previews load such a stack."""
    left_out: dict[str, list[Problem]] = field(default_factory=dict)
    """The hubs whose settings have problems, which only previews leave out, as `community/hub`. A community, instead of
    its hubs, if they are not known, because its file can't be read."""

    def source(self, hub: Hub, path: Path) -> Source | None:
        """Return the file and line that set a value of a hub, such as ("auth", "allow"), or None for a default."""
        node: Node | None = self.trees[hub.key]
        for step in path:
            if node is None or not isinstance(node.value, dict) or step not in node.value:
                return None
            node = node.value[step]
        return find(self.trees[hub.key], path)

    def problem(self, hub: Hub, path: Path, message: str) -> Problem:
        """Return a problem of a hub's setting, with the file and line of the setting or of what it is in."""
        where = f"{hub.key}: {'.'.join(map(str, path))}"
        return Problem(find(self.trees[hub.key], path), where, message, (hub.key,))

    @property
    def problems(self) -> list[Problem]:
        """The problems of the hubs that are left out, each once, in the order of files and lines."""
        return sorted({problem for problems in self.left_out.values() for problem in problems})

    def without(self, problems: Iterable[Problem]) -> Stack:
        """Return the stack without the hubs that these problems concern. Raises SettingsError with all problems if one
        concerns the whole stack."""
        found = list(problems)
        if not all(problem.hubs for problem in found):
            raise SettingsError([*found, *self.problems])
        left_out = {key: list(before) for key, before in self.left_out.items()}
        for problem in found:
            for key in problem.hubs:
                left_out.setdefault(key, []).append(problem)
        # A community stands for its hubs, unless they are known.
        for hub in self.hubs:
            if hub.community in left_out:
                left_out.setdefault(hub.key, []).extend(left_out[hub.community])
        for hub in self.hubs:
            left_out.pop(hub.community, None)
        gone = left_out.keys()
        return replace(
            self,
            hubs=[hub for hub in self.hubs if hub.key not in gone],
            left_out=left_out,
            warnings=[warning for warning in self.warnings if not warning.hubs or set(warning.hubs) - gone],
            todo=[item for item in self.todo if not item.hubs or set(item.hubs) - gone],
        )

    def hub(self, key: str) -> Hub:
        """Return the hub `<community>/<hub>`, also written `<community>-<hub>`.

        Raises UnknownNameError, and SettingsError for a hub that is left out.
        """
        for hub in self.hubs:
            if key in (hub.key, hub.slug):
                return hub
        for name, problems in self.left_out.items():
            if key in (name, name.replace("/", "-")) or ("/" not in name and key.startswith(f"{name}/")):
                raise SettingsError(problems)
        raise UnknownNameError(unknown(f"{self.name} has no hub {key!r}", key, [hub.key for hub in self.hubs]))

    def user_nodes(self, hub: Hub) -> UserNodes:
        """Return the nodes for this hub's servers and builds."""
        nodes, own = self.cluster.user_nodes, hub.user_nodes
        tolerations = nodes.tolerations if own.tolerations is None else own.tolerations
        return UserNodes(selector={**nodes.selector, **own.selector}, tolerations=tolerations)

    def operators(self, hub: Hub) -> Operators:
        """Return the cluster's operators, with their user names at this hub's login provider."""
        return self.cluster.operators.get(hub.auth.type, Operators())

    def user_names(self, hub: Hub) -> UserNames:
        """Return how people's names are spelled on this hub."""
        domains = [*hub.auth.allow, *self.operators(hub).allow] if isinstance(hub.auth, Google) else []
        return UserNames(hub.auth, tuple(domain.lower() for domain in domains))

    def prefix(self, hub: Hub) -> str:
        """Return `<cluster>-<community>-<hub>`: the hub's name in what clusters share, such as a registry."""
        return f"{self.cluster.name}-{hub.slug}"
