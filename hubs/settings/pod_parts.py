"""Parts of pods, such as volumes and containers, checked where they are written: fields, types and values.

The fields are data, `kubernetes_fields.json`: for each type its fields, with their types. A test compares it with the
models of the Python client, and `python -m tests.settings.kubernetes_fields` writes it again. Rules for values are in
hubs.settings.pod_rules.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable
from pathlib import Path as File
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from hubs.errors import unknown
from hubs.settings.layers import Found, Path
from hubs.settings.pod_rules import KEYS, QUANTITIES, VALUES, WHOLE

Fields = dict[str, dict[str, list[Any]]]
"""Type -> field -> [its type, whether it is required]. Types are those of the Python client: `List[V1Volume]`."""


@functools.cache
def fields() -> Fields:
    """Return the fields of pods and of all their parts."""
    found: Fields = json.loads(File(__file__).with_name("kubernetes_fields.json").read_text(encoding="utf-8"))
    return found


def misfits(kind: str, value: Any, path: Path = (), *, snake: bool = True) -> Found:
    """Yield path and message of what Kubernetes refuses in `value`: unknown and missing fields, wrong types and values.

    `kind` is a type of `fields`, such as `V1Volume`, or a list or mapping of one: `List[V1Volume]`. A null is accepted,
    because Kubernetes ignores it. With `snake`, fields of the value itself are accepted in both spellings, mountPath
    and mount_path, as KubeSpawner does. It does not look further down: there, Kubernetes' spelling is the only one.
    """
    if value is None or kind == "object":
        return
    outer, _, inner = kind.rstrip("]").partition("[")
    if outer == "List":
        if not isinstance(value, list):
            yield path, "must be a list"
            return
        for index, item in enumerate(value):
            yield from misfits(inner, item, (*path, index), snake=snake)
        yield from ((((*path, *below)), message) for below, message in repeated(inner, enumerate(value)))
    elif outer == "Dict":
        if not isinstance(value, dict):
            yield path, "must be a mapping of keys to values"
            return
        for key, item in value.items():
            yield from misfits(inner.partition(", ")[2], item, (*path, key), snake=snake)
    elif outer in _SCALARS:
        types, expected = _SCALARS[outer]
        if not isinstance(value, types) or (isinstance(value, bool) and outer != "bool"):
            yield path, f"must be {expected}"
    else:
        yield from _of_fields(outer, value, path, snake=snake)


def repeated(kind: str, items: Iterable[tuple[Any, Any]]) -> Found:
    """Yield the key of each item of a type that has the name, or the path, of an item before it."""
    field = KEYS.get(kind)
    seen: set[str] = set()
    for key, item in items if field is not None else ():
        written = _get(item, field or "") if isinstance(item, dict) else None
        if isinstance(written, str) and written in seen:
            what = "mount" if kind == "V1VolumeMount" else kind.removeprefix("V1").lower()
            yield (key, str(field)), f"{written} is that of another {what} already: each needs its own"
        elif isinstance(written, str):
            seen.add(written)


_SCALARS: dict[str, tuple[Any, str]] = {
    "str": (str, "text (numbers and true/false need quotes)"),
    "quantity": ((str, int, float), "a Kubernetes quantity such as 10Gi"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
    "datetime": (object, "a time"),
}


def _of_fields(kind: str, value: Any, path: Path, *, snake: bool) -> Found:
    if not isinstance(value, dict):
        yield path, "must be a mapping of keys to values"
        return
    known = fields()[kind]
    spelt = {_snake(name): name for name in known}
    given: dict[str, Any] = {}
    wrong = False
    for key, item in value.items():
        name = spelt.get(_snake(str(key)))
        if name is None or key not in (name, _snake(name)):
            yield (*path, key), unknown("is not known to Kubernetes", str(key), sorted(known))
            wrong = True
            continue
        if not snake and key != name:
            yield (*path, key), f"must be written as in Kubernetes: {name}"
        given[name] = item
        of_item = known[name][0]
        if (kind, name) in QUANTITIES:
            of_item = of_item.replace("str]", "quantity]") if of_item != "str" else "quantity"
        found = list(misfits(of_item, item, (*path, key), snake=False))
        if not found and item is not None and (rule := VALUES.get((kind, name))) is not None:
            found = [((*path, key, *below), message) for below, message in rule(item)]
        wrong = wrong or bool(found)
        yield from found
    for name, (_, required) in known.items():
        if required and given.get(name) is None:
            yield (*path, name), "is missing"
    if not wrong and (whole := WHOLE.get(kind)) is not None:
        yield from (((*path, *below), message) for below, message in whole(given))


def _get(item: dict[str, Any], name: str) -> Any:
    return item.get(name, item.get(_snake(name)))


def _snake(name: str) -> str:
    """mountPath -> mount_path, as in the client: clusterIPs -> cluster_i_ps, which no pod has."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _checked(kind: str, value: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    for path, message in misfits(kind, whole):
        raise ValueError(f"{'.'.join(map(str, path))} {message}")
    return value


def _volume_source(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) != 1:
        raise ValueError("must have exactly one key, such as emptyDir")
    return _checked("V1Volume", value, {"name": "shared", **value})


VolumeSource = Annotated[
    dict[str, Any],
    AfterValidator(_volume_source),
    Field(json_schema_extra={"minProperties": 1, "maxProperties": 1}),
]
"""The source of a Kubernetes volume: one key, such as `emptyDir`."""
