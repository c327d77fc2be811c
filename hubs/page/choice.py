"""Describe the result of a choice on the options page: the parts of a server's pod that people choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubs.preview.rounding import rounded

Choice = dict[str, Any]
"""Labels -> text, or a list of texts."""


def describe(pod: Mapping[str, Any], options: Mapping[str, Any], default_url: str) -> Choice:
    """Return the description of `pod`, the manifest that KubeSpawner created for a choice.

    Values of environment variables are omitted, because they may be secrets.
    """
    spec = pod["spec"]
    server = next(container for container in spec["containers"] if container["name"] == "notebook")
    resources = server.get("resources") or {}
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    sizes = [
        f"{name}: {_size(name, limits.get(name), 'no limit')}, {_size(name, requests.get(name), 'none')} guaranteed"
        for name in ("cpu", "memory")
    ]
    # For a device, the guarantee equals the limit.
    devices = {**requests, **limits}
    sizes += [f"{name}: {devices[name]}" for name in sorted(devices) if name not in {"cpu", "memory"}]
    home = [f"{mount['mountPath']} ({mount['name']})" for mount in server.get("volumeMounts") or []]
    out: Choice = {
        "Profile": options.get("profile") or "the only one",
        "Chosen": [f"{key}: {value}" for key, value in options.items() if key != "profile"],
        "Image": server["image"],
        "Limits": sizes,
        "Node selector": [f"{key}={value}" for key, value in (spec.get("nodeSelector") or {}).items()] or "none",
        "Tolerations": [_toleration(entry) for entry in spec.get("tolerations") or []],
        "Mounted": home,
        "Command": server.get("args") or server.get("command") or "the image's own",
        "Opens": default_url or "the image's own start page",
        "Environment": sorted(
            entry["name"] for entry in server.get("env") or [] if not _is_set_by_jupyterhub(entry["name"])
        ),
    }
    return {label: value for label, value in out.items() if value}


def lines(choice: Choice) -> list[str]:
    """Return the choice as lines of text."""
    return [
        f"{label}: {value if isinstance(value, str) else ', '.join(map(str, value))}" for label, value in choice.items()
    ]


def _is_set_by_jupyterhub(name: str) -> bool:
    """Return whether JupyterHub sets the variable for every server."""
    return name.startswith(("JUPYTERHUB_", "JUPYTER_IMAGE", "JPY_", "MEM_", "CPU_"))


def _toleration(entry: Mapping[str, Any]) -> str:
    value = f"={entry['value']}" if entry.get("value") else ""
    return f"{entry.get('key', 'everything')}{value}:{entry.get('effect', 'any effect')}"


def _size(name: str, value: Any, default: str) -> str:
    """Return an amount for people, or `default` if there is none. KubeSpawner's memory sizes are in bytes."""
    if value is None:
        return default
    most = "at most " if default == "no limit" else ""
    if name == "memory" and str(value).isdigit():
        amount = float(value)
        for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
            if amount < 1024 or unit == "TiB":
                return f"{most}{amount:.4g} {unit}"
            amount /= 1024
    return f"{most}{rounded(value)}"
