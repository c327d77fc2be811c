"""Limits of builds: amounts, repositories, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hubs.preview.values import placeholder_values
from hubs.settings.sizes import amount
from tests.repository import OCEAN, Repository

MARKER = "MARKER-github-token"
FILE = "stacks/earth/ocean.yaml"


def binderhub(repository: Repository, build: str = "") -> dict[str, Any]:
    """Return the values of BinderHub's chart for these settings of `build`."""
    repository.ocean(OCEAN + (f"build: {build}\n" if build else ""))
    found: dict[str, Any] = placeholder_values(repository.load(), "ocean/prod")["binderhub-service"].data
    return found


def test_builds_have_limits_by_default(repository: Repository) -> None:
    values = binderhub(repository)
    docker, pod = values["dockerApi"]["resources"], values["config"]["KubernetesBuildExecutor"]["resources"]
    for resources in (docker, pod):
        assert set(resources["limits"]) == set(resources["requests"]) == {"cpu", "memory", "ephemeral-storage"}
        for name, requested in resources["requests"].items():
            # Kubernetes takes the limit for a request that is not written: then no server would fit beside it.
            assert amount(requested) < amount(resources["limits"][name]) / 2, name
    cache = values["dockerApi"]["storage"]["emptyDir"]["sizeLimit"]
    assert amount(docker["limits"]["ephemeral-storage"]) > amount(cache), "the kubelet would evict it before"
    assert values["dockerApi"]["extraArgs"] == ["--icc=false"]
    assert values["config"]["BinderHub"]["concurrent_build_limit"] == 8
    assert values["config"]["KubernetesCleaner"] == {"max_age": 3600}


@pytest.mark.parametrize(
    ("written", "requests", "limits"),
    [
        ("{limits: {memory: 256Mi}}", {"memory": "256Mi"}, {"memory": "256Mi"}),
        ("{limits: {memory: 8Gi}}", {"memory": "512Mi"}, {"memory": "8Gi"}),
        ("{requests: {memory: 4Gi}}", {"memory": "4Gi"}, {}),
        ('{requests: {cpu: "0.5"}}', {"cpu": "0.5"}, {"cpu": "1"}),
        ('{requests: {cpu: "1"}, limits: {cpu: "4", ephemeral-storage: 9G}}', {"cpu": "1"}, {"cpu": "4"}),
    ],
)
def test_defaults_follow_what_is_written(repository: Repository, written: str, requests: Any, limits: Any) -> None:
    values = binderhub(repository, f"{{pod_resources: {written}}}")
    found = values["config"]["KubernetesBuildExecutor"]["resources"]
    for name in requests:
        assert found["requests"][name] == requests[name]
        assert found["limits"].get(name) == limits.get(name)
    for name, requested in found["requests"].items():
        assert name not in found["limits"] or amount(requested) <= amount(found["limits"][name])


def test_a_cache_without_a_limit_has_no_limit_of_its_pod(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, build_cache: null}")
    assert "ephemeral-storage" not in binderhub(repository)["dockerApi"]["resources"]["limits"]


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("500m", "0.5"), ("2", "2"), ("1Ki", "1024"), ("1.5k", "1500"), ("2Gi", str(2**31)), ("1E", "1e18")],
)
def test_quantities(quantity: str, expected: str) -> None:
    assert amount(quantity) == amount(expected)


@pytest.mark.parametrize("largest", ["1E", "1Ei"])
def test_the_largest_units_can_be_written(repository: Repository, largest: str) -> None:
    repository.stack("{name: earth}", f"{{name: earth, build_cache: {largest}}}")
    values = binderhub(repository, f"{{pod_resources: {{limits: {{memory: {largest}}}}}}}")
    assert values["config"]["KubernetesBuildExecutor"]["resources"]["limits"]["memory"] == largest


def banned(values: dict[str, Any], spec: str) -> bool:
    """As BinderHub does it for GitHub (binderhub/repoproviders.py, `RepoProvider.is_banned`)."""
    general, own = (values["config"].get(name, {}) for name in ("RepoProvider", "GitHubRepoProvider"))
    for pattern in own.get("banned_specs", general.get("banned_specs", [])):
        if re.match(pattern, spec, re.IGNORECASE):
            return True
    allowed = general.get("allowed_specs", [])
    return bool(allowed) and not any(re.match(pattern, spec, re.IGNORECASE) for pattern in allowed)


def test_which_repositories(repository: Repository) -> None:
    assert not banned(binderhub(repository), "any/repo/HEAD")
    values = binderhub(repository, "{allowed_specs: [ocean-org, ada/note.books, '^lab/course-[0-9]+/']}")
    for spec in (
        "ocean-org/x/HEAD",
        "Ocean-Org/x.git/main",
        "ada/note.books/HEAD",
        "ada/note.books.git/a/b",
        "lab/course-1/x",
    ):
        assert not banned(values, spec), spec
    for spec in (
        "ocean-org2/x/HEAD",
        "ada/notexbooks/HEAD",
        "ada/note.books2/HEAD",
        "x/ocean-org/HEAD",
        "lab/course-/x",
    ):
        assert banned(values, spec), spec
    values = binderhub(repository, "{banned_specs: [spam, ada/mining]}")
    for spec in (
        "spam/x/HEAD",
        "SPAM/x/HEAD",
        "ada/mining/HEAD",
        "ada/mining.git/HEAD",
        "ad%61/mining/HEAD",
        "ada/min%69ng/x",
    ):
        assert banned(values, spec), spec
    for spec in ("ada/notes/HEAD", "spammer/x/HEAD", "ada/notes/feature%231"):
        assert not banned(values, spec), spec


def test_providers(repository: Repository) -> None:
    assert binderhub(repository)["config"]["BinderHub"]["repo_providers"] == {"gh": "GitHubRepoProvider"}
    values = binderhub(repository, "{repo_providers: [gh, zenodo]}")
    assert values["config"]["BinderHub"]["repo_providers"] == {"gh": "GitHubRepoProvider", "zenodo": "ZenodoProvider"}


TOKEN = f'build: {{github_token: "{MARKER}"}}'
PRIVATE = "{private_repositories: true, groups: [a], allowed_specs: [ocean-org]}"


def with_token(repository: Repository) -> None:
    repository.stack("    ocean: {auth:", '    build: {github_token: {secure: "v1:cipher"}}\n    ocean: {auth:')


def test_a_token_for_look_ups_is_not_given_to_git(repository: Repository) -> None:
    with_token(repository)
    provider = binderhub(repository)["config"]["GitHubRepoProvider"]
    assert provider["git_credentials"] == ""
    assert provider["access_token"] == "[secret imagebuilding:secrets.build.github_token]"


def test_a_token_for_private_repositories(repository: Repository) -> None:
    with_token(repository)
    repository.ocean(OCEAN.replace("  staging: {domain: staging.ocean.example.org}\n", "") + f"build: {PRIVATE}\n")
    provider = placeholder_values(repository.load(), "ocean/prod")["binderhub-service"].data["config"][
        "GitHubRepoProvider"
    ]
    assert "git_credentials" not in provider, "BinderHub makes it of the token"


QUAY = "{type: quay, organization: earth}"
REFUSED = {
    "no groups": (QUAY, "{private_repositories: true, allowed_specs: [a]}", "everyone who may log in could read them"),
    "no repositories": (QUAY, "{private_repositories: true, groups: [a]}", "everything that the token can read"),
    "one robot": (QUAY, PRIVATE, "could start their images with the same account: write robot: managed"),
    "nodes' identity": ("{type: artifact-registry, location: us}", PRIVATE, "other hubs can start them"),
    "public": ("{type: oci, host: ghcr.io, pull_secret: false}", PRIVATE, "images are public, or other hubs"),
    "Docker Hub": ("{type: oci, host: docker.io, prefix: earth}", PRIVATE, "new images on Docker Hub are public"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_images_of_private_repositories_that_others_could_read(repository: Repository, name: str) -> None:
    registry, build, message = REFUSED[name]
    repository.stack(QUAY, registry)
    with_token(repository)
    repository.ocean(f"{OCEAN}build: {build}\n")
    lines = [line for line in repository.errors() if message in line]
    assert [line.partition(": build.")[0] for line in lines] == [f"{FILE}:6: ocean/prod", f"{FILE}:6: ocean/staging"]
    assert all("build.private_repositories: " in line for line in lines)


def test_managed_robots_keep_images_of_private_repositories_apart(repository: Repository) -> None:
    repository.stack(QUAY, "{type: quay, organization: earth, robot: managed}")
    repository.stack("registry: {username", "registry: {token: {secure: x}, username")
    with_token(repository)
    repository.ocean(f"{OCEAN}build: {PRIVATE}\n")
    assert repository.errors() == []


MISTAKES = {
    "request over limit": (
        "build: {pod_resources: {requests: {memory: 3Gi}, limits: {memory: 2G}}}",
        "build.pod_resources.requests.memory: is 3Gi, more than the limit of 2G",
    ),
    "less room than the cache": (
        "build: {docker_resources: {limits: {ephemeral-storage: 40Gi}}}",
        "build.docker_resources.limits.ephemeral-storage: must be more than cluster.build_cache, 40Gi, which counts",
    ),
    "an expression that takes a very long time": (
        "build: {allowed_specs: ['^(a+)+/']}",
        "build.allowed_specs: '^(a+)+/' can take a very long time",
    ),
    "no expression": (
        "build: {banned_specs: ['(']}",
        "build.banned_specs: '(' is not a valid Python regular expression",
    ),
    "no provider": ("build: {repo_providers: []}", "build.repo_providers: "),
    "limit of old BinderHub": (
        "values: {binderhub-service: {config: {KubernetesBuildExecutor: {memory_limit: 4G}}}}",
        "values.binderhub-service.config.KubernetesBuildExecutor.memory_limit: makes builds fail, "
        "because BuildKit has no such limit; write build.docker_resources.limits.memory instead",
    ),
    "limit of older BinderHub": (
        "values: {binderhub-service: {config: {BinderHub: {build_memory_limit: 4G}}}}",
        "values.binderhub-service.config.BinderHub.build_memory_limit: makes builds fail",
    ),
    "limit in code": (
        "values: {binderhub-service: {extraConfig: {x: 'c.BuildExecutor.memory_limit = 1'}}}",
        "values.binderhub-service.extraConfig.x: makes builds fail",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(repository: Repository, name: str) -> None:
    written, message = MISTAKES[name]
    repository.ocean(f"{OCEAN}{written}\n")
    errors = repository.errors()
    assert errors
    assert all(line.startswith(f"{FILE}:6: ") and message in line for line in errors), errors
