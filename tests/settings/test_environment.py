"""Names of environment variables that can't work, against the real spawner's own."""

from __future__ import annotations

import inspect
import json
import re

import pytest

from hubs.settings.environment import OF_JUPYTERHUB, name_problem
from tests.repository import Repository

OCEAN = "stacks/earth/ocean.yaml"
REPLACEABLE = {
    *("JUPYTERHUB_DEBUG", "JUPYTERHUB_DEFAULT_URL", "JUPYTERHUB_DISABLE_USER_CONFIG", "JUPYTERHUB_ROOT_DIR"),
    *("MEM_LIMIT", "MEM_GUARANTEE", "CPU_LIMIT", "CPU_GUARANTEE", "JUPYTER_IMAGE", "JUPYTER_IMAGE_SPEC"),
}
"""Variables of the spawner that change what a server does, and that a server starts with any value of."""


def test_names_are_those_of_the_real_spawner() -> None:
    jupyterhub = pytest.importorskip("jupyterhub.spawner")
    kubespawner = pytest.importorskip("kubespawner")
    source = inspect.getsource(jupyterhub.Spawner.get_env) + inspect.getsource(kubespawner.KubeSpawner.get_env)
    assert set(re.findall(r"""\benv\[['"](\w+)['"]\] =""", source)) == OF_JUPYTERHUB | REPLACEABLE


@pytest.mark.parametrize("name", ["A", "a.b-c_d", "_", "JUPYTERHUB_SINGLEUSER_APP", "MEM_LIMIT", "KUBERNETES_X"])
def test_names_that_work(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("", "is not the name of a variable"),
        ("A=B", "is not the name of a variable"),
        ("1A", "is not the name of a variable"),
        ("A B", "is not the name of a variable"),
        ("Ä", "is not the name of a variable"),
        ("A\n", "is not the name of a variable"),
        ("JUPYTERHUB_API_TOKEN", "is set by JupyterHub, for each server: remove it"),
        ("JPY_API_TOKEN", "is set by JupyterHub, for each server: remove it"),
        ("KUBERNETES_SERVICE_HOST", "is set by Kubernetes: remove it"),
    ],
)
def test_names_that_are_refused(repository: Repository, name: str, wrong: str) -> None:
    assert (name_problem(name) or "").startswith(wrong)
    repository.replace(OCEAN, "hubs:", f"environment: {{{json.dumps(name)}: x}}\nhubs:")
    (error, *_) = repository.errors()
    assert error.startswith(f"{OCEAN}:3: environment: {name!r} {wrong}")


def test_names_of_secret_variables(repository: Repository) -> None:
    repository.stack("    ocean: {", '    ocean: {environment: {"A=B": {secure: "v1:x"}}, ')
    errors = repository.errors()
    assert errors
    assert "imagebuilding:secrets.ocean.prod.environment: 'A=B' is not the name of a variable" in errors[0]


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("profiles: [{display_name: A, kubespawner_override: {environment: {A=B: x}}}]", "profiles.0"),
        (
            "profiles: [{display_name: A, profile_options: {s: {display_name: S, choices: {c: {display_name: C,"
            " kubespawner_override: {environment: {A=B: x}}}}}}}]",
            "profiles.0.profile_options.s.choices.c",
        ),
    ],
)
def test_names_in_profiles(repository: Repository, written: str, path: str) -> None:
    repository.replace(OCEAN, "hubs:", f"{written}\nhubs:")
    where = f"{path}.kubespawner_override.environment.A=B"
    assert repository.errors()[0].startswith(f"{OCEAN}:3: ocean/prod: {where}: 'A=B' is not the name of a variable")


def test_names_in_the_spawners_configuration(repository: Repository) -> None:
    values = "{jupyterhub: {hub: {config: {KubeSpawner: {environment: {JUPYTERHUB_USER: x}}}}}}"
    repository.replace(OCEAN, "hubs:", f"values: {values}\nhubs:")
    where = "values.jupyterhub.hub.config.KubeSpawner.environment.JUPYTERHUB_USER"
    assert repository.errors()[0].startswith(f"{OCEAN}:3: ocean/prod: {where}: 'JUPYTERHUB_USER' is set by JupyterHub")


def test_names_in_the_charts_values(repository: Repository) -> None:
    repository.replace(OCEAN, "hubs:", "values: {jupyterhub: {singleuser: {extraEnv: {JUPYTERHUB_USER: x}}}}\nhubs:")
    message = "values.jupyterhub.singleuser.extraEnv.JUPYTERHUB_USER: 'JUPYTERHUB_USER' is set by JupyterHub, for each"
    assert repository.errors()[0].startswith(f"{OCEAN}:3: ocean/prod: {message}")


@pytest.mark.parametrize("singleuser", ["text", "5", "[a]", "null"])
def test_values_of_another_shape_are_left_to_the_charts_schema(repository: Repository, singleuser: str) -> None:
    repository.replace(OCEAN, "hubs:", f"values: {{jupyterhub: {{singleuser: {singleuser}}}}}\nhubs:")
    assert repository.errors() == []
