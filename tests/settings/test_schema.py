"""The JSON schemas that editors read: they accept what the program accepts, and refuse what people get wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hubs.settings.layers import plain
from hubs.settings.loader import ROOT
from hubs.settings.model_schema import targets
from hubs.settings.schema import COMMUNITY_FILE, STACK_FILE, schemas, write_schemas
from hubs.settings.yaml_file import parse, read

SCHEMAS = {name: json.loads(text) for name, text in schemas().items()}
STACK_FILES = sorted((ROOT / "stacks").glob("Pulumi.*.yaml"))
COMMUNITY_FILES = sorted((ROOT / "stacks").glob("*/*.yaml"))

COMMUNITY = """\
display_name: Ocean
auth: {type: github, allow: [ocean-org], admins: [ada]}
hubs:
  staging: {domain: staging.ocean.example.org}
  prod: {domain: ocean.example.org}
"""
STACK = """\
config:
  kubernetes:context: earth
  imagebuilding:cluster: {name: earth}
  imagebuilding:registry: {type: quay, organization: earth}
"""


def errors(name: str, text: str) -> list[str]:
    found = jsonschema.Draft7Validator(SCHEMAS[name]).iter_errors(plain(parse(text, "x.yaml"), keep_null=True))
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in found]


@pytest.mark.parametrize("name", SCHEMAS)
def test_they_are_schemas(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_files_are_current(name: str, tmp_path: Path) -> None:
    assert sorted(path.name for path in write_schemas(tmp_path)) == sorted(SCHEMAS)
    assert (ROOT / "stacks" / name).read_text() == (tmp_path / name).read_text(), "run `hubs settings --schema`"


@pytest.mark.parametrize("path", [*STACK_FILES, *COMMUNITY_FILES], ids=lambda path: path.name)
def test_the_examples_of_this_repository(path: Path) -> None:
    name = STACK_FILE if path in STACK_FILES else COMMUNITY_FILE
    first = path.read_text().splitlines()[0]
    prefix = "# yaml-language-server: $schema="
    assert first.startswith(prefix)
    assert (path.parent / first.removeprefix(prefix)).resolve() == ROOT / "stacks" / name
    tree = read(path, path.name)
    jsonschema.Draft7Validator(SCHEMAS[name]).validate(plain(tree, keep_null=True))


@pytest.mark.parametrize(
    "text",
    [
        "named_servers: true",
        "named_servers: {limit: 3}",
        "home: none",
        "home: {nfs: null, volume: {size: 1Gi}}",
        "home: {nfs: {path: /export}}",
        "roles: {user: ['read:users'], course: {scopes: [a], users: [ada]}, gone: null}",
        "profiles: [{display_name: A, images: {a: 'a/b:1', b: {image: 'a/b:2', default: true}}}]",
        "profiles: [{display_name: A, node_shares: [{instance_type: r5.xlarge, shares: 3}]}]",
        "profiles: [{display_name: A, node_shares: [{instance_type: r5.xlarge, shares: [2, 8]}]}]",
        "profiles: [{display_name: A, profile_options: {image: {unlisted_choice: false,"
        " dynamic_image_building: true}}}]",
        "profiles: [{display_name: A, kubespawner_override: {mem_limit: null, anything: [{else: 1}]}}]",
        "profiles: []",
        "files: {/etc/motd: Welcome, /etc/a.json: {data: {a: 1}, mode: 0755}}",
        "environment: {A: text, B: {valueFrom: {fieldRef: {fieldPath: x}}}, C: null}",
        "resources: {memory: {guarantee: 1G, limit: null}, cpu: {guarantee: 0.5, limit: 2}}",
        "resources: {memory: {limit: 1073741824}}",
        "cull: null",
        "values: {jupyterhub: {hub: {db: null}}, binderhub-service: {a: 1}}",
        "charts: {jupyterhub: {version: 4.4.0}}",
        "x-people: &people [ada]\nbuild: {groups: *people}",
        "shared_directories: {shared: {sub_path: a}, /scratch: {volume: {emptyDir: {}}}}",
        "user_nodes: {tolerations: [{key: a, operator: Exists}]}",
    ],
)
def test_what_communities_may_write(text: str) -> None:
    assert errors(COMMUNITY_FILE, COMMUNITY + text) == []
    defaults = "".join(f"    {line}\n" for line in text.splitlines() if not line.startswith("x-"))
    if "&" not in text:
        assert errors(STACK_FILE, f"{STACK}  imagebuilding:defaults:\n{defaults}") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{type: github, allow: [ocean-org], admins: [ada]}", "{admins: [ada]}"),
        ("display_name: Ocean", "display_name: Ocean\ndomain: ocean.example.org"),
        ("prod: {domain: ocean.example.org}", "prod: {domain: ocean.example.org, auth: {allow: [other]}}"),
        ("prod: {domain: ocean.example.org}", "prod: {domain: ocean.example.org, auth: {type: dummy}, cull: null}"),
    ],
)
def test_layers_may_leave_out_what_others_say(old: str, new: str) -> None:
    assert old in COMMUNITY
    assert errors(COMMUNITY_FILE, COMMUNITY.replace(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("display_name: Ocean\n", ""),
        ("display_name: Ocean", "displayname: Ocean"),
        ("{domain: ocean.example.org}", "{}"),
        ("{domain: ocean.example.org}", "{domain: 'https://ocean.example.org'}"),
        ("{domain: ocean.example.org}", "{domain: ocean.example.org, stage: test}"),
        ("{domain: ocean.example.org}", "[ocean.example.org]"),
        ("  prod:", "  Prod:"),
        ("  prod:", "  registry:"),
        ("type: github", "type: nonsense"),
        ("admins: [ada]", "admins: ada"),
        ("admins: [ada]", "admin: [ada]"),
        ("admins: [ada]", "identity_providers: {}"),
        ("allow: [ocean-org]", "allow: ['a:b:c']"),
        ("hubs:", "secrets: {}\nhubs:"),
        ("hubs:", "name: ocean\nhubs:"),
        ("hubs:", "image: quay.io/jupyter/scipy-notebook\nhubs:"),
        ("hubs:", "home: nothing\nhubs:"),
        ("hubs:", "home: {volume: {size: 10 GB}}\nhubs:"),
        ("hubs:", "home: {disk: {quota: 0}}\nhubs:"),
        ("hubs:", "profiles: {}\nhubs:"),
        ("hubs:", "profiles: [{slug: a}]\nhubs:"),
        ("hubs:", "profiles: [{display_name: A, gpu: 1}]\nhubs:"),
        ("hubs:", "profiles: [{display_name: A, node_shares: [{instance_type: a, shares: 0}]}]\nhubs:"),
        ("hubs:", "shared_directories: {/: {}}\nhubs:"),
        ("hubs:", "environment: {A: 5}\nhubs:"),
        ("hubs:", "resources: {memory: {limit: 4 GB}}\nhubs:"),
        ("hubs:", "resources: {cpu: {limit: -1}}\nhubs:"),
        ("hubs:", "cull: {every: 0}\nhubs:"),
        ("hubs:", "values: {jupyterhub: true}\nhubs:"),
    ],
)
def test_what_communities_get_wrong(old: str, new: str) -> None:
    assert old in COMMUNITY
    assert errors(COMMUNITY_FILE, COMMUNITY) == []
    assert errors(COMMUNITY_FILE, COMMUNITY.replace(old, new)) != []


@pytest.mark.parametrize("text", ["hubs: {}", "display_name: Ocean", ""])
def test_a_community_has_hubs(text: str) -> None:
    assert errors(COMMUNITY_FILE, text) != []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  aws:region: us-west-2\n  other:thing: {a: [1]}\n",
        "  imagebuilding:secrets: {secure: v1:x}\n",
        "  imagebuilding:secrets: {registry: {username: a, password: {secure: v1:x}}}\n",
        "  imagebuilding:secrets: {environment: {A: {secure: v1:x}}, values: {jupyterhub: {a: {secure: v1:x}}}}\n",
        "  imagebuilding:secrets: {ocean: {auth: {client_id: a}, prod: {auth: {client_secret: {secure: v1:x}}}}}\n",
        "  imagebuilding:secrets: {ocean: null}\n",
        "  imagebuilding:charts: {jupyterhub: {version: 4.4.0, archive: null}}\n",
        "  kubernetes:kubeconfig: {secure: v1:x}\n",
    ],
)
def test_what_stacks_may_write(text: str) -> None:
    assert errors(STACK_FILE, STACK + text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("config:", "konfig:"),
        ("  imagebuilding:cluster: {name: earth}\n", ""),
        ("imagebuilding:cluster: {name: earth}", "imagebuilding:clustr: {}\n  imagebuilding:cluster: {name: earth}"),
        ("{name: earth}", "{provider: gcp}"),
        ("{name: earth}", "{name: earth, provder: gcp}"),
        ("{name: earth}", "{name: earth, provider: azure}"),
        ("{name: earth}", "{name: earth, ingress: {}}"),
        ("{name: earth}", "{name: earth, timeout: '600'}"),
        ("{name: earth}", "{name: earth, operators: {nonsense: {}}}"),
        ("type: quay, ", ""),
        ("organization: earth", "organization: Earth Hubs"),
        ("organization: earth", "organization: earth, host: a"),
        ("config:", "config:\n  imagebuilding:charts: {jupyterhub: {digest: abc}}"),
        ("config:", "config:\n  imagebuilding:secrets: {registry: {usrname: a}}"),
        ("config:", "config:\n  imagebuilding:secrets: {ocean: {prod: {auth: {secret: a}}}}"),
        ("config:", "config:\n  imagebuilding:defaults: {display: Ocean}"),
    ],
)
def test_what_stacks_get_wrong(old: str, new: str) -> None:
    assert old in STACK
    assert errors(STACK_FILE, STACK.replace(old, new)) != []


def settings_in(schema: Any) -> list[tuple[str, Any]]:
    """Every property of a schema that is not just a reference."""
    found = []
    for definition in schema["definitions"].values():
        for part in (definition, *definition.get("anyOf", ())):
            found += list(part.get("properties", {}).items())
    return [(name, item) for name, item in found if name not in ("secure", "type")]


@pytest.mark.parametrize("name", SCHEMAS)
def test_editors_can_explain_every_setting(name: str) -> None:
    assert len(settings_in(SCHEMAS[name])) > 100
    assert [key for key, item in settings_in(SCHEMAS[name]) if not item.get("description")] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_nothing_beside_a_reference_is_lost(name: str) -> None:
    """Draft-07 ignores keywords next to `$ref`."""
    text = json.dumps(SCHEMAS[name])
    assert text.count('"$ref"') > 50

    def check(value: Any) -> None:
        if isinstance(value, dict):
            assert "$ref" not in value or len(value) == 1, value
            for item in value.values():
                check(item)
        elif isinstance(value, list):
            for item in value:
                check(item)

    check(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_reference_leads_somewhere(name: str) -> None:
    schema = SCHEMAS[name]
    for definition in schema["definitions"].values():
        for target in targets(definition):
            assert target in schema["definitions"]


def test_a_pattern_that_does_not_match_is_explained() -> None:
    domain = SCHEMAS[COMMUNITY_FILE]["definitions"]["Hub"]["properties"]["domain"]
    assert domain["patternErrorMessage"].startswith("must be a host name such as hub.example.org")


def test_a_snippet_keeps_its_dollar_signs() -> None:
    environment = SCHEMAS[COMMUNITY_FILE]["definitions"]["Hub"]["properties"]["environment"]
    assert environment["defaultSnippets"][0]["body"] == {
        "SCRATCH_BUCKET": "gs://earth-hubs-scratch/\\$(JUPYTERHUB_USER)"
    }


def test_schema_files_are_no_communities_and_no_stacks(tmp_path: Path) -> None:
    from tests.repository import make_repository

    repository = make_repository(tmp_path / "repository")
    write_schemas(repository.root / "stacks")
    write_schemas(repository.root / "stacks" / "earth")
    assert len(repository.load().hubs) == 2


def test_planning_does_not_pay_for_them() -> None:
    code = "import sys, hubs.settings.loader, hubs.preview.plan; print(*(name for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "hubs.settings.loader" in loaded
    assert not loaded & {f"hubs.settings.{name}" for name in ("schema", "model_schema", "catalog", "reference")}
