"""`hubs where`: the value of a setting or chart path as YAML, and every layer that spoke about it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubs.cli import run
from hubs.preview import where as module
from hubs.preview.answer import Entry
from hubs.preview.values import load_with_placeholders
from hubs.preview.where import charts_of, settings_of, where
from hubs.settings.hub import Hub
from hubs.settings.loader import ROOT
from hubs.settings.stack import Stack
from hubs.stack_files import stack_names
from tests.repository import Repository

STACK = """\
encryptionsalt: v1:c2FsdA==:v1:bm9uY2U=:Y2hlY2s=
config:
  kubernetes:context: earth
  imagebuilding:cluster:
    name: earth
    user_nodes: {selector: {pool: users}}
    operators: {github: {admins: [kim, ada], allow: ["earth:operators"]}}
  imagebuilding:registry: {type: quay, organization: earth}
  imagebuilding:defaults:
    named_servers: true
    cull: {timeout: 100, every: 300}
    environment: {A: defaults, B: defaults}
    values: {jupyterhub: {hub: {db: {type: sqlite-memory}}}}
  imagebuilding:secrets:
    registry: {username: earth+robot, password: {secure: 'v1:registry:marker'}}
    ocean: {auth: {client_id: {secure: 'v1:marker:aaaa'}}}
"""
OCEAN = """\
display_name: Ocean
auth: {type: github, allow: ["ocean"], admins: [ada, grace]}
cull: {timeout: 200, max_age: 900}
environment: {A: community, B: null}
profiles:
  - display_name: Big CPU
    images: {pangeo: "quay.io/pangeo/pangeo-notebook:1"}
    node_shares: [{instance_type: n2-highmem-4, shares: 2}]
  - {display_name: GPU, slug: gpu}
values:
  jupyterhub:
    hub: {db: {type: sqlite-pvc}, extraConfig: {10-own.py: "x = 1"}, image: {pullPolicy: null}}
    singleuser: {startTimeout: 60}
hubs:
  staging:
    domain: staging.ocean.example.org
  prod:
    domain: ocean.example.org
    cull: {timeout: 300, max_age: null}
    profiles: {big-cpu: {description: Large}, gpu: null}
    user_nodes: {selector: {size: big}}
    values: {jupyterhub: {hub: {config: {Authenticator: {admin_users: [eve]}}}}}
"""
OPERATORS = "operators of the cluster, stacks/Pulumi.earth.yaml"
DEFAULTS, COMMUNITY, HUB = (
    "cluster defaults, stacks/Pulumi.earth.yaml",
    "community, stacks/earth/ocean.yaml",
    "hub, stacks/earth/ocean.yaml",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("where")
    (folder / "stacks" / "earth").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (folder / "stacks" / "Pulumi.earth.yaml").write_text(STACK)
    (folder / "stacks" / "earth" / "ocean.yaml").write_text(OCEAN)
    return folder


def answer(root: Path, path: str, hub: str = "ocean/prod") -> str:
    stack = load_with_placeholders("earth", root)
    return where(stack, stack.hub(hub), path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # One layer.
        ("domain", f"ocean.example.org  # {HUB}:18"),
        ("default_url", "/lab  # program default"),
        # Every layer that spoke, the winner last.
        (
            "cull.timeout",
            f"# program default: 3600\n# {DEFAULTS}:11: 100\n# {COMMUNITY}:3: 200\n300  # {HUB}:19",
        ),
        ("cull.every", f"# program default: 600\n300  # {DEFAULTS}:11"),
        # A null removes, and the program's default is back.
        ("cull.max_age", f"# {COMMUNITY}:3: 900\n# {HUB}:19: null\n604800  # program default"),
        ("environment.B", f"# {DEFAULTS}:12: defaults\nnull  # {COMMUNITY}:4"),
        (
            "environment",
            f"# {DEFAULTS}:12: defaults\nA: community  # {COMMUNITY}:4\n"
            f"# {DEFAULTS}:12: defaults\nB: null  # {COMMUNITY}:4",
        ),
        # The short form of a group.
        ("named_servers", f"# program default: false\nenabled: true  # {DEFAULTS}:10\nlimit: 0  # program default"),
        # People who are in another setting.
        (
            "auth.admins",
            f"- ada  # {COMMUNITY}:2\n- grace  # {COMMUNITY}:2\n- kim  # {OPERATORS}:7",
        ),
        (
            "auth.allow",
            f"- ocean  # {COMMUNITY}:2\n- earth:operators  # {OPERATORS}:7",
        ),
        (
            "user_nodes.selector",
            f"pool: users  # cluster, stacks/Pulumi.earth.yaml:6\nsize: big  # {HUB}:21",
        ),
        ("block_cloud_metadata", "true  # program default"),
        # Lists by name and by number, merged by slug. What is written in a short form has the line of that.
        ("profiles.big-cpu.description", f"Large  # {HUB}:20"),
        ("profiles.big-cpu.images.pangeo.image", f"quay.io/pangeo/pangeo-notebook:1  # {COMMUNITY}:7"),
        ("profiles.big-cpu.node_shares.0.shares", f"# program default: [1, 2, 4, 8]\n# {COMMUNITY}:8\n- 1\n- 2"),
        ("profiles.gpu", f"# {COMMUNITY}:9: {{display_name: GPU, slug: gpu}}\nnull  # {HUB}:20"),
        # Settings of the cluster.
        ("cluster.operators.github.allow", "- earth:operators  # stacks/Pulumi.earth.yaml:7"),
        ("registry.organization", "earth  # stacks/Pulumi.earth.yaml:8"),
        # Secrets.
        ("secrets.registry.password", "'[secret]'  # stacks/Pulumi.earth.yaml:15"),
        ("secrets.registry.token", "null  # not set"),
        # What is written in `values`, as a setting and as what the chart gets.
        ("values.jupyterhub.singleuser.startTimeout", f"60  # {COMMUNITY}:13"),
        (
            "jupyterhub.singleuser.startTimeout",
            f"# program default: 600\n60  # values of the {COMMUNITY}:13",
        ),
        (
            "hub.db.type",
            f"# values of the {DEFAULTS}:13: sqlite-memory\nsqlite-pvc  # values of the {COMMUNITY}:12",
        ),
        ('hub.extraConfig."10-own.py"', f"x = 1  # values of the {COMMUNITY}:12"),
        ("hub.extraConfig.10-own.py", f"x = 1  # values of the {COMMUNITY}:12"),
        ("hub.image.pullPolicy", f"null  # values of the {COMMUNITY}:12"),
        (
            "hub.config.Authenticator.admin_users",
            "# auth stacks/earth/ocean.yaml:2; cluster.operators stacks/Pulumi.earth.yaml:7: [ada, grace, kim]\n"
            f"- eve  # values of the {HUB}:22",
        ),
        # Settings that a chart's value follows from.
        ("hub.resources", "null  # not set here: the chart's own default applies"),
        ("cull.maxAge", "604800  # program default"),
        (
            "singleuser.profileList.big-cpu.description",
            "Large  # profiles.big-cpu.description stacks/earth/ocean.yaml:20",
        ),
        ("singleuser.profileList[0].slug", "big-cpu  # "),
        ("binderhub-service.config.BinderHub.image_prefix", "quay.io/earth/earth-ocean-prod-  # "),
        (
            "hub.config.GitHubOAuthenticator.client_id",
            "'[secret]'  # secrets.auth.client_id stacks/Pulumi.earth.yaml:16",
        ),
    ],
)
def test_every_layer_that_spoke(root: Path, path: str, expected: str) -> None:
    said = answer(root, path)
    assert said.startswith("# ")
    lines = "".join(line for line in said.splitlines(keepends=True)[1:] if "A chart has a value" not in line)
    assert lines.startswith(expected) if expected.endswith("# ") else lines == f"{expected}\n"
    assert "marker" not in said


def test_another_hub_has_other_layers(root: Path) -> None:
    assert answer(root, "profiles.gpu.slug", "ocean/staging").endswith(f"gpu  # {COMMUNITY}:9\n")
    assert answer(root, "profiles.1.slug", "ocean/staging").endswith(f"gpu  # {COMMUNITY}:9\n")
    assert answer(root, "profiles.big-cpu.images.pangeo", "ocean/staging").endswith(
        f"image: quay.io/pangeo/pangeo-notebook:1  # {COMMUNITY}:7\nkubespawner_override: {{}}  # program default\n"
    )


def test_a_setting_comes_before_a_chart_value_of_the_same_name(root: Path) -> None:
    first, second, *_ = answer(root, "cull").splitlines()
    assert first == "# cull of ocean/prod"
    assert second == "# A chart has a value of this name, too: jupyterhub.cull"
    assert answer(root, "jupyterhub.cull.every").startswith(
        "# jupyterhub.cull.every of ocean/prod, a value of the chart jupyterhub\n"
    )


def test_the_profile_of_a_community_without_profiles(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["where", "earth", "ocean/prod", "profiles.0.display_name"], repository.root) == 0
    assert capsys.readouterr().out == "# profiles.0.display_name of ocean/prod\nStart a server  # program default\n"


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("auth.admin", "auth.admin; did you mean auth.admins?"),
        ("atuh.admins", "atuh.admins; did you mean auth.admins?"),
        ("admin_users", "admin_users; did you mean jupyterhub.hub.config.Authenticator.admin_users?"),
        ("hub.config.Authenticater.admin_users", "; did you mean hub.config.Authenticator.admin_users?"),
        ("profiles.big-cpu.image.pangeo", "; did you mean profiles.big-cpu.images.pangeo?"),
        ("values.jupyterhub.hub.db.typ", "; did you mean values.jupyterhub.hub.db.type?"),
        ("domain.x", "domain.x: domain has nothing inside"),
        ("profiles.7", "profiles.7; there are: profiles.big-cpu, profiles.gpu"),
        ("hub.config.Nothing.like_it", "hub.config.Nothing.like_it; "),
        ("", "''; there are: display_name, domain, "),
    ],
)
def test_mistakes_suggest_the_nearest_path(root: Path, capsys: pytest.CaptureFixture[str], path: str, end: str) -> None:
    assert run(["where", "earth", "ocean/prod", path], root) == 2
    said = capsys.readouterr().err
    assert said.startswith("ocean/prod has no setting or chart value ")
    assert end in said
    assert said.count("\n") == 1


def test_an_unknown_hub(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["where", "earth", "ocean/pord", "auth"], repository.root) == 2
    assert capsys.readouterr().err == "earth has no hub 'ocean/pord'; did you mean ocean/prod?\n"


ODD = """\
display_name: "Océan # 1: \\u202e x"
auth: {type: github, allow: ["ocean"], admins: [ada]}
home: none
environment: {A: "one\\ntwo\\n", B: "# no", C: "yes", D: "0123", E: "", F: " lead"}
files: {/etc/a.json: {data: {x: [1, {y: null}], "odd key: #": 2}}, /etc/b: "multi\\n  line\\n"}
values:
  jupyterhub:
    hub: {extraConfig: {"10 own.py": "x = 1\\n# comment\\n"}, config: {Authenticator: {admin_users: null}}}
    custom: {list: [[1, 2], [3]], empty: {}, none: null, "1": x, deep: [{name: a}, {name: a}, {}]}
hubs:
  prod: {domain: ocean.example.org}
"""


def _answers_are_the_values(monkeypatch: pytest.MonkeyPatch, loaded: Stack, hub: Hub) -> None:
    """Each answer is the same value as the tree's: comments and folding don't change what YAML reads."""
    settings, charts = settings_of(loaded, hub), charts_of(loaded, hub)
    monkeypatch.setattr(module, "settings_of", lambda *_: settings)
    monkeypatch.setattr(module, "charts_of", lambda *_: charts)
    for tree in (settings, Entry(dict(charts))):
        paths = list(module._paths(tree))
        assert len(paths) > 100
        for path in paths:
            found = module._enter(tree, path.split("."))
            assert found is not None
            expected = _read_again(found[0].data()) if found[0].is_set() else None
            assert yaml.safe_load(where(loaded, hub, path)) == expected, path


@pytest.mark.parametrize("stack", stack_names(ROOT))
def test_every_path_of_the_examples_answers_in_yaml(monkeypatch: pytest.MonkeyPatch, stack: str) -> None:
    loaded = load_with_placeholders(stack, ROOT)
    _answers_are_the_values(monkeypatch, loaded, loaded.hubs[-1])


def test_text_that_yaml_writes_in_its_own_ways(monkeypatch: pytest.MonkeyPatch, root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "odd")
    (tmp_path / "odd" / "stacks" / "earth" / "ocean.yaml").write_text(ODD, encoding="utf-8")
    loaded = load_with_placeholders("earth", tmp_path / "odd")
    said = where(loaded, loaded.hub("ocean/prod"), "display_name")
    assert said.replace("\n", "").isprintable()
    _answers_are_the_values(monkeypatch, loaded, loaded.hubs[0])


def _read_again(data: Any) -> Any:
    return yaml.safe_load(yaml.safe_dump(data))
