"""Every value that the tables call dangerous is a danger, in whatever layer it is written, and no other one is."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hubs.preview.diff.chart_paths import patterns, rule_for
from hubs.preview.diff.identity import identity_of
from hubs.preview.diff.judged import Level
from hubs.preview.diff.judged_values import value_judgements
from hubs.preview.diff.leaves import MISSING, at, dotted
from hubs.preview.diff.rules import binder_config, hub_config
from hubs.preview.diff.rules.charts import CHARTS
from hubs.preview.diff.rules.login import AUTHENTICATORS
from hubs.preview.diff.rules.rule import Rule
from hubs.preview.diff.rules.spawner import SPAWNER
from hubs.preview.values import hub_values
from hubs.settings.errors import SettingsError
from hubs.settings.touches import DANGEROUS
from hubs.values.chart_values import in_effect
from hubs.values.releases import check_releases
from tests.preview import value_layers as layers

STACK = "mars"
"""The example with all three charts."""
CANDIDATES: tuple[Any, ...] = (
    *(True, False, 0, 7, "accept", "x", "10Gi", "/x"),
    *(["x"], ["sh", "-c", "x"], [], [7], ["b", "c"]),
    *("<script>", {"LD_PRELOAD": "/x"}),
    *({"x": "y"}, {"hub.jupyter.org/network-access-x": "true"}, {"auth-url": "x"}, {"privileged": True}),
    *({"hostNetwork": True}, {"NET": ["x"]}),
    *(
        [{"name": "x", "image": "evil/x:1"}],
        [{"name": "x", "hostPath": {"path": "/"}}],
        [{"name": "x", "mountPath": "/x"}],
    ),
    None,
)
_KINDS: dict[str, Any] = {
    **dict.fromkeys(
        ("only be set in Python", "makes builds fail", "is not a value of the chart", "must be one of"), ()
    ),
    **{"must be a mapping": dict, "must be a list": list, "must be text": str, "must be a whole number": int},
}
"""What a value must be, by the words of the refusal. An empty tuple: nothing here fits."""
Item = tuple[tuple[str, ...], Rule]


def dangerous(item: Rule) -> bool:
    return item.mark.outage or item.mark.what in DANGEROUS


def of_chart(chart: str) -> Iterator[Item]:
    """The paths of the chart's own table, and the traits of classes that do not depend on the authenticator."""
    for path, item in patterns(chart):
        if path[0] != "**":
            yield tuple("any" if step == "*" else step for step in path), item
    config: tuple[tuple[str, ...], dict[str, dict[str, Rule]]] = {
        "jupyterhub": (
            ("hub", "config"),
            {"JupyterHub": dict(hub_config.TRAITS["JupyterHub"]), "KubeSpawner": dict(SPAWNER)},
        ),
        "binderhub-service": (("config",), {name: dict(rules) for name, rules in binder_config.TRAITS.items()}),
        "jupyterhub-home-nfs": (("quotaEnforcer", "config"), {"QuotaManager": binder_config.TRAITS["QuotaManager"]}),
    }[chart]
    for name, rules in config[1].items():
        for trait, item in rules.items():
            yield (*config[0], name, trait), item


def choices(item: Rule, old: Any) -> Iterator[Any]:
    """Values that a rule calls dangerous over the old one, or any other value if it calls none dangerous."""
    before = None if old is MISSING else old
    for value in CANDIDATES:
        if (value == old and type(value) is type(old)) or (not value and old in (MISSING, None, [], {}, "", 0, False)):
            continue
        merged = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
        restricts = any(
            direction is not None and direction(before, merged)
            for direction in (item.mark.restricts, item.mark.harmless)
        )
        if not (dangerous(item) and restricts) and not (value is None and old is MISSING):
            yield value


def put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> bool:
    """Put a value into nested mappings, unless there is one already."""
    for step in path[:-1]:
        values = values.setdefault(step, {})
        if not isinstance(values, dict):
            return False
    if path[-1] in values:
        return False
    values[path[-1]] = value
    return True


def accepted(folder: Path, chart: str, kind: str) -> tuple[list[tuple[str, ...]], dict[str, Any]]:
    """Return paths of a kind, and values for all of them that the settings accept."""
    old = layers.load(layers.example_stacks(folder / "old"), STACK)
    before = in_effect(chart, hub_values(old, old.hub(layers.HUBS[STACK]))[chart].data)
    decided = identity_of({}, {}).decides | {("hub", "config", "JupyterHub", "authenticator_class")}
    queue = {
        path: list(choices(item, at(before, path)))
        for path, item in of_chart(chart)
        if dangerous(item) == (kind == "dangerous")
        and path not in decided
        and not (item.together and ".".join(path) != item.names[0])
        if (known := rule_for(chart, path)) is not None and known.rule is item
    }
    for attempt in range(40):
        values: dict[str, Any] = {}
        # The longest first. A shorter one is a mapping then, and can't be set as well.
        longest = sorted(queue, key=len, reverse=True)
        used = [path for path in longest if queue[path] and put(values, path, queue[path][0])]
        repository = layers.example_stacks(folder / str(attempt))
        layers.write(repository, STACK, "hub", chart, values)
        try:
            check_releases(layers.load(repository, STACK))
        except SettingsError as error:
            message_of = str(error)
            for name, message in re.findall(rf"values\.{chart}\.([^\s:]+): (.*)", str(error)):
                for path in used:
                    if ".".join(path).startswith(f"{name}."):
                        queue[path] = []  # it is written below a list, for example
                    if name.startswith(".".join(path)) and queue[path]:
                        kind_of = next((kind for word, kind in _KINDS.items() if word in message), object)
                        queue[path] = [value for value in queue[path][1:] if isinstance(value, kind_of)]
        else:
            assert len(used) > 0.6 * len(queue), set(queue) - set(used)
            return used, values
    raise AssertionError("some value is always refused", message_of)


@pytest.fixture(scope="module")
def found(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, str], tuple[list[tuple[str, ...]], dict[str, Any]]]:
    return functools.cache(lambda chart, kind: accepted(tmp_path_factory.mktemp("search"), chart, kind))


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("kind", ["dangerous", "harmless"])
@pytest.mark.parametrize("layer", layers.LAYERS)
def test_every_layer(
    tmp_path: Path,
    found: Callable[[str, str], tuple[list[tuple[str, ...]], dict[str, Any]]],
    chart: str,
    layer: str,
    kind: str,
) -> None:
    """All dangerous values of a chart at once, written in one layer: each has a danger of its own. And all harmless
    ones: none has."""
    used, values = found(chart, kind)
    old = layers.load(layers.example_stacks(tmp_path / "old"), STACK)
    repository = layers.example_stacks(tmp_path / "new")
    layers.write(repository, STACK, layer, chart, values)
    judgements = layers.judged(chart, STACK, old, layers.load(repository, STACK))
    dangers = {one.path for one in judgements if one.level is Level.DANGEROUS}
    if kind == "harmless":
        assert not dangers
    else:
        assert not {dotted(path) for path in used if dotted(("values", chart, *path)) not in dangers}


@pytest.mark.parametrize("name", AUTHENTICATORS)
def test_every_trait_of_authenticators(name: str) -> None:
    """As far as it does not say who people are, which tests/preview/test_identity.py is about."""
    base: dict[str, Any] = {"hub": {"config": {"JupyterHub": {"authenticator_class": f"x.{name}"}}}}
    decided = {path[-1] for path in identity_of(base, base).decides}
    for trait, item in AUTHENTICATORS[name].items():
        if trait in decided:
            continue
        for value in list(choices(item, MISSING))[:1]:
            config = {**base["hub"]["config"], name: {trait: value}}
            (found,) = [
                one
                for one in value_judgements("jupyterhub", base, {"hub": {"config": config}})
                if one.path.endswith(f".{trait}")
            ]
            assert (found.level is Level.DANGEROUS) == dangerous(item), (trait, value)


def test_an_authenticator_that_is_not_used_lets_nobody_in(tmp_path: Path) -> None:
    old = layers.load(layers.example_stacks(tmp_path / "old"), STACK)
    repository = layers.example_stacks(tmp_path / "new")
    layers.write(
        repository, STACK, "hub", "jupyterhub", {"hub": {"config": {"GitHubOAuthenticator": {"allow_all": True}}}}
    )
    (found,) = layers.judged("jupyterhub", STACK, old, layers.load(repository, STACK))
    assert found.level is Level.ROUTINE
    assert "the hub uses another authenticator" in found.text


def test_a_secret_that_changes_is_not_judged_by_its_path() -> None:
    place = {"authenticator_class": "github"}
    old, new = (
        {"hub": {"config": {"JupyterHub": place, "GitHubOAuthenticator": {"client_secret": secret}}}}
        for secret in ("[secret a.b]", "[secret a.b, changed]")
    )
    assert list(value_judgements("jupyterhub", old, new)) == []
