"""The images of the pods that a stack's charts create, from manifests that Helm renders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from hubs import yaml_text
from hubs.check.findings import Check, unchecked
from hubs.errors import UserError
from hubs.preview.cache import Cache
from hubs.preview.configuration import kubernetes_version, read_stack_file
from hubs.preview.diff.resources import hubs_of
from hubs.preview.helm import HelmError, find_helm
from hubs.preview.manifests import pod_template
from hubs.preview.planner import Planner
from hubs.preview.releases import RELEASE_TYPE, releases_of
from hubs.preview.render import render

AREA = "images"


def images(stack: str, root: Path) -> tuple[dict[str, set[str]], list[Check]]:
    """Return the images of all pods of the stack's releases, each with the slugs of the hubs that use it.

    Also returns checks that say why releases could not be rendered: without Helm, without the charts.
    """
    try:
        with Cache.default() as cache:
            return _images(stack, root, cache)
    except (HelmError, UserError, OSError) as error:
        return {}, [_why_not("images of the charts", str(error))]


def _images(stack: str, root: Path, cache: Cache) -> tuple[dict[str, set[str]], list[Check]]:
    helm = find_helm(cache)
    with Planner(root, stack, cache) as planner:
        plan = planner.plan()
    hubs = hubs_of(plan.resources)
    releases = [resource for resource in plan.resources if resource["type"] == RELEASE_TYPE]
    rendered = render(releases_of(releases, kubernetes_version(read_stack_file(root, stack))), root, helm, cache)
    found: dict[str, set[str]] = {}
    problems = {}
    for resource, result in zip(releases, rendered, strict=True):
        if result.problem:
            problems[f"images of the chart {result.chart}"] = result.problem
        for document in yaml_text.load(result.text):
            for name in pod_images(document):
                found.setdefault(name, set()).add(hubs[resource["type"], resource["name"]])
    return found, [_why_not(subject, problem) for subject, problem in sorted(problems.items())]


def pod_images(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the images of the containers of an object that is a pod, or creates pods."""
    template = document if document.get("kind") == "Pod" else pod_template(dict(document))
    spec = (template or {}).get("spec") or {}
    for part in ("initContainers", "containers"):
        for container in spec.get(part) or []:
            if container.get("image"):
                yield str(container["image"])


def _why_not(subject: str, problem: str) -> Check:
    return Check(AREA, subject, partial(unchecked, problem.splitlines()[0], "`hubs render` shows more"))
