"""`hubs new`: its files are valid and complete, work before secrets are set, and overwrite nothing."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import click
import pytest
import yaml
from pydantic import Field

from hubs.cli import new, run
from hubs.cli.answers import Questions
from hubs.new import kinds
from hubs.new.community import Community, text
from hubs.preview.configuration import configuration
from hubs.preview.values import load_with_placeholders
from hubs.settings.auth import AnyAuth, OAuth
from hubs.settings.errors import SettingsError
from hubs.settings.loader import load
from hubs.settings.registry import Registry
from tests.repository import ROOT, Repository

CLUSTERS = {
    "gke": "--provider gcp --context gke_a_us_moon --registry artifact-registry --location us --project a"
    " --ingress-class nginx --cluster-issuer letsencrypt --storage-class premium-rwo",
    "eks": "--provider aws --context arn:aws:eks:us-east-1:1:cluster/moon --registry quay --organization lab",
    "other": "--provider other --context kind-kind --registry oci --host harbor.example.org:5000 --prefix a/b/",
}
LOGINS = {
    "github": "--allow reef-lab --allow 'reef-lab:students' --admin ada --admin grace",
    "cilogon": "--allow https://idp.example.edu/idp/shibboleth --username-claim eppn",
    "google": "--allow school.example.com",
    "oidc": "--authorize-url https://id.example.org/auth --token-url https://id.example.org/token --allow hub-users",
    "shared-password": "",
    "dummy": "",
}
HOMES = {
    "volume": "",
    "nfs": "--server 10.0.0.9 --path /export/reef/",
    "disk": "--volume-id vol-0123456789abcdef0",
}


def hubs(root: Path, command: str) -> int:
    return run(shlex.split(command), root)


def cluster(repository: Repository, options: str) -> None:
    assert hubs(repository.root, f"new cluster moon {options}") == 0


def community(repository: Repository, auth: str, home: str, more: str = "") -> int:
    options = f"--auth {auth} {LOGINS[auth]} --home {home} {HOMES[home]} --domain reef.example.org {more}"
    return hubs(repository.root, f"new community coral-reef --cluster moon {options}")


def content(repository: Repository) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((repository.root / "stacks/moon/coral-reef.yaml").read_text())
    return loaded


@pytest.mark.parametrize("kind", CLUSTERS)
@pytest.mark.parametrize("auth", [auth for auth in LOGINS if auth != "dummy"])
def test_what_it_writes_can_be_planned_at_once(
    repository: Repository, capsys: pytest.CaptureFixture[str], kind: str, auth: str
) -> None:
    cluster(repository, CLUSTERS[kind])
    assert community(repository, auth, "volume") == 0
    stack = load_with_placeholders("moon", repository.root)
    assert [hub.key for hub in stack.hubs] == ["coral-reef/staging", "coral-reef/prod"]
    accounts = {stack.registry.pull_account(stack, hub) for hub in stack.hubs}
    assert len(accounts) == (1 if kind == "other" else 2), "each hub pulls with its own account where it can be made"
    assert [hub.domain for hub in stack.hubs] == ["staging.reef.example.org", "reef.example.org"]
    capsys.readouterr()
    assert hubs(repository.root, "values moon coral-reef/prod") == 0
    assert "[secret]" in capsys.readouterr().out


def test_the_program_itself_runs_and_says_what_to_do(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster(repository, CLUSTERS["eks"])
    assert hubs(repository.root, "plan moon") == 0
    said = "\n- stacks/moon/: has no community: add one with `hubs new community NAME --cluster moon`"
    assert said in capsys.readouterr().out.replace("\n  ", " ")
    assert community(repository, "github", "disk") == 0
    capsys.readouterr()
    assert hubs(repository.root, "plan moon") == 0
    out = capsys.readouterr().out
    for hub, domain in (("staging", "staging.reef"), ("prod", "reef")):
        (text,) = [text for text in out.split("\n- ") if f": coral-reef/{hub}: auth.client_id" in text]
        assert f"callback URL\n  https://{domain}.example.org/hub/oauth_callback at" in text
        path = f"imagebuilding:secrets.coral-reef.{hub}.auth.client_secret"
        assert f"    pulumi config set -s moon --secret --path '{path}'" in text.splitlines()
    (text,) = [text for text in out.split("\n- ") if ": imagebuilding:secrets.registry: " in text]
    said, _, commands = text.partition("\n  Run:\n")
    assert "registry.token is not set for coral-reef/staging, coral-reef/prod" in " ".join(said.split())
    assert commands.startswith("    pulumi config set -s moon --secret --path 'imagebuilding:secrets.registry.token'")


def test_pulumi_and_check_still_refuse_missing_secrets(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster(repository, CLUSTERS["eks"])
    config = configuration("moon", repository.root)
    with pytest.raises(SettingsError, match="no community"):
        load("moon", config, root=repository.root)
    assert community(repository, "github", "volume") == 0
    with pytest.raises(SettingsError, match=r"auth.client_secret are not set"):
        load("moon", config, root=repository.root)
    capsys.readouterr()
    assert hubs(repository.root, "check moon") == 1
    assert hubs(repository.root, "up moon") == 1
    assert capsys.readouterr().err.count("auth.client_secret are not set") == 4


def test_what_to_do_next(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    cluster(repository, CLUSTERS["eks"])
    shown = capsys.readouterr().out
    assert shown.startswith("Created stacks/Pulumi.moon.yaml.\n")
    assert "hubs new community NAME --cluster moon" in shown
    assert "pulumi stack init moon" in shown
    assert "pulumi config set -s moon --secret --path 'imagebuilding:secrets.registry.token'" in shown
    assert community(repository, "github", "nfs") == 0
    shown = capsys.readouterr().out
    assert "https://github.com/settings/applications/new" in shown
    assert "https://staging.reef.example.org/hub/oauth_callback\n" in shown
    assert "/export/reef-staging\n" in shown
    assert "pulumi config set -s moon --secret --path 'imagebuilding:secrets.coral-reef.prod.auth.client_id'" in shown
    assert "hubs plan moon\n" in shown


def test_artifact_registry_and_passwords_need_less(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    cluster(repository, CLUSTERS["gke"])
    assert "secrets.registry" not in capsys.readouterr().out
    assert community(repository, "shared-password", "volume") == 0
    shown = capsys.readouterr().out
    assert "callback" not in shown
    assert "coral-reef.prod.auth.admin_password'" in shown


@pytest.mark.parametrize("home", HOMES)
def test_staging_has_files_of_its_own(repository: Repository, home: str) -> None:
    cluster(repository, CLUSTERS["eks"])
    assert community(repository, "github", home) == 0
    first, second = (hub.home.place for hub in load_with_placeholders("moon", repository.root).hubs)
    assert first != second or home == "volume"
    assert not any(
        "is also that of" in item.message for item in load_with_placeholders("moon", repository.root).warnings
    )


def test_what_is_written(repository: Repository) -> None:
    cluster(repository, CLUSTERS["gke"])
    assert community(repository, "oidc", "volume", "--display-name 'Reef: the lab' --staging-domain s.example.org") == 0
    written = content(repository)
    assert written["display_name"] == "Reef: the lab"
    assert written["auth"]["allow_groups"] == ["hub-users"]
    assert written["auth"]["groups_claim"] == "oauth_user.groups"
    assert written["hubs"]["staging"]["domain"] == "s.example.org"
    stack = yaml.safe_load((repository.root / "stacks/Pulumi.moon.yaml").read_text())["config"]
    assert stack["gcp:project"] == "a"
    assert stack["imagebuilding:cluster"]["ingress"] == {"class_name": "nginx", "cluster_issuer": "letsencrypt"}
    text = (repository.root / "stacks/moon/coral-reef.yaml").read_text()
    assert text.count("#") > 5
    assert max(map(len, text.splitlines())) <= 120


def test_a_demonstration(repository: Repository) -> None:
    cluster(repository, f"{CLUSTERS['other']} --demonstration")
    assert community(repository, "dummy", "volume") == 0
    assert load_with_placeholders("moon", repository.root).cluster.user_nodes.selector == {}


AWS, QUAY = "--provider aws --context x", "--registry quay --organization lab"
EARTH, REST = "--cluster earth --auth github", "--domain b.org --home volume"


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (f"new cluster earth {AWS} {QUAY}", 1, "already exists"),
        (
            f"new cluster Moon --provider aws --context x {QUAY}",
            2,
            "'Moon' can't be the name",
        ),
        (
            f"new cluster ../x --provider aws --context x {QUAY}",
            2,
            "'../x' can't be the name",
        ),
        ("new cluster moon --provider azure", 2, "'azure' is not one of 'gcp', 'aws', 'other'"),
        ("new cluster moon --provider aws", 2, "hubs new cluster: missing option --context"),
        (f"new cluster moon {AWS} --registry quay", 2, "missing option --organization"),
        (
            "new cluster moon --provider aws --context x --registry oci --host h.example.org --cluster-issuer i",
            2,
            "--ingress-class",
        ),
        (f"new cluster moon {AWS} --registry quay --organization A!", 2, "'--organization': 'A!' must be"),
        (
            f"new community ocean {EARTH} --allow a --domain b.org --home volume",
            1,
            "already exists",
        ),
        (
            f"new community ../x {EARTH} --allow a --domain b.org --home volume",
            2,
            "can't be the name",
        ),
        ("new community a --cluster eart --auth github", 2, "there is no stack 'eart'; did you mean earth?"),
        (f"new community a {EARTH} {REST}", 2, "missing option --allow"),
        (f"new community a {EARTH} --allow a --home volume", 2, "missing option --domain"),
        (
            f"new community a {EARTH} --allow a --domain b.org --home nfs",
            2,
            "missing option --server",
        ),
        (
            f"new community a --cluster earth --auth dummy --allow a {REST}",
            2,
            "--allow belongs to --auth github, cilogon, google, oidc: it has no effect with dummy",
        ),
        (
            f"new community auth {EARTH} --allow a --domain b.org --home volume",
            2,
            "kind of secret",
        ),
        (
            f"new community a {EARTH} --allow a --domain ocean.example.org --staging-domain b.org --home volume",
            1,
            "stacks/earth/ocean.yaml:5: hubs.prod.domain: ocean.example.org is already used by a/prod",
        ),
        # Options of another kind.
        (
            f"new cluster moon {AWS} {QUAY} --host h.example.org",
            2,
            "--host belongs to --registry oci: it has no effect with quay",
        ),
        (f"new cluster moon {AWS} {QUAY} --prefix h/", 2, "--prefix belongs to --registry oci"),
        (f"new cluster moon {AWS} {QUAY} --location us", 2, "--location belongs to --registry artifact-registry"),
        (f"new community a {EARTH} --allow a {REST} --path /a", 2, "--path belongs to --home nfs"),
        (f"new community a {EARTH} --allow a {REST} --server a", 2, "--server belongs to --home nfs"),
        (f"new community a {EARTH} --allow a {REST} --volume-id vol-1", 2, "--volume-id belongs to --home disk"),
        (f"new community a {EARTH} --allow a --groups-claim x {REST}", 2, "--groups-claim belongs to --auth oidc"),
        (f"new community a {EARTH} --allow a --token-url https://a.org {REST}", 2, "--token-url belongs to --auth"),
        (f"new community a {EARTH} --allow a --username-claim x {REST}", 2, "to --auth cilogon, oidc: it has no"),
        (
            f"new community a --cluster earth --auth cilogon --allow https://a.org --allow-all {REST}",
            2,
            "--allow-all belongs to --auth github, google, oidc: it has no effect with cilogon",
        ),
        # Values, which are checked before anything that is still missing.
        ("new cluster ../x", 2, "can't be the name of a cluster"),
        ("new cluster earth", 1, "stacks/Pulumi.earth.yaml already exists"),
        ("new community A --cluster earth", 2, "can't be the name of a community"),
        ("new community ocean --cluster earth", 1, "stacks/earth/ocean.yaml already exists"),
        ("new community a --cluster earth --admin ''", 2, "'--admin': must not be empty"),
        ("new community a --cluster earth --server 'a b'", 2, "'a b' must be a host name or an address"),
        ("new community a --cluster earth --path /", 2, "'/' must be a directory such as /export/ocean"),
        ("new community a --cluster earth --path export", 2, "'export' must be an absolute path such as /export/ocean"),
        ("new community a --cluster earth --volume-id foo", 2, "'foo' must be vol-..."),
        ("new community a --cluster earth --domain https://a.org", 2, "must be a host name such as hub.example.org"),
        ("new community a --cluster earth --auth cilogon --allow a.org", 2, "'--allow': 'a.org' must be an entity ID"),
        ("new community a --cluster earth --auth google --allow 'a.org b.org'", 2, "'a.org b.org' must be a domain"),
        (f"new community a {EARTH} --allow ,", 2, "'--allow': must not be empty"),
        (f"new cluster moon {AWS} --registry quay --organization a", 2, "at least 2 characters"),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(
    repository: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    code: int,
    message: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", open(os.devnull))  # noqa: PTH123, SIM115
    before = {path: path.read_bytes() for path in repository.root.rglob("*") if path.is_file()}
    assert hubs(repository.root, command) == code
    out, errors = capsys.readouterr()
    assert out == ""
    assert message in errors
    assert errors.count("\n") == (2 if "also that of" in message else 1)
    assert {path: path.read_bytes() for path in repository.root.rglob("*") if path.is_file()} == before


def test_mistakes_in_other_files_are_named_with_file_and_line(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.replace("stacks/earth/ocean.yaml", "display_name", "dispaly_name")
    command = "new community a --cluster earth --auth github --allow a --domain b.example.org --home volume"
    assert hubs(repository.root, command) == 1
    assert capsys.readouterr().err.startswith("stacks/earth/ocean.yaml:")


def test_questions_on_a_terminal(repository: Repository) -> None:
    code = (
        f"import pathlib, sys, hubs.cli; sys.exit(hubs.cli.run(sys.argv[1:], pathlib.Path({str(repository.root)!r})))"
    )
    command = [sys.executable, "-c", code, "new", "community", "reef", "--cluster", "earth"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    os.write(ours, b"gitlab\ngithub\na!\nreef-lab, other:team\nhttps://reef\nreef.example.org\nvolume\n")
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "How people log in" in errors
    assert "'gitlab' is not one of" in errors
    assert "separated by spaces" in errors
    assert "'a!' must be org or org:team" in errors
    assert "'https://reef' must be a host name" in errors
    assert out.startswith("Created stacks/earth/reef.yaml.\n")
    written = yaml.safe_load((repository.root / "stacks/earth/reef.yaml").read_text())
    assert written["auth"]["allow"] == ["reef-lab", "other:team"]


def texts() -> list[tuple[str, str]]:
    """Return every option of both commands that takes any text, with its command."""
    groups = {"cluster moon": new.cluster, "community a --cluster earth": new.community}
    choices = ("--provider", "--registry", "--auth", "--home", "--cluster", "--help")
    return [
        (command, param.opts[0])
        for command, group in groups.items()
        for param in group.params
        if param.opts[0].startswith("--") and param.opts[0] not in choices and not getattr(param, "is_flag", False)
    ]


@pytest.mark.parametrize(("command", "option"), texts())
@pytest.mark.parametrize("text", ["evil\ndecommission: true #", "a\x85b: 1", "a\u2028b: 1", "a\x1bb", "a\udce9"])
def test_no_option_accepts_a_second_line(
    repository: Repository, capsys: pytest.CaptureFixture[str], command: str, option: str, text: str
) -> None:
    assert run(["new", *command.split(), option, text], repository.root) == 2
    errors = capsys.readouterr().err
    assert f"'{option}'" in errors
    assert "must be one line without control characters" in errors
    assert errors.count("\n") == 1


def test_no_text_of_people_is_in_a_comment() -> None:
    auth = {"type": "github", "allow": ["a"]}
    evil = Community("a", "evil\ndecommission: true #", auth, {"volume": {}}, {}, "a.org", "b.org")
    assert set(yaml.safe_load(text(evil))) == {"display_name", "auth", "home", "hubs"}


def test_a_comma_after_an_item_is_removed(repository: Repository) -> None:
    command = "new community reef --cluster earth --auth google --allow a.org, --domain reef.org --home volume"
    assert hubs(repository.root, command) == 0
    written = yaml.safe_load((repository.root / "stacks/earth/reef.yaml").read_text())
    assert written["auth"]["allow"] == ["a.org"]


@pytest.mark.parametrize(
    ("entity_id", "more", "claim"),
    [
        ("http://github.com/login/oauth/authorize", "", "preferred_username"),
        ("http://github.com/login/oauth/authorize", "--username-claim eppn", "eppn"),
        ("https://idp.example.edu/github.com/", "", "email"),
        ("urn:mace:incommon:example.edu", "", "email"),
    ],
)
def test_the_user_name_with_cilogon(repository: Repository, entity_id: str, more: str, claim: str) -> None:
    options = f"--auth cilogon --allow {entity_id} {more} --domain reef.org --home volume"
    assert hubs(repository.root, f"new community reef --cluster earth {options}") == 0
    written = yaml.safe_load((repository.root / "stacks/earth/reef.yaml").read_text())
    assert written["auth"]["identity_providers"][entity_id]["username_claim"] == claim


@pytest.mark.parametrize(("gone", "message"), [("Pulumi.yaml", "Pulumi.yaml: does not exist"), ("stacks", "Created")])
def test_a_folder_that_is_not_complete(
    repository: Repository, capsys: pytest.CaptureFixture[str], gone: str, message: str
) -> None:
    path = repository.root / gone
    path.rename(repository.root / "elsewhere")
    assert hubs(repository.root, f"new cluster moon {AWS} {QUAY}") == (1 if gone == "Pulumi.yaml" else 0)
    assert message in "".join(capsys.readouterr())


def test_all_kinds_can_be_chosen() -> None:
    types: dict[Any, Any] = {item.name: item.type for group in (new.cluster, new.community) for item in group.params}
    registries = [get_args(kind.model_fields["type"].annotation)[0] for kind in get_args(get_args(Registry)[0])]
    assert list(types["registry"].choices) == registries
    logins = [get_args(kind.model_fields["type"].annotation)[0] for kind in get_args(get_args(AnyAuth)[0])]
    assert list(types["auth"].choices) == logins


class Orbit(OAuth):
    """A login provider that the command line knows nothing about."""

    type: Literal["orbit"]
    tenant: str
    allow: Annotated[list[str], Field(default_factory=list)]


class Pulsar(OAuth):
    """Another one, which can only allow groups."""

    type: Literal["pulsar"]


@pytest.mark.parametrize(
    ("kind", "given", "auth"),
    [
        (Orbit, {"tenant": "moon"}, {"tenant": "moon", "allow": ["a"]}),
        (Pulsar, {}, {"groups_claim": "oauth_user.groups", "allow_groups": ["a"]}),
    ],
)
def test_a_new_login_provider_needs_no_code(
    monkeypatch: pytest.MonkeyPatch, kind: type[OAuth], given: dict[str, str], auth: dict[str, Any]
) -> None:
    name = get_args(kind.model_fields["type"].annotation)[0]
    monkeypatch.setitem(kinds.LOGINS, name, kind)
    with new.community.make_context(
        "community", ["a", "--auth", name, "--allow", "a"], resilient_parsing=True
    ) as context:
        assert context.params["auth"] == name
        questions = Questions(context, {**context.params, **given})
        assert new._auth(questions, name) == {"type": name, **auth}


def test_a_setting_without_an_option_is_asked_for_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kinds.required(Orbit) == ["tenant"]
    monkeypatch.setattr(sys, "stdin", open(os.devnull))  # noqa: PTH123, SIM115
    context = new.community.make_context("community", ["a"], resilient_parsing=True)
    with pytest.raises(click.UsageError, match="tenant must be answered on a terminal: tenant of the login"):
        Questions(context, context.params)("tenant", "tenant of the login provider")
