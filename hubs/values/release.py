"""A Helm release of a hub: its chart, its names, and how its values are merged."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hubs.settings.charts import Chart
from hubs.settings.errors import Problem
from hubs.settings.hub import Hub
from hubs.settings.layers import Node, Source, located, merge, plain
from hubs.settings.stack import Stack
from hubs.values import chart_values
from hubs.values.provenance import PROGRAM, Layer, provenance
from hubs.values.registry import RegistryAccess, registry_access
from hubs.values.tokens import Tokens

_WIRED = Source("wired by the program (from the other values)")


@dataclass(frozen=True)
class Inputs:
    """The inputs for the values of a release. In the program, leaves of `access` and `tokens` are Pulumi outputs."""

    stack: Stack
    hub: Hub
    access: RegistryAccess = field(repr=False)
    tokens: Tokens = field(repr=False)


@dataclass(frozen=True)
class Restart:
    """What a restart means for people. `disturbs`: it interrupts what people have running."""

    text: str
    disturbs: bool = False

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class HubChart:
    """A chart that hubs install. One file of `hubs.values` defines one; `hubs.values.releases.CHARTS` lists them."""

    key: str
    """Name of the chart in `imagebuilding:charts` and `values`."""
    component: str
    """Type of the Pulumi component that holds the release. Deployed state refers to it."""
    name: Callable[[Hub], str]
    """Name of the Pulumi resource, unique in the cluster."""
    layers: Callable[[Inputs], list[Layer]]
    """Values without secrets. Each layer is merged over the one before."""
    secrets: Callable[[Inputs], list[Layer]] = lambda _: []
    """Secret values, merged in the same way."""
    installed: Callable[[Stack, Hub], bool] = lambda _stack, _hub: True
    """Whether a hub has the release."""
    helm_name: Callable[[Hub], str] | None = None
    """Name of the Helm release where it differs from `name`."""
    after: tuple[str, ...] = ()
    """Keys of the hub's other releases that must be installed before."""
    finish: Callable[[dict[str, Any]], dict[str, Any]] = lambda values: values
    """Last step from the merged values to what Helm reads."""
    restarts: Mapping[str, Restart] = field(default_factory=dict)
    """What it means for people when the pods of a workload are replaced, by the workload's name."""


@dataclass(frozen=True)
class Values:
    """Values of one release: `data` as Helm reads them, `tree` with the source of each value."""

    data: dict[str, Any] = field(repr=False)
    tree: Node = field(repr=False)
    replaced: tuple[str, ...] = ()
    """Warnings: lists of the program that the hub's own `values` replace as a whole."""


@dataclass(frozen=True)
class Release:
    """One Helm release of one hub. Installed in the hub's namespace."""

    stack: Stack = field(repr=False)
    hub: Hub = field(repr=False)
    kind: HubChart = field(repr=False)

    @property
    def key(self) -> str:
        """Name of the chart in the settings."""
        return self.kind.key

    @property
    def name(self) -> str:
        """Name of the Pulumi resource."""
        return self.kind.name(self.hub)

    @property
    def helm_name(self) -> str:
        """Name of the release for Helm: at most 53 characters, unique in the cluster."""
        return self.kind.helm_name(self.hub) if self.kind.helm_name is not None else self.name

    @property
    def chart(self) -> Chart:
        """The chart, with its version and where it is downloaded from."""
        return self.hub.charts[self.key]

    @property
    def after(self) -> tuple[str, ...]:
        """Keys of the hub's other releases that must be installed before this one."""
        return self.kind.after

    def values(self, access: RegistryAccess, tokens: Tokens, *, sources: bool = False) -> Values:
        """Merge the values of the release.

        Each layer is merged over the one before: the program's defaults, what follows from settings, the hub's own
        `values`, the secrets. A null in `values` reaches Helm, where it also removes the chart's default.
        With `sources`, the tree records where each value comes from, which takes longer.
        """
        layers = self.layers(access, tokens, sources=sources)
        program, own, *_ = layers
        tree = functools.reduce(merge, layers)
        data = self.kind.finish(plain(tree, keep_null=True))
        return Values(data, _finished(data, tree) if sources else tree, tuple(_replaced(self.hub.key, program, own)))

    def layers(self, access: RegistryAccess, tokens: Tokens, *, sources: bool = False) -> tuple[Node, Node, Node, Node]:
        """Return the layers of the values, the lowest first: the program's, the hub's own `values`, the program's
        secrets, the hub's own secret values."""
        inputs = Inputs(self.stack, self.hub, access, tokens)
        program = self._merged(self.kind.layers(inputs), sources=sources)
        secret = self._merged(self.kind.secrets(inputs), sources=sources)
        return program, self._own(), secret, self._secret_values()

    def problems(self) -> Iterator[Problem]:
        """Yield what the hub's own `values` replace by something of another shape, which neither the program nor the
        chart can use: a number or text instead of a mapping or a list, a list instead of a mapping. Also what the chart
        itself refuses in them, or in secret values, if it has the version that this program installs by default."""
        if self.key not in self.hub.values and self.key not in self.hub.secrets.values:
            return
        access = registry_access(self.stack, self.hub, "")
        program = self._merged(self.kind.layers(Inputs(self.stack, self.hub, access, Tokens.named(str))))
        found: dict[tuple[str, ...], tuple[Node, str]] = {}
        for path, expected, node in _misshapen(program, self._own(), ()):
            found[path] = node, f"must be a {expected}"
        for path, node, message in self._refused(self._own(), program, opaque=False):
            found.setdefault(path, (node, message))
        for path, (node, message) in found.items():
            yield self._problem(node, ("values", self.key, *path), message)
        for path, node, message in self._refused(self._secret_values(), program, opaque=True):
            yield self._problem(node, ("secrets", "values", self.key, *path), message)

    def _problem(self, node: Node, path: tuple[str, ...], message: str) -> Problem:
        return Problem(node.source, f"{self.hub.key}: {'.'.join(path)}", message, (self.hub.key,))

    def _refused(self, own: Node, program: Node, *, opaque: bool) -> chart_values.Found:
        facts = None if self.chart.archive else chart_values.schema(self.key)
        if facts is not None and facts["version"] == self.chart.version:
            yield from chart_values.refused(facts["values"], own, program, opaque=opaque)

    def _secret_values(self) -> Node:
        values = self.hub.secrets.values.get(self.key, {})
        return located(values, Source("secrets"), self._written("secrets", "values", self.key))

    def _merged(self, layers: Iterable[Layer], *, sources: bool = False) -> Node:
        trees = (provenance(self.stack, self.hub, item) if sources else located(item.data, PROGRAM) for item in layers)
        return functools.reduce(merge, trees, Node({}, PROGRAM))

    def _own(self) -> Node:
        return located(self.hub.values.get(self.key, {}), Source("values"), self._written("values", self.key))

    def _written(self, *path: str) -> Node | None:
        return self.stack.trees[self.hub.key].at(*path)


def _misshapen(program: Node, own: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, Node]]:
    """Yield path, expected shape and node of what `own` replaces by something of another shape."""
    if own.value is None:
        return
    if isinstance(program.value, dict) and isinstance(own.value, dict):
        for key in program.value.keys() & own.value.keys():
            yield from _misshapen(program.value[key], own.value[key], (*path, key))
    elif isinstance(program.value, dict):
        yield path, "mapping of keys to values", own
    elif isinstance(program.value, list) and not isinstance(own.value, (list, dict)):
        yield path, "list", own


def _finished(data: Any, before: Node | None) -> Node:
    """Return `data` as a tree with the sources of the tree `before` the last step, which added what is not there."""
    if before is not None and isinstance(data, dict) and before.is_mapping:
        return Node({key: _finished(item, before.get(key)) for key, item in data.items()}, before.source)
    if before is not None and isinstance(data, list) and isinstance(before.value, list):
        others = [*before.value, *[None] * len(data)]
        return Node([_finished(item, others[index]) for index, item in enumerate(data)], before.source)
    return before if before is not None and before.value == data else located(data, _WIRED)


def _replaced(hub: str, program: Node, own: Node) -> Iterator[str]:
    for path, before, after in _lists(program, own, ()):
        written = plain(after)
        lost = [item for item in plain(before) if not isinstance(written, list) or item not in written]
        if lost:
            where = ".".join(path)
            yield (
                f"{after.source}: {hub}: values replace the list {where} and drop {len(lost)} of the program's entries;"
                " repeat them, or use a setting"
            )


def _lists(lower: Node, upper: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node, Node]]:
    """Yield the lists of `lower` that `upper` replaces, with their replacements."""
    if isinstance(lower.value, list):
        yield path, lower, upper
    elif isinstance(lower.value, dict) and isinstance(upper.value, dict):
        for key in lower.value.keys() & upper.value.keys():
            yield from _lists(lower.value[key], upper.value[key], (*path, key))
