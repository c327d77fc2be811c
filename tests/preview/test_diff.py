"""``python -m preview diff`` on real git histories."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.preview.project import Project

pytestmark = pytest.mark.usefixtures("helm")

OCEAN, STACK = "stacks/earth/ocean.yaml", "stacks/Pulumi.earth.yaml"


def difference(project: Project, *arguments: str) -> dict[str, Any]:
    done = project.preview("diff", "earth", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    (stack,) = json.loads(done.stdout)
    assert isinstance(stack, dict)
    return stack


def text(project: Project, *arguments: str) -> str:
    done = project.preview("diff", "earth", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def values(stack: dict[str, Any], hub: str, release: str) -> dict[str, tuple[Any, Any]]:
    (found,) = [h for h in stack["hubs"] if h["name"] == hub]
    (part,) = [r for r in found["releases"] if r["name"] == release]
    return {change["path"]: (change.get("old"), change.get("new")) for change in part["values"]}


def objects(stack: dict[str, Any], release: str) -> dict[str, dict[str, Any]]:
    (part,) = [r for h in stack["hubs"] for r in h["releases"] if r["name"] == release]
    return {f"{change['kind']} {change['name']}": change for change in part["objects"]}


def test_nothing(project: Project) -> None:
    assert text(project) == "earth: nothing changes\n"
    assert project.preview("diff", "earth", "--exit-code").returncode == 0


def test_one_leaf_and_nothing_else(project: Project) -> None:
    project.replace(OCEAN, "ocean/image:2026-01", "ocean/image:2026-02")
    found = difference(project)
    assert found["summary"] == "2 hubs change, 2 pod templates change: hub restarts (in 2 releases)"
    assert found["dangers"] == []
    for hub in ("ocean-prod", "ocean-staging"):
        assert values(found, hub, hub) == {"singleuser.image.tag": ("2026-01", "2026-02")}
    changed = objects(found, "ocean-prod")
    assert set(changed) == {"Secret hub", "Deployment hub"}
    assert changed["Secret hub"]["changes"] == []  # the same leaf as in the values, told once
    assert changed["Secret hub"]["values_repeated"] == 1
    assert changed["Deployment hub"]["restarts"]
    assert project.preview("diff", "earth", "--exit-code").returncode == 1


def test_hubs_that_change_alike_are_told_once(project: Project) -> None:
    project.replace(OCEAN, "ocean/image:2026-01", "ocean/image:2026-02")
    said = text(project)
    assert said.count("2026-01 → 2026-02") == 1
    assert "\nocean-prod, ocean-staging\n" in said


def test_dangers_are_named_and_come_first(project: Project) -> None:
    project.replace(OCEAN, '["ocean-org:hub-users"]', '["ocean-org:hub-users", evil-org]')
    project.replace(OCEAN, "admins: [ada]", "admins: [ada, mallory]")
    project.replace(OCEAN, "prod: {domain: ocean.example.org}", "prod: {domain: hub.example.org}")
    project.replace(OCEAN, "server: 10.0.0.7", "server: 10.0.0.8")
    lines = text(project).splitlines()
    dangers = [line for line in lines if line.startswith("! ")]
    assert lines[1 : 1 + len(dangers)] == dangers
    for words in (
        "the allow list is wider: hub.config.GitHubOAuthenticator.allowed_organizations: + evil-org",
        'administrators change: hub.config.Authenticator.admin_users: ["ada"] → ["ada", "mallory"]',
        'ocean-prod: the domain changes: ["ocean.example.org"] → ["hub.example.org"]',
        "home directories move: 10.0.0.7:/export/ocean → 10.0.0.8:/export/ocean",
    ):
        assert any(words in line for line in dangers), words
    assert lines[0].startswith(f"earth: {len(dangers)} dangers, 2 hubs change")


def test_narrower_lists_are_no_danger(project: Project) -> None:
    project.replace(OCEAN, '["ocean-org:hub-users"]', '["ocean-org:hub-users", other-org]')
    project.commit()
    project.replace(OCEAN, ", other-org]", "]")
    assert difference(project, "--base", "HEAD")["dangers"] == []


def test_another_authenticator(project: Project) -> None:
    project.replace(
        OCEAN,
        '{type: github, allow: ["ocean-org:hub-users"], admins: [ada]}',
        "{type: google, allow: [ocean.org], admins: [ada]}",
    )
    dangers = " ".join(difference(project)["dangers"])
    assert "the authenticator changes: github → google" in dangers
    assert "an allow list is gone: hub.config.GitHubOAuthenticator.allowed_organizations" in dangers


def test_a_removed_hub(project: Project) -> None:
    project.replace(OCEAN, "  staging: {domain: staging.ocean.example.org}\n", "")
    found = difference(project)
    assert found["summary"].startswith(
        "2 dangers, 1 hub is removed, 1 namespace would be removed from the config (kept)"
    )
    deleted, kept = found["dangers"]
    assert "Release ocean-staging" in deleted
    assert "deleted" in deleted
    assert "Namespace ocean-staging" in kept
    (hub,) = found["hubs"]
    assert {r["name"]: r["kept"] for r in hub["resources"] if r["type"].endswith(":Namespace")} == {
        "ocean-staging": True
    }


def test_a_removed_hub_that_was_let_go(project: Project) -> None:
    project.replace(OCEAN, "staging.ocean.example.org}", "staging.ocean.example.org, decommission: true}")
    project.commit()
    project.replace(OCEAN, "  staging: {domain: staging.ocean.example.org, decommission: true}\n", "")
    found = difference(project, "--base", "HEAD")
    assert "1 namespace would be deleted" in found["summary"]
    assert any("Namespace ocean-staging" in danger and "deleted" in danger for danger in found["dangers"])


def test_a_new_hub(project: Project) -> None:
    project.write(
        OCEAN,
        (project.root / OCEAN).read_text() + "  test: {domain: test.ocean.example.org, auth: {allow_all: true}}\n",
    )
    found = difference(project)
    assert "1 hub is added" in found["summary"]
    assert found["dangers"] == ["ocean-test: everyone with an account may log in: hub.config.Authenticator.allow_all"]
    (hub,) = found["hubs"]
    assert hub["action"] == "added"
    assert {r["name"] for r in hub["releases"]} == {"ocean-test", "ocean-test-binderhub"}
    assert "Deployment hub" in objects(found, "ocean-test")


def test_a_new_hub_whose_values_the_chart_refuses(project: Project) -> None:
    project.write(
        OCEAN,
        (project.root / OCEAN).read_text()
        + "  test: {domain: test.ocean.example.org, values: {jupyterhub: {hub: {baseUrl: 5}}}}\n",
    )
    found = difference(project)
    assert "1 release could not be rendered" in found["summary"]
    (problem,) = [r["problem"] for h in found["hubs"] for r in h["releases"] if r["problem"]]
    assert "baseUrl" in problem


def test_a_new_stack_and_a_removed_one(project: Project) -> None:
    base = project.commit()
    for path in (STACK, OCEAN):
        new = (project.root / path).read_text().replace("earth", "mars")
        project.write(path.replace("earth", "mars"), new)
    head = project.commit()
    done = project.preview("diff", "mars", "--base", base, "--head", head)
    assert "2 hubs are added" in done.stdout, done.stderr
    done = project.preview("diff", "mars", "--base", head, "--head", base)
    assert "2 hubs are removed" in done.stdout, done.stderr
    done = project.preview("diff", "--all", "--base", base, "--head", head)
    assert "mars: 2 hubs are added" in done.stdout, done.stderr
    assert "earth" not in done.stdout


def test_a_secret_is_told_from_its_ciphertext(project: Project) -> None:
    project.replace(STACK, "v1:secret:aaaa", "v1:secret:bbbb")
    found = difference(project)
    assert "1 secret changed" in found["summary"]
    assert values(found, "ocean-prod", "ocean-prod") == {
        "hub.config.GitHubOAuthenticator.client_secret": (None, "[secret changed]")
    }
    assert objects(found, "ocean-prod")["Deployment hub"]["restarts"]
    said = text(project)
    assert "client_secret: [secret changed]" in said
    assert "v1:secret" not in said


def test_a_registry_password_reaches_all_three_places(project: Project) -> None:
    project.replace(STACK, "v1:registry:aaaa", "v1:registry:bbbb")
    found = difference(project)
    assert set(values(found, "ocean-prod", "ocean-prod")) == {"imagePullSecret.password"}
    assert set(values(found, "ocean-prod", "ocean-prod-binderhub")) == {
        "buildPodsRegistryCredentials.password",
        "config.DockerRegistry.password",
    }
    pulled = objects(found, "ocean-prod")["Secret image-pull-secret"]["changes"]
    assert [change["new"] for change in pulled] == ["[secret changed]"]


def test_a_new_passphrase_is_not_taken_for_new_secrets(project: Project) -> None:
    project.replace(STACK, "v1:c2FsdA==", "v1:b3RoZXI=")
    for name in ("id", "secret", "registry"):
        project.replace(STACK, f"v1:{name}:aaaa", f"v1:{name}:bbbb")
    found = difference(project)
    assert "encrypted again" in found["summary"]
    assert found["hubs"] == []


def test_another_chart_version_is_counted(project: Project) -> None:
    project.replace("charts/jupyterhub/Chart.yaml", "version: 4.3.3", "version: 5.0.0")
    project.replace(
        "charts/jupyterhub/templates/proxy.yaml", "configurable-http-proxy:4.6.3", "configurable-http-proxy:5.0.0"
    )
    found = difference(project)
    assert "ocean-prod, ocean-staging: chart jupyterhub: a new major version, 4.3.3 → 5.0.0" in found["dangers"]
    said = text(project)
    assert "(jupyterhub 4.3.3 → 5.0.0)" in said
    assert "the new version touches 8 objects, 6 of them only in the labels that name the version" in said
    assert said.count("helm.sh/chart") == 0
    assert "proxy restarts" in found["summary"]


def test_each_revision_runs_its_own_code(project: Project) -> None:
    base = project.commit()
    project.replace("values/hub.py", "def hub_values(", "TIMEOUT = 1\n\n\ndef hub_values(")
    project.replace(
        "settings/hub.py",
        'default_url: Annotated[str, matching(r"/\\S*", "a path such as /lab, /rstudio or /tree")] = "/lab"',
        'default_url: str = "/tree"',
    )
    head = project.commit()
    found = difference(project, "--base", base, "--head", head)
    assert values(found, "ocean-prod", "ocean-prod")["singleuser.defaultUrl"] == ("/lab", "/tree")
    backwards = difference(project, "--base", head, "--head", base)
    assert values(backwards, "ocean-prod", "ocean-prod")["singleuser.defaultUrl"] == ("/tree", "/lab")


def test_default_base_is_where_the_branch_left_main(project: Project) -> None:
    project.git("checkout", "--quiet", "-b", "topic")
    project.replace(OCEAN, "2026-01", "2026-02")
    project.commit()
    project.git("checkout", "--quiet", "main")
    project.replace(OCEAN, "admins: [ada]", "admins: [ada, grace]")
    project.commit()
    project.git("checkout", "--quiet", "topic")
    found = difference(project)
    assert found["dangers"] == []
    assert set(values(found, "ocean-prod", "ocean-prod")) == {"singleuser.image.tag"}


def test_config_that_does_not_load_names_the_revision(project: Project) -> None:
    project.replace(OCEAN, "image:", "imgae:")
    broken = project.commit()
    project.replace(OCEAN, "imgae:", "image:")
    project.commit()
    done = project.preview("diff", "earth", "--base", broken)
    assert done.returncode == 1
    assert done.stderr.startswith(f"earth: {broken}: stacks/earth/ocean.yaml:4")
    assert len(done.stderr.splitlines()) == 1
    assert project.preview("diff", "earth", "--base", broken, "--exit-code").returncode == 128


@pytest.mark.parametrize("revision", ["nowhere", "--help", "; touch /tmp/pwned", "HEAD~1000"])
def test_no_such_revision(project: Project, revision: str) -> None:
    done = project.preview("diff", "earth", f"--base={revision}")
    assert done.returncode == 1
    assert done.stderr == f"revision {revision!r} is not in this repository\n"


def test_no_such_stack(project: Project) -> None:
    done = project.preview("diff", "pluto")
    assert done.returncode == 1
    assert done.stderr == "there is no stack 'pluto' in either revision, only earth\n"


def test_one_broken_stack_does_not_hide_the_others(project: Project) -> None:
    for path in (STACK, OCEAN):
        project.write(path.replace("earth", "mars"), (project.root / path).read_text().replace("earth", "mars"))
    project.commit()
    project.replace(OCEAN, "image:", "imgae:")
    project.replace("stacks/mars/ocean.yaml", "2026-01", "2026-02")
    done = project.preview("diff", "--all", "--base", "HEAD")
    assert done.returncode == 1
    assert "mars: 2 hubs change" in done.stdout
    assert "earth: the working tree: stacks/earth/ocean.yaml:4" in done.stderr


def test_the_tree_of_the_person_is_never_touched(project: Project) -> None:
    base = project.commit()
    project.replace(OCEAN, "2026-01", "2026-02")
    project.git("add", OCEAN)
    project.write("untracked", "mine")
    before = (project.git("status", "--porcelain"), project.git("stash", "list"), project.git("branch", "--all"))
    text(project, "--base", base)
    assert before == (
        project.git("status", "--porcelain"),
        project.git("stash", "list"),
        project.git("branch", "--all"),
    )
    assert len(project.git("worktree", "list").splitlines()) == 1


def test_without_a_chart_the_values_are_still_compared(project: Project) -> None:
    project.replace(STACK, "archive: charts/jupyterhub, repository: null", "repository: 'http://127.0.0.1:9/'")
    project.commit()
    project.replace(OCEAN, "2026-01", "2026-02")
    found = difference(project, "--base", "HEAD")
    assert values(found, "ocean-prod", "ocean-prod") == {"singleuser.image.tag": ("2026-01", "2026-02")}
    assert "2 releases could not be rendered" in found["summary"]


def test_a_project_inside_a_larger_repository(project: Project, tmp_path: Path) -> None:
    (project.root / ".git").rename(tmp_path / ".git")
    whole = Project(tmp_path, project.cache)
    whole.commit()
    project.replace(OCEAN, "2026-01", "2026-02")
    done = project.preview("diff", "--all", "--base", "HEAD")
    assert "earth: 2 hubs change" in done.stdout, done.stderr


def test_who_is_offered_a_profile(project: Project) -> None:
    profile = "profiles: [{display_name: GPU, slug: gpu, allowed_groups: [GROUPS], images: {a: 'a/b:c'}}]\nhubs:"
    project.replace(OCEAN, "hubs:", profile.replace("GROUPS", "'ocean-org:gpu', 'ocean-org:staff'"))
    assert difference(project)["dangers"] == []  # a new profile is not more than there was
    project.commit()
    project.replace(OCEAN, ", 'ocean-org:staff'", "")
    assert difference(project, "--base", "HEAD")["dangers"] == []
    project.commit()
    project.replace(OCEAN, "allowed_groups: ['ocean-org:gpu'], ", "")
    (danger,) = difference(project, "--base", "HEAD")["dangers"]
    assert "more people are offered a profile: singleuser.profileList[gpu].allowed_groups" in danger


def test_code_and_roles(project: Project) -> None:
    project.replace(
        OCEAN,
        "hubs:",
        "roles: {user: ['read:users']}\nvalues: {jupyterhub: {hub: {extraConfig: {x: 'c.X.y = 1'}}}}\nhubs:",
    )
    said = " ".join(difference(project)["dangers"])
    assert "code that runs in the hub's own pods is added: hub.extraConfig.x" in said
    assert "a role gets more: hub.loadRoles.user.scopes: + read:users" in said


def test_a_value_that_replaces_a_charts_default_is_told_once(project: Project) -> None:
    project.replace(OCEAN, "hubs:", "values: {jupyterhub: {singleuser: {storage: {capacity: 20Gi}}}}\nhubs:")
    assert objects(difference(project), "ocean-prod")["Secret hub"]["changes"] == []
