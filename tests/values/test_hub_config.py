"""The Python code that a hub runs, with KubeSpawner's own classes: available choices, and the resulting pods."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tornado.web import HTTPError

from tests.repository import OCEAN, Repository
from tests.values.hub_process import HubProcess, hub_process

PROFILES = """\
profiles:
  - display_name: For all
    slug: all
    images:
      open: a/open:1
      closed: {image: "a/closed:1", allowed_groups: ["org:team"]}
    kubespawner_override: {mem_limit: null, cpu_limit: 2}
  - display_name: GPU
    slug: gpu
    allowed_groups: ["Org:GPU"]
    images: {gpu: "a/gpu:1"}
    profile_options:
      size: {display_name: Size, choices: {big: {display_name: Big, kubespawner_override: {mem_limit: null}}}}
  - display_name: Only choices that are closed
    slug: closed
    profile_options:
      size:
        display_name: Size
        choices: {big: {display_name: Big, allowed_groups: ["org:team"], kubespawner_override: {mem_limit: 2G}}}
  - display_name: Unlisted choice for some
    slug: unlisted
    profile_options:
      image:
        display_name: Image
        choices: {a: {display_name: A, kubespawner_override: {image: "a/a:1"}}}
        unlisted_choice: {allowed_groups: ["org:team"]}
"""


def slugs(profiles: list[dict[str, Any]]) -> list[str]:
    return [profile["slug"] for profile in profiles]


def choices(profiles: list[dict[str, Any]], slug: str, option: str = "image") -> list[str]:
    (profile,) = [profile for profile in profiles if profile["slug"] == slug]
    return list(profile["profile_options"][option]["choices"])


@pytest.fixture
def hub(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> HubProcess:
    repository.ocean(OCEAN + PROFILES)
    return hub_process(repository, monkeypatch)


def test_who_is_in_no_group_sees_what_is_for_all(hub: HubProcess) -> None:
    found = hub.profiles()
    assert slugs(found) == ["all", "unlisted"]
    assert choices(found, "all") == ["open"]
    assert found[1]["profile_options"]["image"]["unlisted_choice"]["display_name"] == "Image built here"
    assert found[0]["profile_options"]["image"]["unlisted_choice"]["enabled"] is True


def test_members_see_more_and_the_case_of_names_does_not_matter(hub: HubProcess) -> None:
    found = hub.profiles("ORG:team", "org:gpu")
    assert slugs(found) == ["all", "gpu", "closed", "unlisted"]
    assert choices(found, "all") == ["open", "closed"]
    assert found[3]["profile_options"]["image"]["unlisted_choice"]["enabled"] is True


def test_options_and_choices_stand_in_the_order_they_were_written_in(hub: HubProcess) -> None:
    found = hub.profiles("org:team", "org:gpu")
    assert choices(found, "all") == ["open", "closed"]
    assert list(found[1]["profile_options"]) == ["image", "size"]


def test_the_words_about_groups_do_not_reach_kubespawner(hub: HubProcess) -> None:
    assert "allowed_groups" not in str(hub.profiles("org:team", "org:gpu"))


def test_one_user_does_not_change_what_another_sees(hub: HubProcess) -> None:
    before = hub.profiles("org:team")
    hub.profiles()
    assert hub.profiles("org:team") == before


@pytest.mark.parametrize(
    ("options", "groups"),
    [
        ({"profile": "gpu"}, "org:gpu"),
        ({"profile": "all", "image": "closed"}, "org:team"),
        ({"profile": "unlisted", "image--unlisted-choice": "x/y:1"}, "org:team"),
    ],
)
def test_what_is_not_for_a_user_cannot_be_asked_for(hub: HubProcess, options: dict[str, str], groups: str) -> None:
    asyncio.run(hub.spawner(groups, options=options).load_user_options())
    with pytest.raises((ValueError, KeyError)):
        asyncio.run(hub.spawner(options=options).load_user_options())


def test_who_may_choose_nothing_is_told(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.ocean(OCEAN + "profiles:\n  - {display_name: A, slug: a, allowed_groups: [a]}\n")
    hub = hub_process(repository, monkeypatch)
    with pytest.raises(HTTPError, match="You are in none of the groups"):
        hub.profiles("b")
    assert slugs(hub.profiles("a")) == ["a"]


def test_no_profiles(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.ocean(OCEAN + "profiles: []\n")
    assert hub_process(repository, monkeypatch).profiles() == []


def test_nulls_come_back(hub: HubProcess) -> None:
    """Nulls are removed from lists before they reach the hub, which restores them."""
    assert "mem_limit" not in hub.values["singleuser"]["profileList"][0]["kubespawner_override"]
    found = hub.profiles("org:gpu")
    assert found[0]["kubespawner_override"] == {"mem_limit": None, "cpu_limit": 2}
    assert found[1]["profile_options"]["size"]["choices"]["big"]["kubespawner_override"] == {"mem_limit": None}


def test_a_null_means_no_limit(hub: HubProcess) -> None:
    hub.config.KubeSpawner.mem_limit = "1G"
    spawner = hub.spawner(options={"profile": "all"})
    asyncio.run(spawner.load_user_options())
    assert (spawner.mem_limit, spawner.cpu_limit, spawner.image) == (None, 2, "a/open:1")


FILES = """\
home: {nfs: {server: nfs, path: /a}}
shared_directories:
  /home/jovyan/shared: {sub_path: _shared}
  /home/jovyan/staff: {sub_path: _staff, read_only: false, groups: ["Org:Staff"]}
  /home/jovyan/all: {read_only: false, admins: true}
  /home/jovyan/own: {sub_path: "_own/{username}", read_only: false, groups: [own]}
"""


def mounts(pod: Any) -> dict[str, Any]:
    (container,) = pod["spec"]["containers"]
    return {
        mount["mountPath"]: (mount["name"], mount.get("subPath"), mount.get("readOnly"))
        for mount in container["volumeMounts"]
    }


def init_containers(pod: Any) -> list[Any]:
    found: list[Any] = pod["spec"].get("initContainers") or []
    return found


@pytest.fixture
def files(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> HubProcess:
    repository.ocean(OCEAN + FILES)
    return hub_process(repository, monkeypatch)


def test_everyone_has_a_home_and_what_is_shared_with_all(files: HubProcess) -> None:
    found = mounts(asyncio.run(files.pod()))
    assert found["/home/jovyan"] == ("home", "ada", None)
    assert found["/home/jovyan/shared"] == ("home", "_shared", True)
    assert found.keys() == {"/home/jovyan", "/home/jovyan/shared", "/dev/shm"}


def test_directories_of_a_group(files: HubProcess) -> None:
    found = mounts(asyncio.run(files.pod("org:staff", "own")))
    assert found["/home/jovyan/staff"] == ("home", "_staff", False)
    assert found["/home/jovyan/own"] == ("home", "_own/ada", False)
    assert "/home/jovyan/all" not in found


def test_directories_of_admins(files: HubProcess) -> None:
    found = mounts(asyncio.run(files.pod(admin=True)))
    assert found["/home/jovyan/all"] == ("home", None, False)
    assert "/home/jovyan/staff" not in found


def test_init_containers_run_before_every_server(files: HubProcess) -> None:
    _, own, block = init_containers(asyncio.run(files.pod()))
    assert (own["name"], block["name"]) == ("own-home", "block-network")
    assert own["volumeMounts"] == [{"name": "home", "mountPath": "/home/jovyan", "subPath": "ada"}], (
        "this user's folder"
    )
    assert own["command"][-1] == "/home/jovyan"
    assert all(port in block["command"][-1] for port in ("111", "2049", "20048"))


def test_init_containers_own_only_what_their_user_may_write_to(files: HubProcess) -> None:
    def owned(*groups: str, admin: bool = False) -> set[str]:
        container = init_containers(asyncio.run(files.pod(*groups, admin=admin)))[1]
        assert container["name"] == "own-home"
        return {mount["mountPath"] for mount in container["volumeMounts"]}

    assert owned() == {"/home/jovyan"}
    assert owned("org:staff") == {"/home/jovyan", "/home/jovyan/staff"}
    assert owned(admin=True) == {"/home/jovyan"}, "never everyone's"


def test_profiles_do_not_take_mounts_or_init_containers_away(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = "profiles: [{display_name: A, kubespawner_override: {volume_mounts: [], init_containers: []}}]\n"
    repository.ocean(OCEAN + FILES + profile)
    pod = asyncio.run(hub_process(repository, monkeypatch).pod(admin=True))
    assert "/home/jovyan/all" in mounts(pod)
    names = [container["name"] for container in init_containers(pod)]
    assert names == ["block-cloud-metadata", "own-home", "block-network"]


def test_a_server_in_its_nodes_network_does_not_block_nfs_for_the_node(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.ocean(OCEAN + FILES + "values: {jupyterhub: {singleuser: {extraPodConfig: {hostNetwork: true}}}}\n")
    pod = asyncio.run(hub_process(repository, monkeypatch).pod())
    assert "block-network" not in [container["name"] for container in init_containers(pod)]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_hook_of_ones_own_runs_first(repository: Repository, monkeypatch: pytest.MonkeyPatch, is_async: bool) -> None:
    word = "async def" if is_async else "def"
    repository.ocean(
        OCEAN
        + FILES
        + "values:\n  jupyterhub:\n    hub:\n      extraConfig:\n        a-hook: |\n"
        + f"          {word} hook(spawner, pod):\n              pod.metadata.labels['own'] = spawner.user.name\n"
        + "              return pod\n          c.KubeSpawner.modify_pod_hook = hook\n"
    )
    pod = asyncio.run(hub_process(repository, monkeypatch).pod(admin=True))
    assert pod["metadata"]["labels"]["own"] == "ada"
    assert "/home/jovyan/all" in mounts(pod)


def test_servers_reach_no_nfs_server_wherever_their_own_homes_are(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, block = init_containers(asyncio.run(hub_process(repository, monkeypatch).pod()))
    assert block["name"] == "block-network"
    assert block["command"][2].startswith("# Set the rules"), "as it is written, although it has braces"


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("", False),
        ("service_account: {}\n", False),
        ("service_account: {automount_service_account_token: true}\n", True),
        ("values: {jupyterhub: {singleuser: {serviceAccountName: other}}}\n", False),
        (
            "values: {jupyterhub: {hub: {config: {KubeSpawner: {automount_service_account_token: true}}}}}\n",
            True,
        ),
        ("profiles: [{display_name: A, kubespawner_override: {service_account: other}}]\n", False),
    ],
)
def test_servers_have_no_kubernetes_token_unless_asked(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, written: str, token: bool
) -> None:
    repository.ocean(OCEAN + written)
    pod = asyncio.run(hub_process(repository, monkeypatch).pod())
    assert pod["spec"]["automountServiceAccountToken"] is token
    if "service" in written.partition(":")[0]:
        assert pod["spec"]["serviceAccountName"] == "user-server"


@pytest.mark.parametrize("tls", ["cluster_issuer: le", "tls: elsewhere"])
def test_browsers_keep_to_https_where_people_reach_the_hub_with_it(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    assert "headers" not in hub_process(repository, monkeypatch).config.JupyterHub.get("tornado_settings", {})
    repository.stack("{name: earth}", f"{{name: earth, ingress: {{class_name: nginx, {tls}}}}}")
    repository.ocean(
        OCEAN + "values: {jupyterhub: {hub: {config: {JupyterHub: {tornado_settings: {headers: {A: b}}}}}}}\n"
    )
    settings = hub_process(repository, monkeypatch).config.JupyterHub.tornado_settings
    assert settings["headers"] == {"A": "b", "Strict-Transport-Security": "max-age=31536000"}


def test_teams_become_groups(hub: HubProcess) -> None:
    groups = hub.config.GitHubOAuthenticator.auth_state_groups_key
    teams = [{"organization": {"login": "org"}, "slug": "team"}, {"organization": {"login": "b"}, "slug": "c"}]
    assert groups({"teams": teams}) == ["b:c", "org:team"]
    assert groups({"teams": None}) == groups({}) == []


def test_fancy_profiles_are_set_up(hub: HubProcess) -> None:
    (path,) = hub.config.KubeSpawner.additional_profile_form_template_paths
    assert "jupyterhub_fancy_profiles" in path


def test_only_github_has_teams(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.replace(
        "stacks/earth/ocean.yaml",
        '{type: github, allow: ["ocean-org:hub-users"], admins: [ada]}',
        "{type: google, allow: [a.org]}",
    )
    hub = hub_process(repository, monkeypatch)
    assert "GitHubOAuthenticator" not in hub.config
    assert sorted(hub.values["hub"]["extraConfig"]) == [
        "enable-fancy-profiles",
        "imagebuilding-kept",
        "imagebuilding-pods",
        "imagebuilding-profiles",
    ]
