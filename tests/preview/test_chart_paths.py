"""What values of charts touch, by their path. Names come from the charts' schemas and from the installed classes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import oauthenticator
import pytest
import yaml
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator, DummyAuthenticator, PAMAuthenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from jupyterhub.crypto import CryptKeeper
from jupyterhub.proxy import ConfigurableHTTPProxy
from traitlets.config import Application, Configurable

from hubs.preview.diff.chart_paths import judge, judge_override, patterns, rule_for
from hubs.preview.diff.judged import Level
from hubs.preview.diff.leaves import MISSING, leaves
from hubs.preview.diff.rules import binder_config
from hubs.preview.diff.rules.charts import CHARTS
from hubs.preview.diff.rules.hub_config import TRAITS
from hubs.preview.diff.rules.login import PARENTS
from hubs.preview.diff.rules.rule import Rule
from hubs.preview.diff.rules.spawner import SPAWNER
from hubs.settings import kubespawner
from hubs.settings.touches import DANGEROUS, Touches
from hubs.values import chart_values
from tests.repository import ROOT

NOT_JUDGED = {
    # Mappings for code and templates that only a hub's own operators know, and for charts that are not installed.
    "jupyterhub": {"custom"},
    "binderhub-service": {"custom", "global", "config"},
    "jupyterhub-home-nfs": set(),
}
"""Subtrees of the charts' schemas without a judgement, or whose judgement depends on the keys below."""
BY_KEY = {
    # Classes and traits, see below.
    "jupyterhub": {"hub.config"},
    "binderhub-service": {"config"},
    "jupyterhub-home-nfs": set(),
}


def schema_paths(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if schema.get("properties"):
        for key, below in schema["properties"].items():
            yield from schema_paths(below, (*path, key))
    else:
        yield path


@pytest.mark.parametrize("chart", CHARTS)
def test_the_whole_schema_of_each_chart_is_judged(chart: str) -> None:
    schema = chart_values.schema(chart)
    assert schema is not None
    missing = set()
    for path in schema_paths(schema["values"]):
        name = ".".join(path)
        found = rule_for(chart, (*path, "any", "any"))
        if (found is None or found.rule.mark.what is None) and not any(name.startswith(part) for part in BY_KEY[chart]):
            missing.add(name)
    assert missing == NOT_JUDGED[chart] - BY_KEY[chart]


@pytest.mark.parametrize("chart", ["jupyterhub", "binderhub-service"])
def test_the_defaults_of_the_stand_in_charts_are_judged(chart: str) -> None:
    values = yaml.safe_load((ROOT / "tests" / "charts" / chart / "values.yaml").read_text(encoding="utf-8"))
    for path, _ in leaves(values):
        if path[0] not in NOT_JUDGED[chart] and ".".join(path) not in BY_KEY[chart]:
            assert rule_for(chart, path) is not None, path


def test_no_pattern_is_hidden_by_another_one() -> None:
    for chart in CHARTS:
        own = [path for path, _ in patterns(chart) if path[0] != "**"]
        assert len(own) == len(set(own)), chart
        for path, item in patterns(chart):
            steps = path[1:] if path[0] == "**" else path
            found = rule_for(chart, tuple("any" if step == "*" else step for step in steps))
            assert found is not None
            # A pattern for several places may be made precise for one of them.
            assert found.rule is item or path[0] == "**", (chart, path)


def classes() -> Iterator[type[Configurable]]:
    yield from (JupyterHub, Authenticator, DummyAuthenticator, PAMAuthenticator, SharedPasswordAuthenticator)
    yield from (ConfigurableHTTPProxy, CryptKeeper)
    for module in pkgutil.iter_modules(oauthenticator.__path__):
        if module.name in ("tests", "mediawiki"):  # mediawiki needs a package that nobody here has
            continue
        for _, found in inspect.getmembers(importlib.import_module(f"oauthenticator.{module.name}"), inspect.isclass):
            if issubclass(found, Authenticator) and not found.__name__.startswith("Local"):
                yield found  # type: ignore[misc]


@pytest.mark.parametrize("configurable", dict.fromkeys(classes()), ids=lambda found: found.__name__)
def test_every_trait_of_the_installed_classes_is_judged(configurable: type[Configurable]) -> None:
    name = configurable.__name__
    inherited = set(Application.class_traits(config=True)) if issubclass(configurable, Application) else set()
    for trait in set(configurable.class_traits(config=True)) - inherited:
        found = rule_for("jupyterhub", ("hub", "config", name, trait))
        assert found is not None, f"{name}.{trait}"
        assert found.rule.mark.what is not None


def test_no_trait_is_judged_that_no_class_has() -> None:
    known = {found.__name__: set(found.class_traits(config=True)) for found in classes()}
    for name, traits in TRAITS.items():
        if name != "LocalAuthenticator":
            assert set(traits) <= known[name], name
    for name, parent in PARENTS.items():
        assert parent in TRAITS or parent in PARENTS, name


def test_every_trait_of_kubespawner_is_judged() -> None:
    assert set(SPAWNER) == set(kubespawner.TRAITS) - {"group_overrides"}
    for trait, path in kubespawner.CHART.items():
        found = rule_for("jupyterhub", ("singleuser", *path.split(".")))
        assert found is not None
        assert found.rule is SPAWNER[trait] or trait == "profile_list", "one list for the trait and for the chart's key"


def test_every_trait_of_binderhub_is_judged() -> None:
    for name, parent in binder_config.PARENTS.items():
        assert parent in binder_config.TRAITS, name
    reason = "BinderHub is not installed: names not compared with it"
    app = pytest.importorskip("binderhub.app", reason=reason)
    for name in ("BinderHub", *binder_config.TRAITS):
        found = getattr(app, name, None)
        if found is not None:
            for trait in set(found.class_own_traits(config=True)) - set(Application.class_traits(config=True)):
                assert rule_for("binderhub-service", ("config", name, trait)) is not None, f"{name}.{trait}"


def test_a_class_that_nobody_knows() -> None:
    found = judge("jupyterhub", ("hub", "config", "OurAuthenticator", "server"), MISSING, "ldap://a")
    assert (found.level, found.touches, found.effect) == (Level.CAREFUL, None, "not judged")
    admins = judge("jupyterhub", ("hub", "config", "OurAuthenticator", "admin_users"), ["a"], ["a", "b"])
    assert (admins.level, admins.touches) == (Level.DANGEROUS, Touches.LOGIN)


@pytest.mark.parametrize(
    ("trait", "old", "new", "level"),
    [
        ("privileged", MISSING, True, Level.DANGEROUS),
        ("privileged", True, False, Level.CAREFUL),
        ("singleuser_privileged", False, True, Level.DANGEROUS),
        ("allow_privilege_escalation", MISSING, False, Level.CAREFUL),
        ("uid", 1000, 0, Level.DANGEROUS),
        ("mem_limit", "1G", "2G", Level.CAREFUL),
        ("image", "a:1", "a:2", Level.ROUTINE),
        ("extra_pod_config", MISSING, {"hostNetwork": True}, Level.DANGEROUS),
        ("extra_pod_config", MISSING, {"enableServiceLinks": False}, Level.CAREFUL),
        ("volumes", {}, {"shm": {"name": "shm", "emptyDir": {"medium": "Memory"}}}, Level.CAREFUL),
        ("volumes", {}, {"all": {"name": "all", "hostPath": {"path": "/"}}}, Level.DANGEROUS),
        ("no_trait", 1, 2, Level.CAREFUL),
    ],
)
def test_overrides_of_profiles(trait: str, old: Any, new: Any, level: Level) -> None:
    path = ("profiles", "cpu", "kubespawner_override", trait)
    found = judge_override(trait, old, new, path=path)
    assert (found.level, found.path) == (level, ".".join(path))
    in_a_list = ("singleuser", "profileList", "[cpu]", "profile_options", "a", "choices", "b", *path[2:])
    assert judge("jupyterhub", in_a_list, old, new).level == level


def says_what_happens(item: Rule) -> bool:
    mark = item.mark
    return mark.what not in DANGEROUS or bool((mark.effect or (mark.gained and mark.lost)) and mark.subject)


def test_dangerous_rules_say_what_happens() -> None:
    for chart in CHARTS:
        for path, item in patterns(chart):
            assert says_what_happens(item), path
    for rules in (SPAWNER, *TRAITS.values(), *binder_config.TRAITS.values()):
        for name, item in rules.items():
            assert says_what_happens(item), name
