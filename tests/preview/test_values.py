"""`plan --values` prints the values of both releases as YAML, with the source of each value."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from hubs.preview.values import annotated, placeholder_values
from tests.repository import Repository

OCEAN = "stacks/earth/ocean.yaml"


def text_of(repository: Repository) -> str:
    return annotated(placeholder_values(repository.load(), "ocean/prod"))


def comment_of(text: str, *keys: str) -> str:
    """Return the comment with the source of the value at these keys."""
    lines = text.splitlines()
    comments: dict[int, str] = {}
    depth = 0
    for line in lines:
        indent, content = len(line) - len(line.lstrip()), line.strip()
        if content.startswith("# "):
            comments[indent] = content.removeprefix("# ")
        elif content.startswith(f"{keys[depth]}:") and indent == 2 * depth:
            depth += 1
            if depth == len(keys):
                return comments[max(level for level in comments if level <= indent)]
            comments = {level: comment for level, comment in comments.items() if level <= indent}
    raise AssertionError(f"{'.'.join(keys)} is not in the text")


def test_it_is_the_values_themselves(repository: Repository) -> None:
    values = placeholder_values(repository.load(), "ocean/prod")
    jupyterhub, binderhub = yaml.safe_load_all(annotated(values))
    assert masked(values["jupyterhub"].data) == jupyterhub
    assert masked(values["binderhub-service"].data) == binderhub


def masked(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: masked(value) for key, value in data.items()}
    if isinstance(data, list):
        return [masked(value) for value in data]
    return "[secret]" if isinstance(data, str) and data.startswith("[secret ") else data


@pytest.mark.parametrize(
    ("keys", "origin"),
    [
        (("cull",), "program default"),
        (("hub", "config", "Authenticator"), f"auth.admins.0 {OCEAN}:2"),
        (("hub", "cookieSecret"), "wired by the program (random secrets in Pulumi's state)"),
        (("hub", "config", "GitHubOAuthenticator", "client_id"), "secrets.auth.client_id stacks/Pulumi.earth.yaml:8"),
        (("hub", "services", "binder", "url"), "wired by the program (JupyterHub with BinderHub)"),
        (("imagePullSecret", "registry"), "wired by the program (JupyterHub with the registry)"),
        (("singleuser", "defaultUrl"), f"default_url {OCEAN}:3"),
        (("singleuser", "extraLabels"), f"{OCEAN}:8"),
    ],
)
def test_where_values_are_from(repository: Repository, keys: tuple[str, ...], origin: str) -> None:
    repository.replace(
        OCEAN,
        "hubs:",
        "default_url: /tree\nvalues:\n  jupyterhub:\n    singleuser:\n      extraLabels:\n        a: b\nhubs:",
    )
    assert origin in comment_of(text_of(repository), *keys)


def test_code_is_readable(repository: Repository) -> None:
    assert "    enable-fancy-profiles: |\n      from jupyterhub_fancy_profiles import setup_ui\n" in text_of(repository)


def test_no_secret_is_shown(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")
    repository.stack('password: {secure: "v1:cipher"}', "password: marker-of-a-secret")
    repository.stack("    ocean: {auth:", "    environment: {TOKEN: marker-of-a-secret}\n    ocean: {auth:")
    text = text_of(repository)
    assert "marker" not in text
    assert "TOKEN: '[secret]'" in text
