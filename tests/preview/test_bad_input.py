"""A mistake in a file gives one line with file and line number, exit code 1, and neither a traceback nor a secret."""

from __future__ import annotations

import pytest

from hubs.cli import run
from tests.preview.project import Project
from tests.repository import Repository

STACK = "stacks/Pulumi.earth.yaml"
OCEAN = "stacks/earth/ocean.yaml"
PROD = "prod: {domain: ocean.example.org}"
MARKER = "marker-of-a-secret"

MISTAKES = {
    "unknown key": (OCEAN, "display_name:", "displayname: x\ndisplay_name:", f"{OCEAN}:1: displayname: unknown key"),
    "wrong type": (OCEAN, "admins: [ada]", "admins: ada", f"{OCEAN}:2: auth.admins: must be a list"),
    "same domain": (
        OCEAN,
        PROD,
        "prod: {domain: staging.ocean.example.org}",
        f"{OCEAN}:5: hubs.prod.domain: staging.ocean.example.org is already used by ocean/staging",
    ),
    "same namespace": (
        OCEAN,
        PROD,
        "prod: {domain: ocean.example.org, namespace: ocean-staging}",
        f"{OCEAN}:5: hubs.prod.namespace: ocean-staging is already used by ocean/staging",
    ),
    "namespace that Kubernetes refuses": (
        OCEAN,
        PROD,
        "prod: {domain: ocean.example.org, namespace: Ocean_Prod}",
        f"{OCEAN}:5: namespace: must be a Kubernetes name",
    ),
    "domain that Kubernetes refuses": (
        OCEAN,
        PROD,
        "prod: {domain: ocean_prod.example.org}",
        f"{OCEAN}:5: domain: must be a host name",
    ),
    "hub's name that Kubernetes refuses": (OCEAN, "prod:", "Prod:", f"{OCEAN}:5: hubs.Prod: must be lower-case"),
    "image without a tag": (
        OCEAN,
        PROD,
        "prod: {domain: ocean.example.org, image: quay.io/jupyter/scipy-notebook}",
        f"{OCEAN}:5: image: must be an image with a tag",
    ),
    "YAML that does not parse": (OCEAN, PROD, "prod: {domain: ocean", f"{OCEAN}:6: is not valid YAML: "),
    "duplicated key": (
        OCEAN,
        "hubs:",
        "display_name: Again\nhubs:",
        f"{OCEAN}:3: display_name: duplicate key; first defined on line 1",
    ),
    "anchor that recurses": (
        OCEAN,
        "hubs:",
        "profiles: &a [*a]\nhubs:",
        f"{OCEAN}:3: an anchor must not contain itself",
    ),
    "dummy without demonstration": (
        OCEAN,
        PROD,
        "prod: {domain: ocean.example.org, auth: {type: dummy}}",
        f"{OCEAN}:5: ocean/prod: auth.type: dummy lets anyone log in",
    ),
    "secret in plain text": (
        STACK,
        'password: {secure: "v1:cipher"}',
        f"password: {MARKER}",
        f"{STACK}:7: imagebuilding:secrets.registry.password: is in plain text",
    ),
    "number as a secret": (
        STACK,
        'password: {secure: "v1:cipher"}',
        "password: 987654321",
        f"{STACK}:7: imagebuilding:secrets.registry.password: is in plain text",
    ),
    "tab": (OCEAN, "hubs:", "hubs:\n\tx: 1", f"{OCEAN}:4: is not valid YAML: "),
    "stack's YAML that does not parse": (STACK, "config:", "config: {", f"{STACK}:3: is not valid YAML: "),
    "stack without config": (STACK, "config:", "konfig:", f"{STACK}:1: config: is missing"),
    "chart that is not there": (
        OCEAN,
        PROD,
        "prod: {domain: ocean.example.org, charts: {jupyterhub: {archive: no.tgz}}}",
        f"{OCEAN}:5: ocean/prod: charts.jupyterhub.archive: no.tgz does not exist",
    ),
}


def check(code: int, captured: str, errors: str, expected: str, rest: str = "") -> None:
    """Compare the result of a command. `rest`: a hub that has no mistake, which is all that the command may show."""
    lines = errors.splitlines()
    assert code == 1
    assert rest in captured if rest and captured else captured == ""
    assert "\nocean/prod\n" not in captured
    assert len(lines) == 1 and lines[0].startswith(expected), errors
    assert MARKER not in errors


@pytest.mark.parametrize(
    "command",
    [["plan", "earth", "--json"], ["values", "earth", "ocean/prod"], ["plan", "earth"]],
    ids=["json", "values", "text"],
)
@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(
    repository: Repository,
    capsys: pytest.CaptureFixture[str],
    name: str,
    command: list[str],
) -> None:
    path, old, new, expected = MISTAKES[name]
    repository.stack("client_id:", f"password: {{secure: 'v1:{MARKER}'}}, client_id:")
    repository.replace(path, old, new)
    code = run(command, repository.root)
    check(code, *capsys.readouterr(), expected, "ocean-staging" if "--json" in command else "ocean/staging")


def test_missing_secret(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repository.stack(', client_secret: {secure: "v1:cipher"}', "")
    repository.replace(OCEAN, "  staging: {domain: staging.ocean.example.org}\n", "")
    expected = f"{OCEAN}:4: ocean/prod: auth.client_secret is not set: register a client with"
    for command in ("check", "up"):
        check(run([command, "earth"], repository.root), *capsys.readouterr(), expected)
    assert run(["plan", "earth"], repository.root) == 0
    assert f"\n- {OCEAN}:4: ocean/prod: auth.client_secret is not set\n" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n"])
def test_empty_file(repository: Repository, capsys: pytest.CaptureFixture[str], text: str) -> None:
    repository.write("stacks/earth/pond.yaml", text)
    code = run(["plan", "earth"], repository.root)
    out, errors = capsys.readouterr()
    check(code, "", errors, "stacks/earth/pond.yaml:1: hubs: is missing")
    assert "ocean/prod" in out


def test_stack_without_communities(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    (repository.root / OCEAN).unlink()
    repository.stack(
        '    ocean: {auth: {client_id: {secure: "v1:cipher"}, client_secret: {secure: "v1:cipher"}}}\n', ""
    )
    expected = "stacks/earth/: has no community: add one with `hubs new community NAME --cluster earth`"
    for command in ("check", "up"):
        check(run([command, "earth"], repository.root), *capsys.readouterr(), expected)
    assert run(["plan", "earth"], repository.root) == 0
    assert f"\n- {expected}\n" in capsys.readouterr().out.replace("\n  ", " ")


def test_no_such_stack(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "mars"], repository.root) == 2
    assert capsys.readouterr().err == "hubs plan: there is no stack 'mars'; there are: earth\n"


def test_no_such_hub(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["values", "earth", "ocean/xyz"], repository.root) == 2
    assert capsys.readouterr().err == "earth has no hub 'ocean/xyz'; did you mean ocean/prod?\n"


@pytest.mark.parametrize("name", ["../earth", "/etc/passwd", "earth\n", "", ".", "a" * 300])
def test_odd_names_of_stacks(repository: Repository, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["plan", "--", name], repository.root) == 2
    out, errors = capsys.readouterr()
    assert (out, errors.count("\n")) == ("", 1)
    assert len(errors) < 200


def test_two_mistakes_are_two_lines(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repository.replace(OCEAN, "admins: [ada]", "admins: ada")
    repository.replace(OCEAN, PROD, "prod: {}")
    assert run(["plan", "earth"], repository.root) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{OCEAN}:2: auth.admins: must be a list",
        f"{OCEAN}:5: domain: is missing",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "image: quay.io/ocean/image:2026-01",
            "image: quay.io/ocean/image",
            f"{OCEAN}:4: image: must be an image with a tag",
        ),
        ("image: quay.io/ocean/image:2026-01", "image: &a [*a]", f"{OCEAN}:4: an anchor must not contain itself"),
        ("image: quay.io/ocean/image:2026-01", "a: " + "[" * 30_000, f"{OCEAN}:4: is nested more than 60 levels deep"),
    ],
    ids=["image without a tag", "anchor that recurses", "nesting"],
)
def test_as_a_process(project: Project, old: str, new: str, expected: str) -> None:
    project.replace(OCEAN, old, new)
    result = project.hubs("plan", "earth")
    check(result.returncode, result.stdout, result.stderr, expected)


def test_help_needs_no_stack(project: Project) -> None:
    result = project.hubs("plan", "--help")
    assert result.returncode == 0
    assert "Example: hubs plan earth" in result.stdout


SHAPES = {
    "singleuser: {profileList: {a: 1}}": "values.jupyterhub.singleuser.profileList: must be a list",
    "custom: null": "values.jupyterhub.custom: can't be removed: the chart needs it",
    "singleuser: 5": "values.jupyterhub.singleuser: must be a mapping of keys to values",
    "singleuser: [5]": "values.jupyterhub.singleuser: must be a mapping of keys to values",
    "singleuser: {storage: 5}": "values.jupyterhub.singleuser.storage: must be a mapping of keys to values",
    "singleuser: {profileList: 5}": "values.jupyterhub.singleuser.profileList: must be a list",
    "custom: 5": "values.jupyterhub.custom: must be a mapping of keys to values",
    "ingress: 5": "values.jupyterhub.ingress: must be a mapping of keys to values",
    "hub: {extraConfig: text}": "values.jupyterhub.hub.extraConfig: must be a mapping of keys to values",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("command", [["plan", "earth"], ["values", "earth", "ocean/prod"]], ids=["plan", "values"])
def test_values_of_another_shape(
    repository: Repository, capsys: pytest.CaptureFixture[str], shape: str, command: list[str]
) -> None:
    repository.replace(OCEAN, "  prod: {", f"  prod: {{values: {{jupyterhub: {{{shape}}}}}, ")
    code = run(command, repository.root)
    check(code, *capsys.readouterr(), f"{OCEAN}:5: ocean/prod: {SHAPES[shape]}", "ocean/staging")


@pytest.mark.parametrize(
    "values",
    [
        "singleuser: {profileList: [5, {profile_options: 5}, {profile_options: {a: {choices: 5}}}]}",
        "singleuser: {profileList: [{a: null}], storage: null}",
        "hub: {extraEnv: [{name: A, value: b}]}",
    ],
)
def test_values_that_only_the_chart_can_judge(
    repository: Repository, capsys: pytest.CaptureFixture[str], values: str
) -> None:
    repository.replace(OCEAN, "  prod: {", f"  prod: {{environment: {{C: d}}, values: {{jupyterhub: {{{values}}}}}, ")
    for command in (["plan", "earth", "-v"], ["values", "earth", "ocean/prod"]):
        assert run(command, repository.root) == 0
        assert capsys.readouterr().err == ""
