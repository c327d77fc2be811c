"""Where people's servers mount directories and files, and which of these places collide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hubs.settings.layers import Found, Node, Path, find

if TYPE_CHECKING:
    from hubs.settings.hub import Hub

SHARED_MEMORY = "/dev/shm"  # noqa: S108
"""Every server has memory mounted here, because many programs need more than the 64 MB of containers."""


def mounted(hub: Hub) -> Found:
    """Yield each place where a server mounts something, as it is written, after the setting that says so."""
    yield (), SHARED_MEMORY
    if not hub.home.none:
        yield ("home", "mount_path"), hub.home.mount_path
        for index, path in enumerate(hub.home.extra_mount_paths):
            yield ("home", "extra_mount_paths", index), path
    for name in hub.shared_directories:
        for path in hub.home.places(name):
            yield ("shared_directories", name), path
    for name in hub.files:
        yield ("files", name), name


def collisions(hub: Hub, tree: Node) -> Found:
    """Yield settings, with a message, whose place Kubernetes or the container runtime refuses.

    `tree` has the hub's settings with their lines.
    """
    taken: dict[str, Path] = {}
    files = {normal(name) for name in hub.files}
    for setting, written in mounted(hub):
        path = normal(written)
        if path in taken:
            first = taken[path]
            what = f"{'.'.join(map(str, first))} ({find(tree, first)})" if first else "the program, for shared memory"
            yield setting, f"is mounted at {path}, which is already used by {what}; each path can have one mount"
        taken.setdefault(path, setting)
        for above in _above(path):
            if above in files:
                message = f"is mounted at {path}, but {above} is a file of `files`: use another path for one of them"
                yield setting, message


def normal(path: str) -> str:
    """Return an absolute path without empty steps and dots, as the container runtime reads it."""
    return "/" + "/".join(step for step in path.split("/") if step not in ("", "."))


def _above(path: str) -> Iterator[str]:
    steps = path.split("/")[1:-1]
    for count in range(1, len(steps) + 1):
        yield "/" + "/".join(steps[:count])
