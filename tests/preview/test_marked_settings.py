"""Any change of a setting with a danger is a danger, any change of a harmless one is none: for all settings."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any, get_origin

import pytest
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hubs.preview.diff import setting_rules  # noqa: F401  (adds its rules)
from hubs.preview.diff.judged import Judgement, Level
from hubs.preview.diff.setting_leaves import Place, leaves, plain
from hubs.preview.diff.setting_words import judgement
from hubs.preview.diff.settings_changes import settings_judgements
from hubs.settings.auth import AnyAuth, GitHub
from hubs.settings.errors import SettingsError
from hubs.settings.hub import Hub
from hubs.settings.marks import groups, mark_of
from hubs.settings.registry import Registry
from hubs.settings.touches import DANGEROUS
from tests.repository import STACK, Repository
from tests.settings.kinds import kinds_of
from tests.settings.models import base, fields_of, reachable, values_of

GIVEN: dict[str, dict[str, Any]] = {"CleanupPolicy": {"dry_run": False}}
"""What a setting needs around it to have an effect."""
MORE: dict[tuple[str, str], list[Any]] = {
    ("Branding", "announcement"): ["<script src='https://evil.example.com/x.js'></script>"],
    ("Hub", "environment"): [{"TOKEN": {"valueFrom": {"secretKeyRef": {"name": "data", "key": "token"}}}}],
    ("Ingress", "annotations"): [{"nginx.ingress.kubernetes.io/whitelist-source-range": "10.0.0.0/8"}],
}
"""Values that are dangerous, where the examples of the documentation are not."""
SETTINGS = [
    (model, name)
    for model in reachable()
    for name, field in fields_of(model)
    if mark_of(field) is not None and mark_of(field).what is not None and not groups(field)  # type: ignore[union-attr]
]


def judged(old: BaseModel, new: BaseModel) -> list[Judgement]:
    found = [judgement(leaf) for leaf in leaves(old, new, Place())]
    return [one for one in found if one is not None]


def is_dangerous(old: BaseModel, new: BaseModel) -> bool:
    return any(one.level is Level.DANGEROUS for one in judged(old, new))


@pytest.mark.parametrize(("model", "name"), SETTINGS, ids=[f"{model.__name__}-{name}" for model, name in SETTINGS])
def test_a_change_is_as_dangerous_as_its_mark(model: type[BaseModel], name: str) -> None:
    field = model.model_fields[name]
    mark = mark_of(field)
    assert mark is not None
    around = base(model, **GIVEN.get(model.__name__, {}))
    values = [*values_of(field), *MORE.get((model.__name__, name), [])]
    if name == "type":
        return  # a kind is another group: see below
    assert len(values) > 1, "give it an example(...)"
    sides = [around.model_copy(update={name: value}) for value in values[:6]]
    if mark.what not in DANGEROUS:
        assert not any(is_dangerous(old, new) for old, new in permutations(sides, 2))
    elif mark.restricts is None and mark.harmless is None:
        assert all(is_dangerous(old, new) for old, new in permutations(sides, 2))
    else:
        assert any(is_dangerous(old, new) or is_dangerous(new, old) for old, new in combinations(sides, 2))


@pytest.mark.parametrize("kinds", [AnyAuth, Registry])
def test_another_kind_is_dangerous(kinds: Any) -> None:
    for old, new in permutations(kinds_of(kinds), 2):
        (one,) = [one for one in judged(base(old), base(new)) if one.path == "type"]
        assert one.level is Level.DANGEROUS
        assert " → " in one.text


def test_no_change_is_no_judgement() -> None:
    for model in reachable():
        assert judged(base(model), base(model)) == []


AROUND = {
    "home": {"nfs": {"server": "10.0.0.7", "path": "/export/ocean"}},
    "shared_directories": {"shared": {"sub_path": "_shared"}},
    "roles": {"user": ["read:users"]},
    "files": {"/etc/motd": "Welcome"},
    "service_account": {},
    "branding": {
        "organization": {"name": "Ocean", "url": "https://ocean.example.org"},
        "templates": {"repository": "https://github.com/example-org/templates"},
    },
    "profiles": {
        "cpu": {
            "display_name": "CPU",
            "images": {"a": "quay.io/a/a:1", "b": "quay.io/a/b:1"},
            "node_shares": [{"instance_type": "n2-highmem-4"}],
            "profile_options": {
                "size": {
                    "display_name": "Size",
                    "choices": {"s": {"display_name": "Small"}},
                    "unlisted_choice": {
                        "enabled": True,
                        "display_name_in_choices": "Other",
                        "kubespawner_override": {"mem_limit": "{value}"},
                    },
                }
            },
        }
    },
}
"""Groups that a hub may have, so that each of their settings can be written alone, in any layer."""
LAYERS = ("defaults", "community", "hub")


def paths(
    model: type[BaseModel], around: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Yield the path of each setting that can be written alone, within groups that are there."""
    for name, field in fields_of(model):
        here, inner = (*path, field.alias or name), groups(field)
        mark = mark_of(field)
        there = around.get(name) if isinstance(around, dict) else None
        if not inner:
            if mark is not None and mark.what is not None:
                yield here, field
        elif get_origin(field.annotation) is dict or name == "profiles":
            for key, item in (there or {}).items():
                yield from paths(inner[0], item, (*here, key))
        elif name not in ("auth", "home"):  # of several kinds
            yield from paths(inner[0], there or {}, here)
    if model is Hub:
        yield from (
            (("auth", name), field)
            for name, field in fields_of(GitHub)
            if name in ("admins", "users", "allow_all", "allow", "scope")
        )


def write(repository: Repository, layer: str, path: tuple[str, ...], value: Any) -> None:
    """Write a setting into a layer, with everything around it in the lowest one."""
    defaults: dict[str, Any] = copy.deepcopy(AROUND)
    hub: dict[str, Any] = {"domain": "ocean.example.org"}
    community: dict[str, Any] = {"display_name": "Ocean", "hubs": {"prod": hub}}
    defaults["auth"] = {"type": "github", "users": ["mary"]}
    written = {"defaults": defaults, "community": community, "hub": hub}[layer]
    for key in path[:-1]:
        below = written.setdefault(key, {})
        if not isinstance(below, dict):  # a short form
            below = written[key] = (
                {"scopes": below} if path[0] == "roles" else {"text" if path[0] == "files" else "image": below}
            )
        written = below
    written[path[-1]] = plain(value)
    stack = yaml.safe_load(STACK)
    stack["config"]["imagebuilding:defaults"] = defaults
    repository.write("stacks/Pulumi.earth.yaml", yaml.safe_dump(stack))
    repository.ocean(yaml.safe_dump(community))


@pytest.mark.parametrize("layer", LAYERS)
def test_a_danger_is_one_in_every_layer(repository: Repository, layer: str) -> None:
    """A setting of a hub, written in one layer with two values after each other."""
    compared = 0
    for path, field in paths(Hub, AROUND):
        if path[0] in (
            "domain",
            "display_name",
            "stage",
            "decommission",
            "renamed_from",
        ):  # each hub has it, or others judge it
            continue
        mark = mark_of(field)
        assert mark is not None
        values = [*values_of(field), *MORE.get(("Hub", path[-1]), []), *MORE.get(("Branding", path[-1]), [])]
        loaded = []
        for value in [*values[:2], *values[-1:]]:
            write(repository, layer, path, value)
            try:
                loaded.append(repository.load())
            except SettingsError:
                continue  # it needs something else around it
        if len(loaded) < 2:
            continue
        compared += 1
        dangers = [
            any(
                one.level is Level.DANGEROUS
                for found in [settings_judgements(old, new)]
                for one in found.hubs["ocean-prod"]
            )
            for old, new in permutations(loaded, 2)
        ]
        assert any(dangers) is (mark.what in DANGEROUS), (path, mark, layer)
    assert compared > 60, "most settings can be written alone"
