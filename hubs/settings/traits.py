"""Check values of KubeSpawner's traits: names, types, and what Kubernetes does not accept in a pod."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Any

from hubs.settings import sizes
from hubs.settings.kubernetes import AnnotationKey, ObjectName
from hubs.settings.kubespawner import CHART, PARTS, RENAMED, TRAITS
from hubs.settings.layers import Found
from hubs.settings.pod_parts import misfits, repeated
from hubs.settings.pod_rules import IMAGE_PULL_POLICIES, LARGEST_ID, labels, problem, raised, resource_amounts

_MERGED = ("volumes", "volume_mounts")
"""Traits that the chart sets to mappings, which a profile's mapping merges with. A null removes a key there."""

_FEW = 3

_EXPECTED = {
    "bool": "true or false",
    "int": "a whole number",
    "number": "a number",
    "text": "text",
    "texts": "text or a list of texts",
    "list": "a list",
    "mapping": "a mapping of keys to values",
}
_TAKEN = {
    ("extra_container_config", "env"): "replaces all variables, with those that JupyterHub sets: write environment",
    ("extra_container_config", "image"): "replaces the image that is selected: write image",
    ("extra_container_config", "name"): "can't be changed: it is how the server is found in its pod",
    ("extra_pod_config", "containers"): "replaces the server itself: write extra_containers",
}
"""What would take something away that every server needs."""
SERVER = "notebook"
"""Name that KubeSpawner gives to the server's container."""
_LABELS = ("common_labels", "extra_labels", "node_selector", "storage_extra_labels", "user_namespace_labels")
_ANNOTATIONS = ("extra_annotations", "storage_extra_annotations", "user_namespace_annotations")
_AMOUNTS = ("extra_resource_guarantees", "extra_resource_limits")
_AS_WRITTEN = {"container_security_context": "V1SecurityContext", "pod_security_context": "V1PodSecurityContext"}
"""Traits that KubeSpawner hands to Kubernetes as they are written, with their types."""
_WORDS = {"image_pull_policy": IMAGE_PULL_POLICIES}
_ACCESS_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_OBJECTS = ("priority_class_name", "scheduler_name", "service_account", "storage_class")
"""Traits that name an object of Kubernetes. An empty text names none."""
_IDS = ("fs_gid", "gid", "supplemental_gids", "uid")


def unknown_trait(name: str) -> str | None:
    """Return the problem with a name that is not a trait of KubeSpawner, or None for a trait."""
    if name in TRAITS or name in RENAMED:
        return None
    meant = _meant(name)
    hint = f"; did you mean {' or '.join(meant)}?" if meant else ""
    return f"unknown trait of KubeSpawner{hint}"


def _meant(name: str) -> list[str]:
    """Return the traits that were probably meant: in another notation, by the chart's words, or misspelt."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    for guess in (snake, snake.removeprefix("extra_"), snake.removeprefix("singleuser_")):
        if guess in TRAITS:
            return [guess]
    charts = [trait for trait, path in CHART.items() if name in (path, path.rpartition(".")[0]) and name != "storage"]
    longer = [trait for trait in TRAITS if trait.startswith(snake)]
    return charts or difflib.get_close_matches(snake, TRAITS, n=1) or (longer if len(longer) <= _FEW else [])


def trait_problems(name: str, value: Any, *, typed: bool = False) -> Found:
    """Yield what is wrong with the value of a trait, each with the path below it.

    `typed` says that `{value}` stands for what a person types, so that texts with it can't be checked.
    """
    name = RENAMED.get(name, name)
    kinds = TRAITS[name]
    if value is None:
        if not kinds.endswith("?"):
            yield (), f"can't be null: it must be {_expected(kinds)}"
        return
    if kinds == "python":
        yield (), "can only be set in Python, with values.jupyterhub.hub.extraConfig"
        return
    if typed and kinds in ("memory?", "text", "text?") and isinstance(value, str) and "{value}" in value:
        return
    message = _wrong(name, kinds.removesuffix("?"), value)
    if message:
        yield (), message
        return
    yield from _inside(name, value)


def _expected(kinds: str) -> str:
    kinds = kinds.removesuffix("?")
    return " or ".join(_EXPECTED.get(kind, kind) for kind in kinds.split("|"))


def _wrong(name: str, kinds: str, value: Any) -> str | None:
    if kinds == "memory":
        return raised(sizes.memory, value)
    if name in ("cpu_guarantee", "cpu_limit"):
        return raised(sizes.cpu, value)
    if name == "storage_capacity":
        return raised(sizes.quantity_bytes, value)
    if any(_is(kind, value) for kind in kinds.split("|")):
        return _refused_value(name, value)
    quotes = " (numbers and true/false need quotes)" if kinds == "text" else ""
    return f"must be {_expected(kinds)}{quotes}"


def _refused_value(name: str, value: Any) -> str | None:
    """Return what Kubernetes refuses in a value of the right type, or None."""
    words = _WORDS.get(name)
    if words and value not in words:
        return f"must be one of {', '.join(words)}"
    if name in _OBJECTS and value:
        return problem(ObjectName, value)
    numbers = [item for item in (value if isinstance(value, list) else [value]) if _is("int", item)]
    if name in _IDS and any(not 0 <= number <= LARGEST_ID for number in numbers):
        return f"must be from 0 to {LARGEST_ID}"
    if name == "storage_access_modes" and any(mode not in _ACCESS_MODES for mode in value):
        return f"must be a list with one or more of {', '.join(_ACCESS_MODES)}"
    return None


def _is(kind: str, value: Any) -> bool:
    return _CHECKS[kind](value) if kind in _CHECKS else bool(value == kind)


def _all(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "text": lambda value: isinstance(value, str),
    "texts": lambda value: isinstance(value, str) or _all(value, str),
    "list": lambda value: isinstance(value, list),
    "mapping": lambda value: isinstance(value, dict),
}


def not_converted(name: str, value: Any) -> str | None:
    """Return the problem with a size that would have to be converted for KubeSpawner, or None."""
    convert = {"mem": sizes.memory, "cpu": sizes.cpu}.get(name.partition("_")[0])
    if convert is None or value is None or raised(convert, value):
        return None
    found = convert(value)
    return None if found == value else f"must be in KubeSpawner's notation: write {found}"


def _inside(name: str, value: Any) -> Found:
    if name in PARTS:
        yield from _parts(name, value)
    elif name == "environment":
        yield from _environment(value)
    elif name in (*_LABELS, *_ANNOTATIONS):
        yield from _texts(name, value)
    elif name in _AMOUNTS:
        yield from resource_amounts(value)
    elif name in _AS_WRITTEN:
        snake = [key for key in value if "_" in key]
        yield from (((key,), "must be written in camelCase, as in Kubernetes") for key in snake)
        yield from misfits(_AS_WRITTEN[name], {key: item for key, item in value.items() if key not in snake})
    elif name == "profile_list":
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        yield from (
            ((key,), "must be a mapping of keys to values") for key, item in pairs if not isinstance(item, dict)
        )
    elif TRAITS[name] == "list":
        kind = "int" if name == "supplemental_gids" else "text"
        if not all(_is(kind, item) for item in value):
            yield (), f"must be a list of {'whole numbers' if kind == 'int' else 'texts'}"
    elif name == "image_pull_secrets" and isinstance(value, list):
        for index, item in enumerate(value):
            secret = item["name"] if isinstance(item, dict) and set(item) == {"name"} else item
            if not isinstance(secret, str):
                yield (index,), "must be the name of a Secret, or {name: ...}"
            elif message := problem(ObjectName, secret):
                yield (index,), message


def _texts(name: str, value: dict[str, Any]) -> Found:
    for key, item in value.items():
        if item is not None and not isinstance(item, str):
            yield (key,), "must be text (numbers and true/false need quotes)"
    if name in _LABELS:
        yield from labels(value)
        return
    for key in value:
        if message := problem(AnnotationKey, key):
            yield (key,), message


def _parts(name: str, value: Any) -> Found:
    if TRAITS[name] == "mapping":
        yield from (((key,), _TAKEN[name, key]) for key in value if (name, key) in _TAKEN)
        # KubeSpawner sets these fields of an object that has the required ones.
        yield from _without_missing(misfits(PARTS[name], value), depth=1)
        return
    merged = isinstance(value, dict) and name in _MERGED
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if item is None and merged:
            continue
        if item is None:
            yield (key,), "must be a mapping of keys to values"
        if name in ("extra_containers", "init_containers") and isinstance(item, dict) and item.get("name") == SERVER:
            yield (key, "name"), f"{SERVER} is the name of the server's own container: write another one"
        found = misfits(PARTS[name], item, (key,))
        yield from _without_missing(found, depth=2) if merged else found
    yield from repeated(PARTS[name], value.items() if isinstance(value, dict) else enumerate(value))


def _without_missing(found: Found, depth: int) -> Found:
    yield from ((path, message) for path, message in found if message != "is missing" or len(path) != depth)


def _environment(value: dict[str, Any]) -> Found:
    for key, item in value.items():
        if isinstance(item, dict):
            yield from _without_missing(misfits("V1EnvVar", item, (key,)), depth=2)
            if item.get("value") is not None and not isinstance(item["value"], str):
                yield (key, "value"), "must be text (numbers and true/false need quotes)"
        elif item is not None and not isinstance(item, str):
            yield (key,), "must be text (numbers and true/false need quotes), or {valueFrom: ...} as in Kubernetes"
