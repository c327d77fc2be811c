"""`python -m hubs.preview render STACK --out DIR`"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hubs.preview.cache import Cache
from hubs.preview.configuration import kubernetes_version, read_stack_file
from hubs.preview.helm import Helm, HelmError, find_helm
from hubs.preview.planner import PlanError, Planner
from hubs.preview.releases import BadReleaseError, releases_of
from hubs.preview.render import Rendered, not_rendered, render
from hubs.preview.terminal import ending_cleanly, progress

_HEADER = "# Rendered by python -m hubs.preview render: "


def add_render_arguments(parser: argparse.ArgumentParser) -> None:
    """What `render` takes."""
    parser.add_argument("stack")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="one file for each release goes here")
    parser.add_argument("--no-cache", action="store_true", help="plan and render everything anew, keep nothing")


def run_render(arguments: argparse.Namespace, root: Path) -> int:
    """Render every release of a stack of the project in `root`. The exit code: 1 when one could not be rendered.

    Then the plan is shown instead, which needs neither helm nor charts.
    """
    try:
        with ending_cleanly():
            return _render(arguments, root)
    except (PlanError, BadReleaseError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _render(arguments: argparse.Namespace, root: Path) -> int:
    cache = Cache(None) if arguments.no_cache else Cache.default()
    with Planner(root, arguments.stack, cache) as planner:
        kubernetes = kubernetes_version(read_stack_file(root, arguments.stack))
        helm = _helm(cache)  # while the plan is made
        releases = releases_of(planner.resources(), kubernetes)
    if isinstance(helm, HelmError):
        rendered = [not_rendered(release, str(helm)) for release in releases]
    else:
        print(f"Helm {helm.version}, Kubernetes {kubernetes}", file=sys.stderr)
        rendered = render(releases, root, helm, cache, progress)
    problems = _write(rendered, arguments.out)
    print(f"{len(rendered) - problems} of {len(rendered)} releases rendered into {arguments.out}")
    if problems:
        print("The plan, which needs no charts:")
        sys.stdout.flush()
        subprocess.run([sys.executable, "-m", "hubs.preview", "plan", arguments.stack], cwd=root, check=False)
    return 1 if problems else 0


def _helm(cache: Cache) -> Helm | HelmError:
    try:
        return find_helm(cache)
    except HelmError as error:
        return error


def _write(rendered: Sequence[Rendered], folder: Path) -> int:
    """A file for each release, named after it: release names are unique in a cluster. The number of problems.

    Files of an earlier rendering whose releases are gone, or can't be rendered any more, are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = set()
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
