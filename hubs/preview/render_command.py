"""Render the releases and other objects of a stack into files: `hubs render STACK`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hubs import yaml_text
from hubs.errors import UserError
from hubs.preview.cache import Cache
from hubs.preview.configuration import kubernetes_version, read_stack_file
from hubs.preview.diff.resources import Resource, hubs_of
from hubs.preview.helm import Helm, HelmError, find_helm
from hubs.preview.planner import Planner
from hubs.preview.releases import RELEASE_TYPE, releases_of
from hubs.preview.render import Rendered, not_rendered, render
from hubs.preview.terminal import ending_cleanly, progress

_HEADER = "# Rendered by hubs render: "


def render_stack(root: Path, stack: str, folder: Path, *, cached: bool) -> int:
    """Render every release of a stack of the project in `root` into `folder`: one file for each release, and one for
    the objects of each hub that belong to no release.

    Returns the exit code: 1 if a hub is left out, because its settings have a mistake, or if a release could not be
    rendered; then also prints the plan. Raises UserError if there is no plan or `folder` can't be written to.
    """
    try:
        with ending_cleanly(), Cache.default() if cached else Cache(None) as cache:
            return _render(root, stack, folder, cache)
    except OSError as error:
        raise UserError(str(error)) from None


def _render(root: Path, stack: str, folder: Path, cache: Cache) -> int:
    with Planner(root, stack, cache) as planner:
        kubernetes = kubernetes_version(read_stack_file(root, stack))
        helm = _helm(cache)  # while the plan is made
        plan = planner.plan()
    for line in (*(f"to do: {item}" for item in plan.todo), *plan.problems):
        print(line, file=sys.stderr)
    releases = releases_of(plan.resources, kubernetes)
    if isinstance(helm, HelmError):
        rendered = [not_rendered(release, str(helm)) for release in releases]
    else:
        print(f"Helm {helm.version}, Kubernetes {kubernetes}", file=sys.stderr)
        rendered = render(releases, root, helm, cache, progress)
    problems = _write(rendered, objects_of(plan.resources), folder)
    print(f"{len(rendered) - problems} of {len(rendered)} releases rendered into {folder}")
    if problems:
        print("The plan, which needs no charts:", flush=True)
        subprocess.run([sys.executable, "-m", "hubs", "plan", stack, "--verbose"], cwd=root, check=False)
    return 1 if problems or plan.left_out else 0


def _helm(cache: Cache) -> Helm | HelmError:
    try:
        return find_helm(cache)
    except HelmError as error:
        return error


def objects_of(resources: Sequence[Resource]) -> dict[str, list[dict[str, Any]]]:
    """Return the manifests of the Kubernetes objects that belong to no release, by the name of their hub."""
    hubs = hubs_of(resources)
    found: dict[str, list[dict[str, Any]]] = {}
    for resource in resources:
        hub = hubs.get((resource["type"], resource["name"]))
        if hub and resource["type"] != RELEASE_TYPE and "apiVersion" in resource["inputs"]:
            found.setdefault(hub, []).append(dict(resource["inputs"]))
    return found


def _write(rendered: Sequence[Rendered], objects: Mapping[str, list[dict[str, Any]]], folder: Path) -> int:
    """Write a file for each release, whose name is unique in the cluster, and one for the other objects of each hub.

    Returns the number of problems. Removes files of an earlier rendering whose releases were removed or can no longer
    be rendered.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = set()
    for hub, manifests in objects.items():
        path = folder / f"{hub}.objects.yaml"
        path.write_text(f"{_HEADER}objects of {hub} that belong to no release\n{yaml_text.dump_all(manifests)}")
        written.add(path)
    problems: dict[str, list[str]] = {}
    for one in rendered:
        if one.problem:
            problems.setdefault(one.problem, []).append(one.release.name)
            continue
        path = folder / f"{one.release.name}.yaml"
        about = f"{one.chart} {one.version}, namespace {one.release.namespace}, Kubernetes {one.release.kubernetes}"
        path.write_text(f"{_HEADER}{about}\n{one.text}")
        written.add(path)
    for path in folder.glob("*.yaml"):
        if path not in written and _is_ours(path):
            path.unlink()
    for problem, names in problems.items():
        print(f"not rendered: {', '.join(names)}: {problem}", file=sys.stderr)
    return sum(map(len, problems.values()))


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline().startswith(_HEADER.encode())
