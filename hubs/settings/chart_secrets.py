"""References from people's servers to the Secrets of the charts, which have the credentials of the whole hub."""

from __future__ import annotations

from collections.abc import Iterator

from hubs.settings.kubespawner import SECTIONS
from hubs.settings.layers import Node, Path

SECRETS = frozenset(
    (
        *("hub", "image-pull-secret", "proxy-public-manual-tls", "proxy-public-tls-acme", "https-auto-tls"),
        *("binderhub", "build-pods-docker-config", "docker-api"),
    )
)
"""Secrets that the charts jupyterhub and binderhub-service create. The one named `singleuser` is for servers."""

_RELEASE = "sh.helm.release.v1."
"""Prefix of the Secrets in which Helm stores all values of a release."""

_PLACES = (
    ("environment",),
    ("shared_directories",),
    ("profiles",),
    *(("values", "jupyterhub", key) for key in ("singleuser", "custom")),
    *(("values", "jupyterhub", "hub", "config", section) for section in SECTIONS),
)
"""Settings that reach people's servers. The hub's own pods may use any Secret."""

_NAMES = {"secretkeyref": ("name",), "secretref": ("name",), "secret": ("secretName", "secret_name", "name")}
"""Keys of a reference to the Secret, below keys that KubeSpawner accepts as secretKeyRef and as secret_key_ref. A
projected volume's source has `name`, where a volume has `secretName`."""


def references(tree: Node) -> Iterator[tuple[Path, str]]:
    """Yield path and name of each reference to a Secret of the charts from people's servers.

    `tree` has the settings of a hub.
    """
    for place in _PLACES:
        node = tree.at(*place)
        if node is not None:
            yield from _below(node, place)


def _below(node: Node, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _below(child, (*path, index))
        return
    for key, child in (node.value if isinstance(node.value, dict) else {}).items():
        for name in _NAMES.get(key.replace("_", "").lower(), ()):
            found = child.get(name)
            if found is not None and _is_charts(found.value):
                yield (*path, key, name), str(found.value)
        yield from _below(child, (*path, key))


def _is_charts(name: object) -> bool:
    return isinstance(name, str) and (name in SECRETS or name.endswith("-binderhub") or name.startswith(_RELEASE))
