"""Every YAML block is what it claims to be: a file of a stack, which the loader accepts, or a Kubernetes object."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.blocks import PAGES, Block, blocks
from tests.repository import Repository

FILE = re.compile(r"# stacks/(?:Pulumi\.(?P<stack>[a-z]+)|(?P<cluster>[a-z]+)/(?P<community>[a-z]+))\.yaml\n")
BLOCKS = [block for page in PAGES for block in blocks(page) if block.kind in ("yaml", "{code-block} yaml")]
SECURE = {"secure": "v1:cipher"}


def _merged(lower: Any, upper: Any) -> Any:
    if not (isinstance(lower, dict) and isinstance(upper, dict)):
        return upper
    return {**lower, **{key: _merged(lower.get(key), value) for key, value in upper.items()}}


def _stack(name: str) -> dict[str, Any]:
    """A stack with everything that the blocks need in addition to what they show."""
    auth = dict.fromkeys(("client_id", "client_secret", "password", "admin_password"), SECURE)
    registry = dict.fromkeys(("username", "password", "token"), SECURE)
    return {
        "config": {
            "kubernetes:context": name,
            "gcp:project": "example",
            "imagebuilding:cluster": {"name": name, "provider": "aws" if name == "mars" else "gcp"},
            "imagebuilding:registry": {"type": "quay", "organization": "example"},
            "imagebuilding:secrets": {"auth": auth, "registry": registry, "build": {"github_token": SECURE}},
        }
    }


def _community(auth: bool) -> dict[str, Any]:
    login = {"auth": {"type": "github", "allow": ["example"]}} if auth else {}
    home = {"nfs": {"server": "10.0.0.7", "path": "/export/example"}}
    return {"display_name": "Example", **login, "home": home, "hubs": {"prod": {"domain": "hub.example.org"}}}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_block(block: Block, repository: Repository) -> None:
    # Words in capitals are placeholders in the documentation. No project can be called PROJECT.
    content = yaml.safe_load(block.text.replace("PROJECT", "earth-hubs"))
    if "apiVersion" in content:
        assert content["kind"]
        assert content["metadata"]["name"]
        return
    match = FILE.match(block.text)
    assert match, f"{block}: the first line names no file of a stack"
    for path in (*repository.root.glob("stacks/*.yaml"), *repository.root.glob("stacks/*/*.yaml")):
        path.unlink()
    name = match["stack"] or match["cluster"]
    stack, community = _stack(name), _community(auth="auth" not in content)
    if match["community"]:
        community = _with_hubs(community, content)
        community = {**community, **{key: value for key, value in content.items() if key != "hubs"}}
    else:
        shown = {key: value for key, value in content["config"].items() if key != "imagebuilding:registry"}
        stack["config"] = _merged(stack["config"], shown)
        stack["config"] |= {k: v for k, v in content["config"].items() if k == "imagebuilding:registry"}
    repository.write(f"stacks/Pulumi.{name}.yaml", yaml.safe_dump(stack))
    repository.write(f"stacks/{name}/{match['community'] or 'example'}.yaml", yaml.safe_dump(community))
    assert _errors(repository.root, name) == []


def _with_hubs(community: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    if "hubs" not in content:
        return community
    homeless = any("home" in hub for hub in content["hubs"].values())
    kept = {key: value for key, value in community.items() if not (homeless and key == "home")}
    return {**kept, "hubs": content["hubs"]}


def _errors(root: Path, name: str) -> list[str]:
    from hubs.preview.values import load_with_placeholders
    from hubs.settings.errors import SettingsError

    try:
        load_with_placeholders(name, root)
    except SettingsError as error:
        return str(error).splitlines()
    return []


def test_there_are_blocks() -> None:
    assert len(BLOCKS) > 20
