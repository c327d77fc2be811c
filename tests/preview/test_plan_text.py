"""The text of a plan: what to do first, then a paragraph for each hub, in 80 columns."""

from __future__ import annotations

import pytest

from hubs.cli import run
from hubs.preview.paragraph import homes, login
from hubs.preview.plan_text import WIDTH
from hubs.settings.hub import Hub
from tests.repository import OCEAN, Repository
from tests.settings.test_todo import QUAY, REGISTRIES, update_errors, without_secrets
from tests.values.test_schemas import AUTH, HOME

COMMUNITY = "stacks/earth/ocean.yaml"


def plan(repository: Repository, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert run(["plan", "earth", *options], repository.root) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


@pytest.mark.parametrize("registry", REGISTRIES)
@pytest.mark.parametrize("auth", AUTH)
def test_every_preview_says_what_to_do_and_shows_its_result(
    repository: Repository, capsys: pytest.CaptureFixture[str], auth: str, registry: str
) -> None:
    if registry != "quay" and auth != "github":
        pytest.skip("each registry with one login, each login with one registry")
    without_secrets(repository, AUTH[auth], REGISTRIES[registry])
    commands = {command for item in repository.load().todo for command in item.commands}
    out = plan(repository, capsys)
    assert commands <= {line.strip() for line in out.splitlines()}
    assert out.index("To do before an update:") < out.index("\nocean/staging\n") < out.index("\nocean/prod\n")
    for words in (
        ["plan", "earth", "--json"],
        ["values", "earth", "ocean/prod"],
        ["where", "earth", "ocean/prod", "domain"],
    ):
        assert run(words, repository.root) == 0
        out, err = capsys.readouterr()
        assert out
        assert err.splitlines() == [
            f"to do: {item}" for item in repository.load().todo if "--json" in words or "ocean/prod" in item.hubs
        ]
    for command in ("up", "preview", "check"):
        assert run([command, "earth"], repository.root) == 1
        assert capsys.readouterr().err.splitlines() == update_errors(repository)


@pytest.mark.parametrize("auth", AUTH)
def test_only_what_can_be_copied_is_wider_than_a_terminal(
    repository: Repository, capsys: pytest.CaptureFixture[str], auth: str
) -> None:
    without_secrets(repository, AUTH[auth], QUAY)
    for line in plan(repository, capsys).splitlines():
        words = line.split()
        assert len(line) <= WIDTH or words[0] in ("pulumi", "kubectl") or len(words) == 1, line


@pytest.mark.parametrize("auth", AUTH)
def test_only_logins_that_have_a_callback_show_one(
    repository: Repository, capsys: pytest.CaptureFixture[str], auth: str
) -> None:
    without_secrets(repository, AUTH[auth], QUAY)
    out = plan(repository, capsys)
    assert ("oauth_callback" in out) == (auth not in ("dummy", "shared-password"))


WHO = {
    "github": ["GitHub: org:team, org, user ada", "admins: ada"],
    "github for all": ["GitHub: everyone with an account"],
    "cilogon": ["CILogon: everyone at idp.example.edu, b.example.edu at b.example.edu"],
    "google": ["Google: example.org"],
    "oidc": ["a.example.org: group people", "admins: group staff"],
    "shared-password": [
        "any user name, with the password that everyone shares; admins have another one",
        "admins: ada",
    ],
    "dummy": ["any user name, with the same password"],
}


@pytest.mark.parametrize("auth", AUTH)
def test_who_may_log_in(repository: Repository, auth: str) -> None:
    without_secrets(repository, AUTH[auth], QUAY)
    stack = repository.load()
    assert list(login(stack, stack.hubs[0])) == WHO[auth]


def test_operators_and_long_lists(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, operators: {github: {allow: ['earth:ops'], admins: [kim]}}}")
    repository.ocean(OCEAN.replace('["ocean-org:hub-users"]', "[a, b, c, d, e]"))
    stack = repository.load()
    assert list(login(stack, stack.hubs[0])) == ["GitHub: a, b, c, d, and 2 more", "admins: ada, kim"]
    repository.ocean(OCEAN.replace('allow: ["ocean-org:hub-users"]', "users: []"))
    repository.stack("allow: ['earth:ops'], ", "")
    stack = repository.load()
    assert next(login(stack, stack.hubs[0])) == "GitHub: admins only"


PLACES = {
    "volume": "a volume of 5Gi for each user",
    "nfs": "NFS share 10.0.0.7:/export",
    "disk": "disk vol-1, 5 GiB for each user",
    "none": "none: files are deleted when a server stops",
}


@pytest.mark.parametrize("home", HOME)
def test_where_files_are(repository: Repository, home: str) -> None:
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.replace(COMMUNITY, "  prod: {", f"  prod: {{home: {HOME[home]}, ")
    hub: Hub = repository.hub()
    assert homes(hub.home) == PLACES[home]


@pytest.mark.parametrize(
    ("cluster", "values", "address"),
    [
        ("", "", "no ingress; once it is deployed, http://localhost:8080/ with"),
        (", ingress: {class_name: nginx}", "", "https://ocean.example.org/"),
        ("", "ingress: {enabled: true, hosts: [ocean.example.org]}", "https://ocean.example.org/"),
        (
            ", ingress: {class_name: nginx}",
            "ingress: {enabled: false}",
            "no ingress; once it is deployed, http://localhost:8080/ with",
        ),
    ],
)
def test_how_people_reach_it(
    repository: Repository, capsys: pytest.CaptureFixture[str], cluster: str, values: str, address: str
) -> None:
    repository.stack("{name: earth}", f"{{name: earth{cluster}}}")
    repository.replace(COMMUNITY, "  prod: {", f"  prod: {{values: {{jupyterhub: {{{values}}}}}, ")
    out = plan(repository, capsys).partition("\nocean/prod\n")[2]
    assert out.splitlines()[0] == f"  address   {address}"
    assert ("kubectl --context earth port-forward -n ocean-prod service/proxy-public 8080:80" in out) == (
        "no ingress" in out
    )


def test_resources_are_listed_on_request_only(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    short, long = plan(repository, capsys), plan(repository, capsys, "-v")
    assert long.startswith(short)
    assert "RandomBytes" in long
    assert "RandomBytes" not in short


def test_many_hubs_take_few_lines_each(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    hubs = "".join(f"  h{number}: {{domain: h{number}.example.org}}\n" for number in range(80))
    repository.ocean(OCEAN.partition("  staging")[0] + hubs)
    out = plan(repository, capsys)
    assert out.count("\n") < 80 * 10
