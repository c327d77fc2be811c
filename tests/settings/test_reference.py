"""The reference: every setting with its type, default, meaning and a valid example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from hubs.cli import run
from hubs.errors import UnknownNameError
from hubs.settings.auth import AnyAuth, OAuth
from hubs.settings.catalog import Setting, settings
from hubs.settings.charts import Charts
from hubs.settings.cluster import Cluster
from hubs.settings.hub import Hub
from hubs.settings.reference import find, markdown, reference
from hubs.settings.registry import Registry
from hubs.settings.secrets import HubSecrets
from tests.settings.kinds import LOGINS, having, kinds_of, type_of

BY_NAME = {item.name: item for item in settings()}


def models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from models(field.annotation)
    for argument in get_args(kind):
        yield from models(argument)


MODELS = {model for kind in (Cluster, Registry, Charts, HubSecrets, Hub) for model in models(kind)}
PARTIAL = ("Hub.charts",)
"""Settings whose examples are incomplete, because they are merged over the stack's settings."""

EXAMPLES = [
    pytest.param(field, example, id=f"{model.__name__}.{name}")
    for model in sorted(MODELS, key=lambda model: model.__name__)
    for name, field in model.model_fields.items()
    for example in field.examples or ()
    if f"{model.__name__}.{name}" not in PARTIAL
]


def test_each_setting_is_explained() -> None:
    assert [item.name for item in settings() if not item.description] == []


def test_each_setting_that_is_no_group_has_an_example() -> None:
    assert [item.name for item in settings() if not item.examples and not item.is_group] == []


# `repr` of a setting means nothing where its type alone is validated.
@pytest.mark.filterwarnings("ignore:The 'repr' attribute")
@pytest.mark.parametrize(("field", "example"), EXAMPLES)
def test_examples_are_accepted(field: FieldInfo, example: Any) -> None:
    kind: Any = Annotated[field.annotation, field]
    TypeAdapter(kind).validate_python(example)


def test_every_setting_of_every_model_is_in_the_reference() -> None:
    last = {item.path[-1] for item in settings()}
    written = {field.alias or name for model in MODELS for name, field in model.model_fields.items()}
    assert written - last == {"community", "secrets"}, "the name of the file, and a section"
    assert {name for name in Hub.model_fields if name not in BY_NAME} == {"community", "name", "secrets"}


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("cluster.provider", "one of gcp, aws, other; default other"),
        ("cluster.build_cache", "text or whole number or null; default 40Gi"),
        ("cluster.core_nodes.selector", 'mapping of names to text; default {"hub.jupyter.org/node-purpose": "core"}'),
        ("domain", "text; required"),
        ("stage", "one of staging, prod"),
        ("image", "text; default quay.io/jupyter/scipy-notebook:2026-07-28"),
        ("home", "mapping or none"),
        ("home.disk.quota", "number above 0 or null; default 10"),
        ("home.disk.path", "text"),
        ("named_servers", "mapping, or true or false"),
        ("named_servers.enabled", "true or false; default false"),
        ("resources.memory.limit", "text or number from 0 or null; default 1G"),
        ("resources.cpu.guarantee", "number from 0 or text or null; default 0.05"),
        ("cull.every", "whole number above 0; default 600"),
        ("profiles", "list of mappings or mapping of names to mappings"),
        ("profiles.allowed_groups", "list of text"),
        ("roles", "mapping of names to mappings or list of text"),
        ("roles.<name>.scopes", "list of text; required"),
        ("secrets.auth.client_secret", "secret"),
        ("secrets.environment", "mapping of names to secret"),
        ("auth.type", f"one of {LOGINS}; required"),
    ],
)
def test_type_and_default(name: str, facts: str) -> None:
    assert BY_NAME[name].facts == facts


def test_one_setting() -> None:
    assert reference("home.disk.path").splitlines()[-6:] == [
        "home.disk.path",
        "    text",
        "    Touches: people's files",
        "    Folder of the disk that holds the users' folders. Default: the hub's name.",
        "",
        "        path: ocean",
    ]


@pytest.mark.parametrize(
    ("asked", "first", "count"),
    [
        ("home.disk", "home.disk", 6),
        ("cluster.ingress", "cluster.ingress", 5),
        ("imagebuilding:cluster.ingress.class_name", "cluster.ingress.class_name", 1),
        ("auth.github.allow", "auth.github.allow", 1),
        ("auth.allow", "auth.github.allow", having(AnyAuth, "allow")),
        ("auth.github.admins", "auth.admins", 1),
        ("registry.quay.rotation", "registry.quay.rotation", 1),
        ("registry.quay", "registry.quay.organization", 3),
        ("registry.rotation", "registry.artifact-registry.rotation", having(Registry, "rotation")),
        ("profiles.node_shares", "profiles.node_shares", 7),
        ("profiles.0.images.pangeo.image", "profiles.images.<name>.image", 1),
        ("roles.user.scopes", "roles.<name>.scopes", 1),
        ("user_nodes.tolerations.key", "user_nodes.tolerations.key", 1),
        ("charts.jupyterhub.version", "charts.<name>.version", 1),
    ],
)
def test_what_a_path_finds(asked: str, first: str, count: int) -> None:
    found = find(asked)
    assert (found[0].name, len(found)) == (first, count)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("home.dsk", "there is no setting 'home.dsk'; did you mean home.disk?"),
        ("cul.every", "there is no setting 'cul.every'; did you mean cull.every?"),
        ("zzzzzz", "there is no setting 'zzzzzz'; `hubs settings` lists all"),
        ("secrets.auth.client_id.secure", "there is no setting 'secrets.auth.client_id.secure'; did you mean"),
        ("", "there is no setting ''; `hubs settings` lists all"),
    ],
)
def test_no_such_setting(asked: str, message: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        reference(asked)
    assert str(caught.value).startswith(message)


def test_what_kinds_have_in_common_is_printed_once() -> None:
    lines = reference("auth").splitlines()
    assert lines.count("auth.admins") == lines.count("auth.groups_claim") == 1
    assert not [line for line in lines if re.fullmatch(r"auth\.[a-z]+\.(admins|groups_claim|type)", line)]
    *most, last = [type_of(kind) for kind in kinds_of(AnyAuth) if issubclass(kind, OAuth)]
    assert f"    Only with type {', '.join(most)} or {last}." in lines
    names = [item.name for item in find("auth")]
    assert names[:3] == ["auth", "auth.type", "auth.admins"]


def test_what_groups_have_in_common_is_printed_once() -> None:
    text = reference()
    assert "\nbranding.designed_by.url\n" in text
    assert "\nbranding.funded_by.url\n" not in text
    assert "    Settings: the same as those of branding.designed_by." in text
    assert "\nbranding.funded_by.url\n" in reference("branding.funded_by")


def test_all_settings_fit_a_terminal() -> None:
    long = [line for line in reference().splitlines() if len(line) > 110]
    assert long == []
    assert [line for line in reference().splitlines() if len(line) > 80 and not line.startswith("        ")] == []


def test_octal_numbers_are_shown_as_people_write_them() -> None:
    assert BY_NAME["files.<name>.mode"].example == "mode: 0755"


def test_the_page_has_a_label_for_each_setting() -> None:
    page = markdown()
    labels = re.findall(r"^\((.+)\)=$", page, re.MULTILINE)
    assert len(labels) == len(set(labels))
    shown = [item for item in settings() if not item.repeated]
    assert re.findall(r"^### `(.+)`$", page, re.MULTILINE) == [item.name for item in shown]
    assert {f"setting-{name}" for name in ("home-disk", "auth-github-allow", "cluster-ingress")} <= set(labels)
    assert set(re.findall(r"\]\(#(.+?)\)", page)) <= set(labels)


def test_the_page_is_safe_markdown() -> None:
    outside = re.sub(r"```.*?```|`[^`]*`", "", markdown(), flags=re.DOTALL)
    assert re.findall(r"<[^h]|\{[a-z]+\}", outside) == []


def test_an_example_shows_its_key() -> None:
    item = Setting("hub", ("home", "nfs"), "mapping", examples=({"server": "a", "path": "/b"},))
    assert item.example == "nfs: {server: a, path: /b}"


def test_the_command_prints_one_setting_or_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings", "home.disk"]) == 0
    assert capsys.readouterr().out == reference("home.disk")
    assert run(["settings"]) == 0
    assert capsys.readouterr().out == reference()


def test_the_command_suggests_the_nearest_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings", "home.dsk"]) == 2
    assert capsys.readouterr() == ("", "there is no setting 'home.dsk'; did you mean home.disk?\n")


def test_the_command_writes_the_schemas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings", "--schema", str(tmp_path / "new")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    (tmp_path / "new").mkdir()
    assert run(["settings", "--schema", str(tmp_path / "new")]) == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["community.schema.json", "stack.schema.json"]
    (tmp_path / "stacks").mkdir()
    assert run(["settings", "--schema"], tmp_path) == 0
    assert len(list((tmp_path / "stacks").iterdir())) == 2
    (tmp_path / "file").touch()
    assert run(["settings", "--schema", str(tmp_path / "file")]) == 2
    assert "is a file" in capsys.readouterr().err
