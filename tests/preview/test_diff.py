"""`hubs diff` on real git histories."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from hubs.preview.diff.report import VERSION
from tests.preview.project import Project

pytestmark = pytest.mark.usefixtures("helm")

OCEAN, STACK = "stacks/earth/ocean.yaml", "stacks/Pulumi.earth.yaml"


def difference(project: Project, *arguments: str) -> dict[str, Any]:
    """Return the JSON report on the stack, with its `dangers` and its `summary` as text."""
    done = project.hubs("diff", "earth", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["version"] == VERSION
    (stack,) = report["stacks"]
    assert isinstance(stack, dict)
    entries = [entry for entry in stack["judgements"] if entry["level"] == "dangerous"]
    lines = [f"{headline['hubs']}: {headline['text']}" for headline in stack["headlines"]]
    found = {
        "dangers": [f"{entry['where']}: {entry['sentence']}".removeprefix(": ") for entry in entries],
        "summary": "; ".join([*lines, stack["counts"]]),
    }
    return stack | found


def text(project: Project, *arguments: str) -> str:
    done = project.hubs("diff", "earth", *arguments)
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
    assert project.hubs("diff", "earth", "--exit-code").returncode == 0


def test_one_leaf_and_nothing_else(project: Project) -> None:
    project.replace(OCEAN, "ocean/image:2026-01", "ocean/image:2026-02")
    found = difference(project)
    (headline,) = found["headlines"]
    assert headline["hubs"] == "ocean (staging, prod)"
    assert "quay.io/ocean/image:2026-01 → " in headline["text"]
    assert headline["text"].endswith(" · hub restarts (about a minute, running servers go on)")
    assert found["class"] == headline["level"] == "routine"
    assert found["counts"] == "2 hubs change"
    assert found["dangers"] == []
    for hub in ("ocean-prod", "ocean-staging"):
        assert values(found, hub.replace("-", "/"), hub) == {"singleuser.image.tag": ("2026-01", "2026-02")}
    changed = objects(found, "ocean-prod")
    assert set(changed) == {"Secret hub", "Deployment hub"}
    assert changed["Secret hub"]["changes"] == []  # it repeats a leaf of the values, which is listed once
    assert changed["Secret hub"]["values_repeated"] == 1
    assert changed["Deployment hub"]["restarts"]
    assert project.hubs("diff", "earth", "--exit-code").returncode == 1


def test_hubs_that_change_alike_are_told_once(project: Project) -> None:
    project.replace(OCEAN, "ocean/image:2026-01", "ocean/image:2026-02")
    said = text(project)
    assert said.count("-      singleuser.image.tag: 2026-01\n+      singleuser.image.tag: 2026-02\n") == 1
    assert "\nocean (staging, prod)\n" in said


def test_dangers_are_named_and_come_first(project: Project) -> None:
    project.replace(OCEAN, '["ocean-org:hub-users"]', '["ocean-org:hub-users", evil-org]')
    project.replace(OCEAN, "admins: [ada]", "admins: [ada, mallory]")
    project.replace(OCEAN, "prod: {domain: ocean.example.org}", "prod: {domain: hub.example.org}")
    project.replace(OCEAN, "server: 10.0.0.7", "server: 10.0.0.8")
    lines = text(project).splitlines()
    dangers = [line for line in lines if line.startswith("! ")]
    others = [number for number, line in enumerate(lines) if line.startswith("Routine: ") or "chart values" in line]
    assert all(lines.index(danger) < min(others) for danger in dangers)
    for words in (
        "people of evil-org may log in now",
        "mallory is an administrator now: they see and stop all servers",
        "ocean (prod): domain: ocean.example.org → hub.example.org",
        "home directories move: 10.0.0.7:/export/ocean → 10.0.0.8:/export/ocean",
    ):
        assert any(words in line for line in dangers), words
    assert lines[0].startswith("earth: dangerous · ocean (staging, prod): ")


def test_narrower_lists_are_no_danger(project: Project) -> None:
    project.replace(OCEAN, '["ocean-org:hub-users"]', '["ocean-org:hub-users", other-org]')
    project.commit()
    project.replace(OCEAN, ", other-org]", "]")
    assert difference(project, "--base", "HEAD")["dangers"] == []


def test_addresses_opened_to_builds_are_a_danger(project: Project) -> None:
    opened = "cluster: {name: earth, build_egress: [{cidr: 10.20.0.5, ports: [8081]}], "
    project.stack("cluster: {name: earth, ", opened)
    found = difference(project)["dangers"]
    assert found == ["builds may reach 10.20.0.5/32 (port 8081) now"], (
        "the policies that follow from it are not repeated"
    )
    project.commit()
    project.stack(opened, "cluster: {name: earth, ")
    assert difference(project, "--base", "HEAD")["dangers"] == []


def test_a_policy_that_is_removed_or_added(project: Project) -> None:
    policies = "for policy, spec in build_policies(stack).items()"
    assert policies in (project.root / "components/hub.py").read_text()
    project.replace("components/hub.py", policies, "for policy, spec in list(build_policies(stack).items())[1:]")
    assert [line.partition(": ")[2] for line in difference(project)["dangers"]] == [
        "network policies: builds accept connections from every address: no network policy limits them any more",
        "network policies: builds may reach every address: no network policy limits them any more, with the cloud's"
        " metadata server: they can get the credentials of their node",
    ]
    project.commit()
    project.git("checkout", "--quiet", "HEAD~1", "--", "components/hub.py")
    said = text(project, "--base", "HEAD")
    assert "+ NetworkPolicy HUB-imagebuilding-builds\n" in said
    assert "+    spec:\n" in said
    assert "cidr: 0.0.0.0/0" in said, "its content is shown"


def test_another_authenticator(project: Project) -> None:
    project.replace(
        OCEAN,
        '{type: github, allow: ["ocean-org:hub-users"], admins: [ada]}',
        "{type: google, allow: [ocean.org], admins: [ada]}",
    )
    dangers = " ".join(difference(project)["dangers"])
    assert "login provider: github → google: everyone may get another user name" in dangers
    assert "people of ocean-org:hub-users can't log in any more" in dangers


def test_a_removed_hub(project: Project) -> None:
    project.replace(OCEAN, "  staging: {domain: staging.ocean.example.org}\n", "")
    found = difference(project)
    assert found["summary"] == "ocean (staging): the hub is removed; 1 hub removed"
    assert not any("hub_image" in warning for warning in found["warnings"])  # the other hubs had it before
    # The stand-in chart does not use the claim's annotations, so Helm deletes the claim.
    assert found["dangers"] == [
        "ocean (staging): the hub is removed: people can't use it any more, and these are deleted: the data in"
        " PersistentVolumeClaim hub-db-dir; and its pods (2 releases) and its tokens"
    ]
    (hub,) = found["hubs"]
    assert {r["name"]: r["kept"] for r in hub["resources"] if r["type"].endswith(":Namespace")} == {
        "ocean-staging": True
    }


KEPT_CLAIM = "  name: hub-db-dir\n  annotations: {{- toYaml .Values.hub.db.pvc.annotations | nindent 4 }}"


def test_what_helm_keeps_of_a_removed_hub(project: Project) -> None:
    project.replace("charts/jupyterhub/templates/hub.yaml", "  name: hub-db-dir", KEPT_CLAIM)
    project.replace(OCEAN, "staging.ocean.example.org}", "staging.ocean.example.org, home: none}")
    project.commit()
    project.replace(OCEAN, "  staging: {domain: staging.ocean.example.org, home: none}\n", "")
    (deleted,) = difference(project, "--base", "HEAD")["dangers"]
    assert deleted.endswith("these are deleted: its pods (2 releases) and its tokens")


def test_a_claim_that_helm_keeps_is_deleted_with_the_namespace_of_a_decommissioned_hub(project: Project) -> None:
    project.replace("charts/jupyterhub/templates/hub.yaml", "  name: hub-db-dir", KEPT_CLAIM)
    project.replace(OCEAN, "staging.ocean.example.org}", "staging.ocean.example.org, decommission: true}")
    project.commit()
    project.replace(OCEAN, "  staging: {domain: staging.ocean.example.org, decommission: true}\n", "")
    (deleted,) = difference(project, "--base", "HEAD")["dangers"]
    assert "its namespace ocean-staging with all volumes in it: the hub's database (hub-db-dir)" in deleted


def test_a_removed_hub_whose_chart_is_missing(project: Project) -> None:
    project.replace(STACK, "archive: charts/jupyterhub, repository: null", "repository: 'http://127.0.0.1:9/'")
    project.commit()
    project.replace(OCEAN, "  staging: {domain: staging.ocean.example.org}\n", "")
    (deleted, *_) = difference(project, "--base", "HEAD")["dangers"]
    assert "volumes that a chart created, if it does not keep them (it could not be rendered)" in deleted


def test_a_removed_hub_that_was_decommissioned(project: Project) -> None:
    project.replace(OCEAN, "staging.ocean.example.org}", "staging.ocean.example.org, decommission: true}")
    project.commit()
    project.replace(OCEAN, "  staging: {domain: staging.ocean.example.org, decommission: true}\n", "")
    found = difference(project, "--base", "HEAD")
    assert any("these are deleted: its namespace" in danger for danger in found["dangers"])


def test_a_new_hub(project: Project) -> None:
    project.write(
        OCEAN,
        (project.root / OCEAN).read_text()
        + "  test: {domain: test.ocean.example.org, auth: {allow_all: true}, home: {nfs: {path: /export/test}}}\n",
    )
    found = difference(project)
    assert "1 hub added" in found["summary"]
    assert found["dangers"] == ["ocean (test): everyone with an account at the login provider may log in"]
    (hub,) = found["hubs"]
    assert hub["action"] == "added"
    assert {r["name"] for r in hub["releases"]} == {"ocean-test", "ocean-test-binderhub"}
    assert "Deployment hub" in objects(found, "ocean-test")


def test_a_new_hub_in_few_lines(project: Project) -> None:
    hub = "  test: {domain: test.ocean.example.org, auth: {admins: [grace]}}\n"
    project.write(OCEAN, (project.root / OCEAN).read_text() + hub)
    said = text(project)
    for line in (
        "+ domain: test.ocean.example.org",
        "+ login: github, allowed_organizations: ocean-org:hub-users",
        "+ admins: grace",
        "+ home directories: 10.0.0.7:/export/ocean",
        "+ built images: quay.io/earth/earth-ocean-test-",
    ):
        assert line in said.splitlines(), line
    (images,) = [line for line in said.splitlines() if " images to start: " in line]
    assert "quay.io/ocean/image:2026-01" in images
    assert "{value}" not in images  # the placeholder for an image that people enter themselves
    assert " values, 8 objects" in said
    summary = said.partition("\nResources, chart values and objects\n")[2].splitlines()
    assert len(summary) < 20
    (section,) = [s for s in difference(project)["sections"] if s["title"] == "ocean (test) (added)"]
    assert f"  {len(section['more'])} more lines: use --format json or markdown to see them" in said
    assert any("pvcName: home-" in line for line in section["more"])
    assert "pvcName" not in said
    folded = project.hubs("diff", "earth", "--format", "markdown").stdout
    assert "**Values and objects of ocean (test) (added)**" in folded
    assert "All of <code>ocean (test) (added)</code>" in folded


def test_a_new_hub_with_one_password_for_all(project: Project) -> None:
    secrets = "test: {auth: {password: {secure: 'v1:a:b'}, admin_password: {secure: 'v1:c:d'}}}\n      auth:"
    project.replace(STACK, "ocean:\n      auth:", f"ocean:\n      {secrets}")
    home = "home: {nfs: {path: /export/test}}"
    hub = f"  test: {{domain: test.ocean.example.org, auth: {{type: shared-password}}, {home}}}\n"
    project.write(OCEAN, (project.root / OCEAN).read_text() + hub)
    (danger,) = difference(project)["dangers"]
    assert danger.startswith("ocean (test): everyone who knows the shared password may log in")


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
    done = project.hubs("diff", "mars", "--base", base, "--head", head)
    assert "2 hubs added" in done.stdout, done.stderr
    done = project.hubs("diff", "mars", "--base", head, "--head", base)
    assert "2 hubs removed" in done.stdout, done.stderr
    done = project.hubs("diff", "--all", "--base", base, "--head", head)
    assert "ocean (staging, prod): new hub" in done.stdout, done.stderr
    assert "earth" not in done.stdout


def test_a_secret_is_told_from_its_ciphertext(project: Project) -> None:
    project.replace(STACK, "v1:secret:aaaa", "v1:secret:bbbb")
    found = difference(project)
    assert "1 secret changed" in found["summary"]
    assert values(found, "ocean/prod", "ocean-prod") == {
        "hub.config.GitHubOAuthenticator.client_secret": (None, "[secret changed]")
    }
    assert objects(found, "ocean-prod")["Deployment hub"]["restarts"]
    said = text(project)
    assert "client_secret: [secret changed]" in said
    assert "v1:secret" not in said


def test_a_registry_password_reaches_all_three_places(project: Project) -> None:
    project.replace(STACK, "v1:registry:aaaa", "v1:registry:bbbb")
    found = difference(project)
    assert set(values(found, "ocean/prod", "ocean-prod")) == {"imagePullSecret.password"}
    assert set(values(found, "ocean/prod", "ocean-prod-binderhub")) == {
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
    project.replace("charts/jupyterhub/Chart.yaml", "version: 4.4.0", "version: 5.0.0")
    project.replace(
        "charts/jupyterhub/templates/proxy.yaml", "configurable-http-proxy:4.6.3", "configurable-http-proxy:5.0.0"
    )
    found = difference(project)
    assert any(
        danger.startswith("ocean (staging, prod): chart jupyterhub: 4.4.0 → 5.0.0: new major version")
        for danger in found["dangers"]
    )
    said = text(project)
    assert "(jupyterhub 4.4.0 → 5.0.0)" in said
    assert "the new version changes 8 objects, 6 of them only in version labels" in said
    assert "~     labels of 8 objects change: helm.sh/chart\n" in said
    assert said.count("helm.sh/chart") == 1
    assert "proxy restarts" in found["summary"]


def test_each_revision_runs_its_own_code(project: Project) -> None:
    base = project.commit()
    project.replace("hubs/values/jupyterhub.py", "def _secrets(", "TIMEOUT = 1\n\n\ndef _secrets(")
    project.replace("hubs/settings/hub.py", '] = "/lab"', '] = "/tree"')
    head = project.commit()
    found = difference(project, "--base", base, "--head", head)
    assert values(found, "ocean/prod", "ocean-prod")["singleuser.defaultUrl"] == ("/lab", "/tree")
    backwards = difference(project, "--base", head, "--head", base)
    assert values(backwards, "ocean/prod", "ocean-prod")["singleuser.defaultUrl"] == ("/tree", "/lab")


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
    assert set(values(found, "ocean/prod", "ocean-prod")) == {"singleuser.image.tag"}


def test_config_that_does_not_load_names_the_revision(project: Project) -> None:
    project.replace(OCEAN, "image:", "imgae:")
    broken = project.commit()
    project.replace(OCEAN, "imgae:", "image:")
    project.commit()
    done = project.hubs("diff", "earth", "--base", "main", "--head", broken)
    assert done.returncode == 1
    assert done.stderr.startswith(f"earth: {broken}: stacks/earth/ocean.yaml:4")
    assert len(done.stderr.splitlines()) == 1
    assert project.hubs("diff", "earth", "--base", "main", "--head", broken, "--exit-code").returncode == 128


@pytest.mark.parametrize("revision", ["nowhere", "", "--help", "; touch /tmp/pwned", "HEAD~1000"])
@pytest.mark.parametrize("option", ["--base", "--head"])
def test_no_such_revision(project: Project, option: str, revision: str) -> None:
    done = project.hubs("diff", "earth", f"{option}={revision}")
    assert done.returncode == 1
    assert done.stderr == f"revision {revision!r} is not in this repository\n"


def test_no_such_stack(project: Project) -> None:
    done = project.hubs("diff", "pluto")
    assert done.returncode == 2
    assert done.stderr == "neither revision has a stack 'pluto'; there are: earth\n"


def test_one_broken_stack_does_not_hide_the_others(project: Project) -> None:
    for path in (STACK, OCEAN):
        project.write(path.replace("earth", "mars"), (project.root / path).read_text().replace("earth", "mars"))
    project.commit()
    project.replace(OCEAN, "image:", "imgae:")
    project.replace("stacks/mars/ocean.yaml", "2026-01", "2026-02")
    done = project.hubs("diff", "--all", "--base", "HEAD")
    assert done.returncode == 1
    assert "mars: routine · ocean (staging, prod): " in done.stdout
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
    assert values(found, "ocean/prod", "ocean-prod") == {"singleuser.image.tag": ("2026-01", "2026-02")}
    assert "2 releases could not be rendered" in found["summary"]


def test_a_project_inside_a_larger_repository(project: Project, tmp_path: Path) -> None:
    (project.root / ".git").rename(tmp_path / ".git")
    whole = Project(tmp_path, project.cache)
    whole.commit()
    project.replace(OCEAN, "2026-01", "2026-02")
    done = project.hubs("diff", "--all", "--base", "HEAD")
    assert "earth: routine · ocean (staging, prod): " in done.stdout, done.stderr


def test_who_is_offered_a_profile(project: Project) -> None:
    profile = "profiles: [{display_name: GPU, slug: gpu, allowed_groups: [GROUPS], images: {a: 'a/b:c'}}]\nhubs:"
    project.replace(OCEAN, "hubs:", profile.replace("GROUPS", "'ocean-org:gpu', 'ocean-org:staff'"))
    assert difference(project)["dangers"] == []  # a new profile does not extend an existing one
    project.commit()
    project.replace(OCEAN, ", 'ocean-org:staff'", "")
    assert difference(project, "--base", "HEAD")["dangers"] == []
    project.commit()
    project.replace(OCEAN, "allowed_groups: ['ocean-org:gpu'], ", "")
    (danger,) = difference(project, "--base", "HEAD")["dangers"]
    assert "profile GPU: groups that may use it: ocean-org:gpu → everyone: more people may use it" in danger


def test_code_and_roles(project: Project) -> None:
    project.replace(
        OCEAN,
        "hubs:",
        "roles: {user: ['read:users']}\nvalues: {jupyterhub: {hub: {extraConfig: {x: 'c.X.y = 1'}}}}\nhubs:",
    )
    said = " ".join(difference(project)["dangers"])
    assert "code of the hub (hub.extraConfig.x): added: c.X.y = 1: this code runs in the hub, with its rights" in said
    assert "role user: it permits more: read:users" in said


def test_a_value_that_replaces_a_charts_default_is_told_once(project: Project) -> None:
    project.replace(OCEAN, "hubs:", "values: {jupyterhub: {singleuser: {storage: {capacity: 20Gi}}}}\nhubs:")
    assert objects(difference(project), "ocean-prod")["Secret hub"]["changes"] == []


HOME_NFS = """\
kind: Deployment
apiVersion: apps/v1
metadata: {name: home-nfs}
spec:
  selector: {matchLabels: {app: nfs-server}}
  template:
    metadata: {labels: {app: nfs-server}}
    spec:
      containers:
        - {name: nfs, image: "nfs:1", args: ["{{ .Values.quotaEnforcer.config.QuotaManager.hard_quota }}"]}
      volumes: [{name: disk, persistentVolumeClaim: {claimName: home-nfs}}]
---
kind: PersistentVolume
apiVersion: v1
metadata: {name: "{{ .Release.Name }}-home-nfs"}
spec:
  persistentVolumeReclaimPolicy: Retain
  csi: {driver: ebs.csi.aws.com, volumeHandle: "{{ .Values.eks.volumeId }}"}
---
kind: PersistentVolumeClaim
apiVersion: v1
metadata: {name: home-nfs}
spec: {volumeName: "{{ .Release.Name }}-home-nfs"}
"""


@pytest.fixture
def on_a_disk(project: Project) -> Project:
    """Return a project with home directories on a disk, served by a chart like jupyterhub-home-nfs."""
    project.write("charts/home-nfs/Chart.yaml", "apiVersion: v2\nname: jupyterhub-home-nfs\nversion: 1.2.1\n")
    project.write("charts/home-nfs/templates/all.yaml", HOME_NFS)
    chart = "jupyterhub-home-nfs: {version: 1.2.1, archive: charts/home-nfs, repository: null}"
    project.replace(STACK, "imagebuilding:charts:\n", f"imagebuilding:charts:\n    {chart}\n")
    project.replace(STACK, "{name: earth,", "{name: earth, provider: aws,")
    home = "home: {nfs: null, disk: {volume_id: vol-0aaa, quota: 10}}"
    project.replace(OCEAN, "prod: {domain: ocean.example.org}", f"prod: {{domain: ocean.example.org, {home}}}")
    project.commit()
    return project


def test_a_restart_of_the_nfs_server(on_a_disk: Project) -> None:
    on_a_disk.replace(OCEAN, "quota: 10", "quota: 50")
    found = difference(on_a_disk, "--base", "HEAD")
    assert "NFS server restarts (all home directories stall until it is back)" in found["summary"]
    assert found["class"] == "careful"
    assert found["dangers"] == []


def test_homes_on_another_disk(on_a_disk: Project) -> None:
    on_a_disk.replace(OCEAN, "vol-0aaa", "vol-0bbb")
    (moved,) = difference(on_a_disk, "--base", "HEAD")["dangers"]
    assert moved.startswith("ocean (prod): home directories move: vol-0aaa → vol-0bbb; nothing is copied.")
    assert "The update is refused: home is disk vol-0bbb" in moved
    assert "write moved_from: {home: 'disk vol-0aaa'}" in moved
    said = text(on_a_disk, "--base", "HEAD")
    assert "Release ocean-prod-home" in said
    assert "[unknown]:" not in said
    assert "data is lost" not in said

    on_a_disk.replace(OCEAN, "hubs:", "moved_from: {home: disk vol-0aaa}\nhubs:")
    dangers = difference(on_a_disk, "--base", "HEAD")["dangers"]
    (moved,) = [danger for danger in dangers if danger.startswith("ocean (prod): ")]
    assert "moved_from confirms that the files were copied" in moved
    assert "refused" not in moved


def test_a_namespace_that_moves_is_refused(project: Project) -> None:
    project.replace(OCEAN, "staging.ocean.example.org}", "staging.ocean.example.org, namespace: elsewhere}")
    dangers = difference(project)["dangers"]
    assert any(
        danger.startswith("ocean (staging): namespace: ocean-staging → elsewhere: people's volumes")
        and "The update is refused: namespace is elsewhere" in danger
        for danger in dangers
    ), dangers


def test_long_lists_of_admins_are_told_by_what_changes(project: Project) -> None:
    names = ", ".join(f"person{number}" for number in range(30))
    project.replace(OCEAN, "admins: [ada]", f"admins: [ada, {names}]")
    project.commit()
    project.replace(OCEAN, "admins: [ada, person0,", "admins: [new,")
    (danger,) = difference(project, "--base", "HEAD")["dangers"]
    assert "new is an administrator now: they see and stop all servers" in danger
    assert danger.endswith("; ada and person0 are no longer administrators")


CHOICES = """\
profiles:
  - display_name: One
    slug: one
    images: {b: 'x/b:1', a: 'x/a:1'}
hubs:"""


def test_the_order_of_choices_is_told_last_in_one_line(project: Project) -> None:
    project.replace(OCEAN, "hubs:", CHOICES)
    project.commit()
    project.replace(OCEAN, "{b: 'x/b:1', a: 'x/a:1'}", "{c: 'x/c:1', b: 'x/b:1', a: 'x/a:1'}")
    lines = [line.strip() for line in text(project, "--base", "HEAD").splitlines()]
    choice = next(number for number, line in enumerate(lines) if "choices.c" in line)
    assert "~      the order of choices changes" in lines[choice:]
    assert not any("profile_order" in line for line in lines)
    assert "image c added" in lines[0]
    assert any("x/c:1" in line for line in lines[:choice])


def test_nulls_are_not_listed_with_other_changes(project: Project) -> None:
    project.replace(OCEAN, "hubs:", CHOICES)
    project.commit()
    nulls = "display_name: Other\n    kubespawner_override: {mem_limit: null, cpu_limit: 2}"
    project.replace(OCEAN, "display_name: One", nulls)
    done = project.hubs("diff", "earth", "--base", "HEAD")
    assert "cpu_limit" in done.stdout
    assert "null" not in done.stdout
    assert done.stderr == ""


def test_nothing_but_the_order_of_choices(project: Project) -> None:
    project.replace(OCEAN, "hubs:", CHOICES)
    project.commit()
    project.replace(OCEAN, "{b: 'x/b:1', a: 'x/a:1'}", "{a: 'x/a:1', b: 'x/b:1'}")
    assert "custom.imagebuilding.profile_order" in text(project, "--base", "HEAD")


def test_an_upgrade_from_a_release_with_another_layout(project: Project, tmp_path: Path) -> None:
    """Its previews are `-m preview plan`, and its plans do not contain the hubs' names."""
    done = project.hubs("plan", "earth", "--json", "--for-rendering")
    plan = [
        {key: value for key, value in entry.items() if key != "hub"} for entry in json.loads(done.stdout)["resources"]
    ]
    shutil.move(project.root / "hubs", tmp_path / "hubs")
    project.write("preview/__init__.py", "")
    project.write("preview/__main__.py", f"print({json.dumps(plan)!r})\n")
    project.commit()
    shutil.rmtree(project.root / "preview")
    shutil.move(tmp_path / "hubs", project.root / "hubs")
    assert text(project) == "earth: nothing changes\n"
    project.replace(OCEAN, "ocean/image:2026-01", "ocean/image:2026-02")
    assert "\nocean (staging, prod)\n" in text(project)
