"""Any change of a setting with a danger is a danger, any change of a harmless one is none: for all settings."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import pytest
from pydantic import BaseModel

from hubs.preview.diff import setting_rules  # noqa: F401  (adds its rules)
from hubs.preview.diff.judged import Judgement, Level
from hubs.preview.diff.setting_leaves import Place, leaves
from hubs.preview.diff.setting_words import judgement
from hubs.settings.auth import AnyAuth
from hubs.settings.marks import groups, mark_of
from hubs.settings.registry import Registry
from hubs.settings.touches import DANGEROUS
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
