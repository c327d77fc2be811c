"""Whether a change of a chart's value only restricts: functions for `touches.restricts`.

They get the values in effect before and after, None where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from hubs.preview.cache import canonical
from hubs.settings import touches
from hubs.settings.environment import power_of
from hubs.settings.layers import mapping, value_at

Restricts = Callable[[Any, Any], bool]
fewer, more, narrower = touches.fewer, touches.more, touches.narrower
lower, higher = touches.lower, touches.higher

_FLAGS = (
    *("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"),
    *("privileged", "allowPrivilegeEscalation", "automountServiceAccountToken"),
)
_WORDS = (
    *(("hostUsers", False), ("procMount", "Unmasked")),
    *(("runAsUser", 0), ("runAsGroup", 0), ("fsGroup", 0)),
)
_NAMED = (
    *("serviceAccountName", "serviceAccount", "hostPath", "persistentVolumeClaim", "nfs", "csi"),
    *("hostPort", "hostAliases", "dnsPolicy", "dnsConfig", "runtimeClassName"),
)
_PROFILES = ("seccompProfile", "appArmorProfile")
"""Fields of pods that give rights: with the value true, with these values, with any value, with `Unconfined`."""
_EMPTY: tuple[Any, ...] = (None, "", [], {}, False, 0)
_SHELLS = ("sh", "bash", "ash", "dash", "zsh", "python", "python3", "env")
_TOOLS = ("/dev/shm", "/tmp")  # noqa: S108  (names, nothing is written there)


def always(_old: Any, _new: Any) -> bool:
    """No change of it is dangerous."""
    return True


def unless_on(_old: Any, new: Any) -> bool:
    """Only turning it on is dangerous: it is off unless it is set."""
    return new in _EMPTY


def unless_off(_old: Any, new: Any) -> bool:
    """Only turning it off is dangerous: it is on unless it is set."""
    return new is None or new not in (False, 0, "", "false")


DEFAULTS: dict[Any, bool] = {unless_on: False, unless_off: True}
"""What nothing at all means for these."""


def unless(*dangerous: Any) -> Restricts:
    """Only these values are dangerous."""
    return lambda _old, new: new not in dangerous


def only(*safe: Any) -> Restricts:
    """Every value but these is dangerous."""
    return lambda _old, new: new is None or new in safe


def gone(_old: Any, new: Any) -> bool:
    """It is removed."""
    return new in _EMPTY


def same_repository(old: Any, new: Any) -> bool:
    """Another version of an image from the same place."""
    return repository(old) == repository(new)


def repository(image: Any) -> str:
    """Return an image's name without its tag and digest."""
    name = str(image or "").partition("@")[0]
    head, _, tail = name.rpartition("/")
    return f"{head}/{tail.partition(':')[0]}"


def fewer_rights(old: Any, new: Any) -> bool:
    """What is written about pods gives them no more rights than before."""
    return rights(new) <= rights(old)


def fewer_context(old: Any, new: Any) -> bool:
    """A security context gives no more rights than before. Unlike in other places, what is missing counts."""
    return context(new) <= context(old)


def context(value: Any) -> set[str]:
    """Return the rights that a security context gives or leaves."""
    found = rights({"securityContext": value if isinstance(value, dict) else {}})
    if value_at(value, "runAsNonRoot") is not True:
        found.add("may run as root")
    if value_at(value, "allowPrivilegeEscalation") is not False:
        found.add("privilege escalation")
    if value_at(value, "readOnlyRootFilesystem") is not True:
        found.add("writes to its file system")
    if value_at(value, "seccompProfile", "type") not in ("RuntimeDefault", "Localhost"):
        found.add("every system call")
    dropped = value_at(value, "capabilities", "drop")
    if "ALL" not in (dropped if isinstance(dropped, list) else []):
        found.add(f"capabilities but {canonical(dropped or [])}")
    return found


def rights(value: Any) -> set[str]:
    """Return what pods get from a part of their specification, at any depth: of the node, of Kubernetes, of files."""
    return set(_rights(value))


def _rights(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _rights(item)
    for key, item in value.items() if isinstance(value, dict) else ():
        name = _camel(str(key))
        if (name in _FLAGS and item is True) or (name, item) in _WORDS or (name in _NAMED and item):
            yield f"{name} {canonical(item)}"
        elif name in _PROFILES and value_at(item, "type") == "Unconfined":
            yield f"{name} Unconfined"
        elif name == "capabilities":
            added = value_at(item, "add")
            yield from (f"capability {capability}" for capability in (added if isinstance(added, list) else []))
        else:
            yield from _rights(item)


def fewer_containers(old: Any, new: Any) -> bool:
    """No further container, and none that runs, sees or may do more than before. Versions of images may change."""
    before, after = _named(old), _named(new)
    return all(name in before and _runs(after[name]) <= _runs(before[name]) for name in after)


def _runs(container: Any) -> set[str]:
    """Return what a container runs, sees and may do."""
    found = {f"image {repository(container.get('image'))}"} | context(_get(container, "securityContext"))
    for key in ("command", "args", "env", "envFrom", "lifecycle"):
        if value := _get(container, key):
            found.add(f"{key} {canonical(value)}")
    for mount in _list(_get(container, "volumeMounts")):
        found |= _mounted(mount)
    return found


def fewer_mounts(old: Any, new: Any) -> bool:
    """No directory is mounted in addition, and none becomes writable. Memory and temporary directories don't count."""
    return _mounts(new) <= _mounts(old)


def _mounts(value: Any) -> set[str]:
    return {item for mount in _list(value) for item in _mounted(mount)}


def _mounted(mount: Any) -> set[str]:
    if not isinstance(mount, dict):
        return set()
    at = str(_get(mount, "mountPath") or "")
    if at in _TOOLS:
        return set()
    of = [mount.get("name"), _get(mount, "subPath"), _get(mount, "subPathExpr"), at]
    return {canonical(of)} | (set() if _get(mount, "readOnly") is True else {f"write {canonical(of)}"})


def fewer_volumes(old: Any, new: Any) -> bool:
    """No volume is added or changed, except for empty ones, and files that only Helm writes."""
    before, after = _volumes(old), _volumes(new)
    return all(name in before and before[name] == volume for name, volume in after.items())


def _volumes(value: Any) -> dict[str, str]:
    found = {name: volume for name, volume in _named(value).items() if isinstance(volume, dict)}
    harmless = ("emptyDir", "empty_dir", "configMap", "config_map", "downwardAPI", "downward_api")
    return {name: canonical(volume) for name, volume in found.items() if not any(key in volume for key in harmless)}


def usual_command(_old: Any, new: Any) -> bool:
    """A server starts as servers do: with no script of its own."""
    words = [str(word) for word in (new if isinstance(new, list) else [new] if new else [])]
    first = words[0].rpartition("/")[2] if words else ""
    return first not in _SHELLS and "-c" not in words


def usual_options(old: Any, new: Any) -> bool:
    """A server starts with no script of its own, and with no further option that opens it."""
    before, after = ({str(word) for word in (side if isinstance(side, list) else [side])} for side in (old, new))
    return usual_command(old, new) and not any(_OPENS.search(word) for word in after - before)


_OPENS = re.compile(
    r"disable_check_xsrf=[tT1]|allow_origin|allow_remote_access=[tT1]|allow_unauthenticated_access=[tT1]"
    r"|token=|password=|cookie_options|tornado_settings|content_dir|preferred_dir|root_dir=/$|config=|allow_root"
)
"""Options of Jupyter Server that let other sites or people in, or that run other code."""


def plain_variables(old: Any, new: Any) -> bool:
    """No environment variable is added or changed, except for those that only say how times, texts and logs look."""
    before, after = map(_named, (old, new))
    return all(before.get(name) == value or _PLAIN.fullmatch(name) for name, value in after.items())


_PLAIN = re.compile(r"TZ|LANG|LANGUAGE|LC_[A-Z]+|(\w+_)?LOG_?LEVEL|PYTHONUNBUFFERED|NO_COLOR|FORCE_COLOR|TERM")


def usual_variables(old: Any, new: Any) -> bool:
    """No environment variable is added or changed that reads a Secret, or that decides which programs run or where what
    they send goes."""
    before, after = (_variables(side) for side in (old, new))
    return not any(
        before.get(name) != item and (power_of(name, item) or re.search("secret_?key_?ref", str(item), re.IGNORECASE))
        for name, item in after.items()
    )


def _variables(value: Any) -> dict[str, Any]:
    found = {name: item for name, item in _named(value).items() if item is not None}
    return {name: item.get("value", item) if isinstance(item, dict) else item for name, item in found.items()}


def fewer_labels(old: Any, new: Any) -> bool:
    """No label that network policies select pods by is added or removed."""
    return _selected(old) == _selected(new)


def _selected(value: Any) -> set[str]:
    chosen = re.compile(r"network-access|^app$|^component$|^release$|^app\.kubernetes\.io/|imagebuilding")
    return {f"{key}={item}" for key, item in mapping({"": value}, "").items() if chosen.search(str(key))}


def plain_annotations(old: Any, new: Any) -> bool:
    """No annotation changes that decides who gets in, where requests go, or which code an ingress runs."""
    before, after = (mapping({"": side}, "") for side in (old, new))
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    return not any(_GATE.search(str(key)) for key in changed)


_GATE = re.compile(
    r"snippet|auth-|auth$|whitelist|allowlist|allow-source|denylist|source-range|ssl-redirect|rewrite|redirect|mirror"
    r"|backend|internal|scheme|load-balancer-type|inbound-cidrs|security-group|middlewares|ssl-passthrough|waf|policy"
    r"|configuration|role-arn|service-account|client-id|tenant|upstream|cors",
    re.IGNORECASE,
)
"""Annotations of ingress controllers, load balancers and clouds that decide this."""


def _named(value: Any) -> dict[str, Any]:
    """Return the items of a list by their names, or those of a mapping."""
    if isinstance(value, dict):
        return {str(item.get("name", key)) if isinstance(item, dict) else str(key): item for key, item in value.items()}
    items = value if isinstance(value, list) else []
    return {
        str(item.get("name", index)) if isinstance(item, dict) else str(index): item for index, item in enumerate(items)
    }


def _list(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _get(data: Any, name: str) -> Any:
    """Return a field in either spelling, `mountPath` and `mount_path`."""
    if not isinstance(data, dict):
        return None
    return data[name] if name in data else data.get(re.sub("([A-Z])", lambda found: "_" + found[0].lower(), name))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
