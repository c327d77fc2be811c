"""Builds of images: who may build what, and how much of a node a build may use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hubs.settings.auth import Group
from hubs.settings.base import Strict, example, matching
from hubs.settings.image import Image, same_repository
from hubs.settings.kubernetes import Labels
from hubs.settings.regular_expressions import check_expression
from hubs.settings.sizes import Quantity
from hubs.settings.touches import Touches, becomes, fewer, more, narrower, touches

REPO2DOCKER_IMAGE = "quay.io/jupyterhub/repo2docker:2026.4.1.dev44-g97bb4e45a"

_CpuQuantity = Annotated[str, matching(r"[0-9]+(\.[0-9]+)?m?", 'CPU as in Kubernetes, in quotes, such as "2" or 500m')]


class Amounts(Strict):
    """Amounts of a node's resources, as in a Kubernetes pod."""

    cpu: Annotated[_CpuQuantity | None, touches(Touches.COST), example("2", "500m")] = None
    """CPU in cores, or in thousandths with m. In quotes."""
    memory: Annotated[Quantity | None, touches(Touches.COST), example("4Gi")] = None
    """Memory."""
    ephemeral_storage: Annotated[
        Quantity | None, touches(Touches.COST), Field(alias="ephemeral-storage"), example("2Gi")
    ] = None
    """Room on the node's disk."""


class PodResources(Strict):
    """What a pod reserves on its node, and what it can use at most. Amounts that are not written keep their default."""

    requests: Annotated[Amounts, example({"memory": "1Gi"})] = Amounts()
    """What is reserved. It lowers to the limit if only that is written."""
    limits: Annotated[Amounts, example({"cpu": "4", "memory": "8Gi"})] = Amounts()
    """What can be used at most."""


_LITERAL = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?")


def _specs(value: list[str]) -> list[str]:
    for item in value:
        if not _LITERAL.fullmatch(item):
            check_expression(f"{item[:50]!r}", item, re.IGNORECASE)
    return value


_Specs = Annotated[list[str], AfterValidator(_specs), example(["ocean-observatory", "ada/notebooks"])]


def expressions(specs: list[str]) -> Iterator[str]:
    """Yield BinderHub's expressions for `specs`, which it matches with the beginning of `owner/repository/ref`.

    An owner or a repository stands for exactly that one. GitHub knows a repository with `.git`, too.
    """
    for item in specs:
        if _LITERAL.fullmatch(item):
            yield f"^{re.escape(item)}" + (r"(\.git)?/" if "/" in item else "/")
        else:
            yield item


PROVIDERS = {
    "gh": "GitHubRepoProvider",
    "gist": "GistRepoProvider",
    "git": "GitRepoProvider",
    "gl": "GitLabRepoProvider",
    "zenodo": "ZenodoProvider",
    "figshare": "FigshareProvider",
    "hydroshare": "HydroshareProvider",
    "dataverse": "DataverseProvider",
    "ckan": "CKANProvider",
}
"""BinderHub's providers of repositories, by the names of their classes (binderhub/repoproviders.py)."""


class Build(Strict):
    """Who may build images from which repositories, and how they are built."""

    groups: Annotated[
        list[Group] | None,
        touches(
            Touches.ISOLATION,
            "more people may build images",
            restricts=narrower,
            otherwise="fewer people may build images",
            empty="everyone",
            subject="groups that may build images",
        ),
        example(["instructors"]),
    ] = None
    """JupyterHub groups (`org:team` with GitHub) whose members may build. Default: everyone who may log in."""
    node_selector: Annotated[
        Labels,
        touches(Touches.AVAILABILITY, "builds run on other nodes, or find none", subject="nodes of builds"),
        example({"example.org/builds": "true"}),
    ] = {}
    """Further labels of the user nodes that builds run on."""
    image: Annotated[
        Image,
        touches(
            Touches.ISOLATION,
            "it runs all builds, with the right to push images",
            restricts=same_repository,
            otherwise="another version of the same program",
            subject="image that runs builds",
        ),
        example(REPO2DOCKER_IMAGE),
    ] = REPO2DOCKER_IMAGE
    """Image of repo2docker, which builds the images."""
    repo_providers: Annotated[
        list[Literal["gh", "gist", "git", "gl", "zenodo", "figshare", "hydroshare", "dataverse", "ckan"]],
        touches(
            Touches.ISOLATION,
            restricts=fewer,
            subject="places that repositories come from",
            gained="repositories of {} can be built now",
            lost="repositories of {} can't be built any more",
        ),
        Field(min_length=1),
        example(["gh", "zenodo"]),
    ] = ["gh"]
    """Where repositories may come from, as in BinderHub's addresses. Default: GitHub, all that the page offers.
    With `git`, BinderHub contacts any server that a person names."""
    allowed_specs: Annotated[
        _Specs,
        touches(
            Touches.ISOLATION,
            "more repositories can be built",
            restricts=narrower,
            otherwise="fewer repositories can be built",
            empty="all",
            subject="repositories that can be built",
        ),
    ] = []
    """What may be built: owners on GitHub, repositories (owner/name), or regular expressions for the beginning of
    owner/name/ref, which ignore case. Default: everything."""
    banned_specs: Annotated[
        _Specs,
        touches(
            Touches.ISOLATION,
            restricts=more,
            subject="repositories that can't be built",
            gained="{} can't be built any more",
            lost="{} can be built now",
        ),
        example(["spammer", "^[^/]+/mining"]),
    ] = []
    """What may not be built, also if it is allowed. Written like `allowed_specs`."""
    private_repositories: Annotated[
        bool,
        touches(
            Touches.ISOLATION,
            restricts=becomes(False),
            subject="builds of private repositories",
            gained="everyone who may build can read the private repositories that the hub's token can read",
            lost="private repositories can't be built any more",
        ),
    ] = False
    """Build private repositories, too: all that the token `imagebuilding:secrets.build.github_token` can read and
    `allowed_specs` name. Everyone who may build can then read them. Refused where others could start the images."""
    concurrent_build_limit: Annotated[int, touches(Touches.COST, subject="builds at once"), Field(gt=0), example(4)] = 8
    """Builds of the hub that BinderHub runs and follows at once. Others wait. While builds wait for a node, up to twice
    as many can be started."""
    max_age: Annotated[
        int,
        touches(Touches.AVAILABILITY, "builds that take longer are stopped", subject="time for one build"),
        Field(ge=60),
        example(7200),
    ] = 3600
    """How many seconds a build may take until it is stopped."""
    docker_resources: Annotated[PodResources, example({"limits": {"cpu": "8", "memory": "16Gi"}})] = PodResources()
    """Resources of the Docker daemon, which runs the steps of all builds on a node. Default: it reserves next to
    nothing, since it runs on every user node, and uses at most 4 CPU and 8Gi of memory."""
    pod_resources: Annotated[PodResources, example({"requests": {"memory": "4Gi"}})] = PodResources()
    """Resources of the pod of each build, which fetches the repository and pushes the image. What it reserves is kept
    free for the build. Default: 100m CPU and 512Mi of memory reserved; at most 1 CPU, 2Gi of memory and 2Gi of disk."""
