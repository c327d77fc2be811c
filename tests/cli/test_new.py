"""`hubs new`: its files are valid and complete, work before secrets are set, and overwrite nothing."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from hubs.cli import new, run
from hubs.preview.configuration import configuration
from hubs.preview.values import load_with_placeholders
from hubs.settings.auth import AnyAuth
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
    assert [hub.domain for hub in stack.hubs] == ["staging.reef.example.org", "reef.example.org"]
    capsys.readouterr()
    assert hubs(repository.root, "values moon coral-reef/prod") == 0
    assert "[secret]" in capsys.readouterr().out


def test_the_program_itself_runs_and_says_what_to_do(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster(repository, CLUSTERS["eks"])
    assert hubs(repository.root, "plan moon") == 0
    assert "warning: stacks/moon/: has no community: add one with `hubs new community NAME --cluster moon`" in (
        capsys.readouterr().out
    )
    assert community(repository, "github", "disk") == 0
    capsys.readouterr()
    assert hubs(repository.root, "plan moon") == 0
    out = capsys.readouterr().out
    for hub, domain in (("staging", "staging.reef"), ("prod", "reef")):
        (line,) = [line for line in out.splitlines() if f": coral-reef/{hub}: auth.client_id" in line]
        assert f"callback URL https://{domain}.example.org/hub/oauth_callback" in line
        path = f"imagebuilding:secrets.coral-reef.{hub}.auth.client_secret"
        assert f"`pulumi config set -s moon --secret --path '{path}'`" in line
    assert "imagebuilding:secrets.registry.password: is not set yet for coral-reef/staging, coral-reef/prod" in out


def test_pulumi_and_check_still_refuse_missing_secrets(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster(repository, CLUSTERS["eks"])
    config = configuration("moon", repository.root)
    with pytest.raises(SettingsError, match="no community"):
        load("moon", config, root=repository.root)
    assert community(repository, "github", "volume") == 0
    with pytest.raises(SettingsError, match=r"auth.client_secret is missing"):
        load("moon", config, root=repository.root)
    capsys.readouterr()
    assert hubs(repository.root, "check moon") == 1
    assert hubs(repository.root, "up moon") == 1
    assert capsys.readouterr().err.count("auth.client_secret is missing") == 4


def test_what_to_do_next(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    cluster(repository, CLUSTERS["eks"])
    shown = capsys.readouterr().out
    assert shown.startswith("Created stacks/Pulumi.moon.yaml.\n")
    assert "hubs new community NAME --cluster moon" in shown
    assert "pulumi stack init moon" in shown
    assert "pulumi config set -s moon --secret --path 'imagebuilding:secrets.registry.username'" in shown
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
            1,
            "'Moon' can't be the name",
        ),
        (
            f"new cluster ../x --provider aws --context x {QUAY}",
            1,
            "'../x' can't be the name",
        ),
        ("new cluster moon --provider azure", 2, "'azure' is not one of 'gcp', 'aws', 'other'"),
        ("new cluster moon --provider aws", 2, "hubs new cluster: missing option --context"),
        (f"new cluster moon {AWS} --registry quay", 2, "missing option --organization"),
        (
            "new cluster moon --provider aws --context x --registry oci --host h --cluster-issuer i",
            2,
            "--ingress-class",
        ),
        (f"new cluster moon {AWS} --registry quay --organization A!", 1, "organization: must be"),
        (
            f"new community ocean {EARTH} --allow a --domain b.org --home volume",
            1,
            "already exists",
        ),
        (
            f"new community ../x {EARTH} --allow a --domain b.org --home volume",
            1,
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
        (f"new community a --cluster earth --auth dummy --allow a {REST}", 2, "--allow has no"),
        (
            f"new community auth {EARTH} --allow a --domain b.org --home volume",
            1,
            "kind of secret",
        ),
        (
            f"new community a {EARTH} --allow a --domain ocean.example.org --staging-domain b.org --home volume",
            1,
            "stacks/earth/ocean.yaml:5: hubs.prod.domain: ocean.example.org is already used by a/prod",
        ),
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
    os.write(ours, b"gitlab\ngithub\nreef-lab other:team\nreef.example.org\nvolume\n")
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "How people log in" in errors
    assert "'gitlab' is not one of" in errors
    assert out.startswith("Created stacks/earth/reef.yaml.\n")
    written = yaml.safe_load((repository.root / "stacks/earth/reef.yaml").read_text())
    assert written["auth"]["allow"] == ["reef-lab", "other:team"]


def test_all_kinds_can_be_chosen() -> None:
    types = {param.name: param.type for group in (new.cluster, new.community) for param in group.params}
    registries = [get_args(kind.model_fields["type"].annotation)[0] for kind in get_args(get_args(Registry)[0])]
    assert list(types["registry"].choices) == registries  # type: ignore[attr-defined]
    logins = [get_args(kind.model_fields["type"].annotation)[0] for kind in get_args(get_args(AnyAuth)[0])]
    assert sorted(types["auth"].choices) == sorted(logins)  # type: ignore[attr-defined]
    assert set(new.NEEDED) == set(registries)
