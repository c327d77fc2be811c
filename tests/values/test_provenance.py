"""Functions of the values layer read what they declare, and every value has its file and line."""

from __future__ import annotations

from typing import Any

import pytest

from hubs.preview.values import load_with_placeholders, placeholder_values
from hubs.settings.layers import leaves
from hubs.settings.loader import ROOT
from hubs.settings.stack import Stack
from hubs.stack_files import stack_names
from hubs.values import provenance
from hubs.values.provenance import Layer, Reads, layer, reads
from hubs.values.registry import registry_access
from hubs.values.release import Inputs
from hubs.values.releases import releases
from hubs.values.tokens import Tokens
from tests.repository import Repository
from tests.values.recording import recorded

NAMES = {"", "community", "name"}
"""The names of a hub, which come from its file and key, not from settings."""

EVERYTHING = """\
display_name: Ocean Observatory
auth: {type: github, allow: ["ocean-org:hub-users"], admins: [ada], users: [bob], scope: [repo], allow_groups: ["a:b"],
       admin_groups: ["b:c"], login_service: GitHub, logout_redirect_url: "https://example.org", groups_claim: teams}
home: {nfs: {server: 10.0.0.7, path: /export/ocean}, extra_mount_paths: [/home/rstudio]}
shared_directories: {shared: {sub_path: _shared}, /scratch: {volume: {emptyDir: {}}}}
working_directory: /home/jovyan/work
environment: {A: b}
files: {/etc/a.json: {data: {a: 1}}}
service_account: {annotations: {a: b}}
node_selector: {a: b}
user_nodes: {selector: {c: d}, tolerations: [{key: a}]}
block_cloud_metadata: false
build: {groups: [builders], node_selector: {e: f}}
roles: {server: [self]}
named_servers: {limit: 3}
branding: {organization: {name: Ocean, url: "https://ocean.example.org"}, announcement: Hello}
profiles: [{display_name: A, images: {a: "quay.io/a/b:1"}, node_shares: [{instance_type: r5.xlarge}]}]
hubs:
  staging: {domain: staging.ocean.example.org, namespace: sea, home: {disk: {volume_id: vol-1}}}
  prod: {domain: ocean.example.org}
"""

Read = list[tuple[str, Reads, set[str]]]


@pytest.fixture
def stacks(repository: Repository) -> list[Stack]:
    """Stacks that together set everything."""
    repository.stack("{name: earth}", "{name: earth, provider: aws, storage_class: fast, ingress: {class_name: nginx}}")
    repository.ocean(EVERYTHING)
    return [repository.load(), *(load_with_placeholders(name, ROOT) for name in stack_names(ROOT))]


@pytest.fixture
def read(stacks: list[Stack], monkeypatch: pytest.MonkeyPatch) -> Read:
    """Yield for each function and hub: its name, what it declares, and what it read."""
    found: Read = []

    def noting(function: Any, *arguments: Any) -> Layer:
        seen: set[str] = set()
        # A layer gets the hub, the stack, or values derived from them, in any order.
        function(*(recorded(argument, "", seen) if _is_settings(argument) else argument for argument in arguments))
        found.append((f"{function.__module__}.{function.__name__}", provenance.reads_of(function), seen - NAMES))
        return layer(function, *arguments)

    for module in ("jupyterhub", "binderhub", "home_nfs"):
        monkeypatch.setattr(f"hubs.values.{module}.layer", noting)
    for stack in stacks:
        for hub in stack.hubs:
            access = registry_access(stack, hub, "password")
            inputs = Inputs(stack, hub, access, Tokens.named(str))
            for item in releases(stack, hub):
                item.kind.layers(inputs)
                item.kind.secrets(inputs)
    return found


def _is_settings(argument: Any) -> bool:
    return type(argument).__name__ in ("Hub", "Stack")


def _covered(path: str, settings: tuple[str, ...]) -> bool:
    """Return whether `path` is declared, or is below or above a declared path."""
    return any(
        path == setting or path.startswith(f"{setting}.") or setting.startswith(f"{path}.") for setting in settings
    )


def test_functions_read_what_they_declare(read: Read) -> None:
    assert len({name for name, _, _ in read}) > 30
    undeclared = {
        f"{name} reads {path}"
        for name, declared, seen in read
        for path in seen
        if not _covered(path, declared.settings)
    }
    assert undeclared == set()


def test_functions_declare_nothing_that_they_do_not_read(read: Read) -> None:
    seen: dict[tuple[str, str], bool] = {}
    for name, declared, paths in read:
        if name.startswith("hubs.values.registry.") or not paths:
            continue  # registry_access reads what these declare, and passes them its result
        for setting in declared.settings:
            reads_it = any(path == setting or path.startswith(f"{setting}.") for path in paths)
            seen[name, setting] = seen.get((name, setting), False) or reads_it
    assert {key for key, reads_it in seen.items() if not reads_it} == set()


def test_an_undeclared_setting_is_found() -> None:
    assert not _covered("domain", ("auth",))
    assert not _covered("authentication", ("auth",))
    assert _covered("auth", ("auth.type",))
    assert _covered("home.disk.quota", ("home.disk",))


@pytest.mark.parametrize("stack", stack_names(ROOT))
def test_no_value_is_without_a_source(stack: str) -> None:
    loaded = load_with_placeholders(stack, ROOT)
    for hub in loaded.hubs:
        for key, values in placeholder_values(loaded, hub.key).items():
            for path, leaf in leaves(values.tree):
                text = str(leaf.source)
                known = "program default", "wired by the program"
                assert text.startswith(known) or "stacks/" in text, (key, path, text)


def sources(repository: Repository, *path: str | int) -> str:
    node = placeholder_values(repository.load(), "ocean/prod")["jupyterhub"].tree
    for step in path:
        node = node.value[step]
    return str(node.source)


def test_each_item_of_a_list_has_its_own_line(repository: Repository) -> None:
    repository.stack("{name: earth}", "\n    name: earth\n    operators:\n      github: {admins: [kim]}")
    admins = ("hub", "config", "Authenticator", "admin_users")
    assert sources(repository, *admins, 0) == "auth.admins.0 stacks/earth/ocean.yaml:2"
    assert sources(repository, *admins, 1) == "cluster.operators.github.admins.0 stacks/Pulumi.earth.yaml:7"


def test_what_a_hub_says_itself(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.ocean(EVERYTHING.replace("prod: {", "prod: {block_cloud_metadata: true, "))
    line = EVERYTHING[: EVERYTHING.index("  prod:")].count("\n") + 1
    assert sources(repository, "singleuser", "cloudMetadata") == f"block_cloud_metadata stacks/earth/ocean.yaml:{line}"
    assert sources(repository, "hub", "config", "KubeSpawner", "working_dir") == (
        "working_directory stacks/earth/ocean.yaml:6"
    )


def test_equal_values_are_distinguished_by_their_names(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.ocean(EVERYTHING + "cull: {\n  timeout: 700,\n  every: 700}\n")
    line = EVERYTHING.count("\n") + 2
    assert sources(repository, "cull", "timeout") == f"cull.timeout stacks/earth/ocean.yaml:{line}"
    assert sources(repository, "cull", "every") == f"cull.every stacks/earth/ocean.yaml:{line + 1}"


def test_what_nobody_set_is_the_programs_default(repository: Repository) -> None:
    repository.replace("stacks/earth/ocean.yaml", "hubs:", "cull: {timeout: 700}\nhubs:")
    assert sources(repository, "cull", "timeout") == "cull.timeout stacks/earth/ocean.yaml:3"
    assert sources(repository, "cull", "maxAge") == sources(repository, "cull", "enabled") == "program default"


def test_equal_values_without_a_name_name_both_lines(repository: Repository) -> None:
    both = "{_a: {sub_path: _x, read_only: false}, _b: {sub_path: _x}}"
    home = "{nfs: {server: 10.0.0.7, path: /export/ocean}}"
    repository.replace("stacks/earth/ocean.yaml", "hubs:", f"home: {home}\nshared_directories: {both}\nhubs:")
    line = "stacks/earth/ocean.yaml:4"
    assert sources(repository, "singleuser", "storage", "extraVolumeMounts", 1, "subPath") == (
        f"shared_directories._a.sub_path {line}; shared_directories._b.sub_path {line}"
    )


def test_a_declaration_is_kept_at_the_function() -> None:
    @reads("a.b", wires="one with another")
    def function() -> dict[str, Any]:
        return {"x": 1}

    assert layer(function) == Layer(Reads(("a.b",), "one with another"), {"x": 1})
