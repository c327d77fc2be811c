"""What is known about KubeSpawner, compared with the installed classes."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from jupyterhub.traitlets import ByteSpecification, Command
from kubespawner import KubeSpawner
from kubespawner.objects import make_pod

from hubs.settings import kubespawner as known
from hubs.settings.pod_parts import fields
from hubs.settings.traits import trait_problems, unknown_trait
from hubs.values.profiles import for_kubespawner

SOURCE = inspect.getsource(KubeSpawner)
KINDS = {
    traitlets.Bool: "bool",
    ByteSpecification: "memory",
    traitlets.Integer: "int",
    traitlets.Float: "number",
    traitlets.Unicode: "text",
    Command: "texts",
    traitlets.List: "list",
    traitlets.Dict: "mapping",
}


def kind(trait: Any) -> str:
    if isinstance(trait, traitlets.Enum):
        return "|".join(map(str, trait.values or ()))
    if isinstance(trait, traitlets.Union):
        members = [kind(member) for member in trait.trait_types]
        return "|".join(member for member in members if member != "python") or "python"
    return next((word for cls, word in KINDS.items() if isinstance(trait, cls)), "python")


def test_traits_are_those_of_kubespawner() -> None:
    found = {}
    for name, trait in KubeSpawner.class_traits(config=True).items():
        word = kind(trait)
        found[name] = word + ("?" if trait.allow_none and word != "python" else "")
    assert found == known.TRAITS


def test_old_names_are_those_that_work() -> None:
    old = KubeSpawner._deprecated_traits
    working = {name: old.get(new, (new,))[0] for name, (new, _) in old.items() if new in {*known.TRAITS, *old}}
    assert working == known.RENAMED


def test_texts_that_kubespawner_formats() -> None:
    pattern = r"_expand_(?:all|env|user_properties)\(\s*(?:self\._sorted_dict_values\(\s*)?self\.(\w+)"
    assert set(re.findall(pattern, SOURCE)) == known.EXPANDED | known.EXPANDED_AT_FIRST
    before = inspect.getsource(KubeSpawner.__init__)
    assert set(re.findall(r"self\.(\w+)", before)) >= known.EXPANDED_AT_FIRST


def test_placeholders(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("load_config", "shared_client"):
        monkeypatch.setattr(f"kubespawner.spawner.{name}", lambda *_, **__: None)
    spawner = KubeSpawner(_mock=True)

    class Template(str):
        def format(self, **names: Any) -> str:  # type: ignore[override]
            return " ".join(sorted(names))

    assert spawner._expand_user_properties(Template("-")).split() == list(known.PLACEHOLDERS)


def test_parts_of_pods() -> None:
    body = inspect.getsource(make_pod)
    for trait, model in known.PARTS.items():
        assert model in fields()
        assert trait.startswith("extra_") or f"get_k8s_model({model}, " in body


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2**40)
    | st.floats()
    | st.sampled_from(["", "a", "2G", "4Gi", "500m", "1"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "name", "mountPath", "key", "value"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def spawner() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("load_config", "shared_client"):
            patch.setattr(f"kubespawner.spawner.{name}", lambda *_, **__: None)
        yield KubeSpawner(_mock=True)


@given(st.sampled_from(sorted(known.TRAITS)), VALUES)
def test_what_is_accepted_is_accepted_by_kubespawner(spawner: Any, name: str, value: Any) -> None:
    if list(trait_problems(name, value)):
        return
    for trait, converted in for_kubespawner({name: value}).items():
        KubeSpawner.class_traits()[trait]._validate(spawner, converted)


@given(st.sampled_from(sorted(known.TRAITS)), VALUES)
def test_types_that_are_refused_are_refused_by_kubespawner(spawner: Any, name: str, value: Any) -> None:
    messages = [message for path, message in trait_problems(name, value) if not path]
    if not messages or "1" in str(value) or isinstance(value, bool) or known.TRAITS[name] == "python":
        return  # KubeSpawner takes booleans as numbers, and some numbers as booleans
    try:
        KubeSpawner.class_traits()[name]._validate(spawner, value)
    except (traitlets.TraitError, ValueError, OverflowError, TypeError, IndexError):
        return
    # It takes what it can't use: a server with a size below zero or of two bytes, numbers that are whole but written
    # with a point, an unknown word, lists with items that Kubernetes refuses, and names of no object.
    names = ("priority_class_name", "scheduler_name", "service_account", "storage_class")
    strange = isinstance(value, int | float | list) or name in ("image_pull_policy", "storage_capacity", *names)
    assert strange, (name, value, messages)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("extra_tolerations", "tolerations"),
        ("extraTolerations", "tolerations"),
        ("mem_limt", "mem_limit"),
        ("memLimit", "mem_limit"),
        ("volumeMounts", "volume_mounts"),
        ("nodeSelector", "node_selector"),
        ("extraEnv", "environment"),
        ("env", "env_keep or environment"),
        ("extra_resource_limit", "extra_resource_limits"),
        ("memory", "mem_guarantee or mem_limit"),
        ("defaultUrl", "default_url"),
        ("cpuGuarantee", "cpu_guarantee"),
    ],
)
def test_the_nearest_name(written: str, meant: str) -> None:
    assert unknown_trait(written) == f"unknown trait of KubeSpawner; did you mean {meant}?"


def test_known_names_are_not_questioned() -> None:
    assert not any(map(unknown_trait, [*known.TRAITS, *known.RENAMED]))
