"""Checks of what people's servers get from KubeSpawner: profiles, sizes, texts with placeholders."""

from __future__ import annotations

from collections.abc import Iterator

from hubs.settings import placeholders
from hubs.settings.chart_parts import chart_part_problems
from hubs.settings.errors import Problem
from hubs.settings.extra_config import code_problems
from hubs.settings.hub import Hub
from hubs.settings.kubespawner import PLACEHOLDERS
from hubs.settings.layers import Found, Path, find, value_at
from hubs.settings.limits import limit_problems
from hubs.settings.overrides import override_problems, override_warnings, unknown_traits, values_problems
from hubs.settings.slugs import option_problems, slug_problems
from hubs.settings.stack import Stack
from hubs.settings.version_warnings import has_default_image


def server_problems(stack: Stack, hub: Hub) -> list[Problem]:
    """Return what KubeSpawner or Kubernetes would refuse when a person starts a server, or would ignore."""
    found = [slug_problems, override_problems, values_problems, chart_part_problems, code_problems, limit_problems]
    found += [option_problems, _paths]
    if not _own_spawner(hub):
        found.append(unknown_traits)
    return [_problem(stack, hub, path, message) for check in found for path, message in check(hub)]


def server_warnings(stack: Stack, hub: Hub) -> list[Problem]:
    """Return what works, but probably not as intended."""
    found = [override_warnings, _misspelt]
    if _own_spawner(hub):
        found.append(unknown_traits)
    return [_problem(stack, hub, path, message) for check in found for path, message in check(hub)]


def _own_spawner(hub: Hub) -> bool:
    """Whether the hub may have another version of KubeSpawner than the one whose traits are known, or a subclass."""
    spawner = value_at(hub.values, "jupyterhub", "hub", "config", "JupyterHub", "spawner_class")
    return spawner is not None or not has_default_image(hub)


def _paths(hub: Hub) -> Found:
    """Yield placeholders that KubeSpawner does not know, in paths. There, braces are never meant as text: with a
    misspelt placeholder, all people would share one folder."""
    for path, text in _written_paths(hub):
        for name, meant in placeholders.unknown(text):
            hint = f"did you mean {{{meant}}}?" if meant else f"there are: {', '.join(PLACEHOLDERS)}"
            yield path, f"unknown placeholder {{{name}}}; {hint}"


def _written_paths(hub: Hub) -> Iterator[tuple[Path, str]]:
    yield ("home", "mount_path"), hub.home.mount_path
    yield from ((("home", "extra_mount_paths", index), path) for index, path in enumerate(hub.home.extra_mount_paths))
    if hub.working_directory is not None:
        yield ("working_directory",), hub.working_directory
    for path, directory in hub.shared_directories.items():
        yield ("shared_directories", path), path
        if directory.sub_path is not None:
            yield ("shared_directories", path, "sub_path"), directory.sub_path
    yield from ((("files", path), path) for path in hub.files)


def _misspelt(hub: Hub) -> Found:
    """Yield names in braces, in environment variables, that look like a placeholder."""
    for name, value in hub.environment.items():
        for found, meant in placeholders.unknown(value) if isinstance(value, str) else ():
            if meant:
                yield ("environment", name), f"{{{found}}} is text; did you mean the placeholder {{{meant}}}?"


def _problem(stack: Stack, hub: Hub, path: Path, message: str) -> Problem:
    return Problem(find(stack.trees[hub.key], path), ".".join(map(str, path)), message, (hub.key,))
