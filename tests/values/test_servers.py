"""What people's servers get, with the real KubeSpawner: texts, sizes, and what no profile takes away."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kubespawner import KubeSpawner
from kubespawner.utils import recursive_format
from traitlets.config import Config

from hubs.preview.values import placeholder_values
from hubs.settings.placeholders import escaped, formatted_once, problem
from tests.repository import OCEAN, Repository
from tests.values.hub_process import HubProcess, hub_process, pod_problems, refusals

QUOTED = {
    "JSON": '{"workers": 4}',
    "SHELL": "${HOME}/bin",
    "EMPTY": "{}",
    "OPEN": "{",
    "CLOSE": "}}",
    "DATE": "%{x}",
    "JINJA": "{{ username }} {{username}}",
    "PYTHON": "{0} {a.b} {c!r:>9}",
}


def environment(pod: Any, container: int = 0) -> dict[str, str]:
    return {item["name"]: item.get("value") for item in pod["spec"]["containers"][container]["env"]}


def yaml(data: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}: '{text}'" for name, text in data.items()) + "}"


@pytest.fixture
def hub(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(text: str) -> HubProcess:
        repository.ocean(OCEAN + text)
        return hub_process(repository, monkeypatch)

    return make


def test_variables_have_the_text_that_is_written(hub: Any) -> None:
    process = hub(f"environment: {yaml(QUOTED)}\n")
    found = environment(asyncio.run(process.pod()))
    assert {name: found[name] for name in QUOTED} == QUOTED


def test_variables_of_profiles_have_the_text_that_is_written(hub: Any) -> None:
    override = f"{{environment: {yaml(QUOTED)}}}"
    process = hub(
        f"profiles: [{{display_name: A, kubespawner_override: {override}}}, {{display_name: B, profile_options: "
        f"{{size: {{display_name: Size, choices: {{a: {{display_name: A, kubespawner_override: {override}}}}}}}}}}},"
        f" {{display_name: C, images: {{a: {{image: 'a/b:1', kubespawner_override: {override}}}}}}}]\n"
    )
    for slug in "abc":
        found = environment(asyncio.run(process.pod(options={"profile": slug})))
        assert {name: found[name] for name in QUOTED} == QUOTED


def test_typed_values_come_into_texts_that_are_otherwise_as_written(hub: Any) -> None:
    text = '{"image": "{value}", "user": "{username}", "home": "${HOME}"}'
    override = f"{{image: '{{value}}', environment: {{SETTINGS: '{text}'}}, cmd: [sh, '-c', 'echo {{}} {{value}}']}}"
    menus = f"{{image: {{unlisted_choice: {{kubespawner_override: {override}}}}}}}"
    process = hub(f"profiles: [{{display_name: A, profile_options: {menus}}}]\n")
    pod = asyncio.run(process.pod(options={"profile": "a", "image--unlisted-choice": "x/y:1"}))
    assert environment(pod)["SETTINGS"] == '{"image": "x/y:1", "user": "ada", "home": "${HOME}"}'
    assert pod["spec"]["containers"][0]["args"][:3] == ["sh", "-c", "echo {} x/y:1"]


def test_files_with_line_breaks_of_unicode_are_given_as_bytes(repository: Repository) -> None:
    """The chart's template writes other text into YAML as it is, where these characters end the line."""
    repository.ocean(OCEAN + 'files: {/etc/motd: "a\\x85b\\u2028c", /etc/plain: "\U0001f433"}\n')
    files = placeholder_values(repository.load(), "ocean/prod")["jupyterhub"].data["singleuser"]["extraFiles"]
    assert base64.b64decode(files["etc-motd"]["binaryData"]).decode() == "a\x85b\u2028c"
    assert files["etc-plain"]["stringData"] == "\U0001f433"


def test_placeholders_are_replaced(hub: Any) -> None:
    text = "gs://a/{username}-{unescaped_username}/{servername}"
    process = hub(f"environment: {{BUCKET: '{text}'}}\nworking_directory: /home/{{username}}\n")
    pod = asyncio.run(process.pod())
    assert environment(pod)["BUCKET"] == "gs://a/ada-ada/"
    assert pod["spec"]["containers"][0]["workingDir"] == "/home/ada"


def test_braces_in_mounts_and_files(hub: Any) -> None:
    process = hub(
        "home: {nfs: {server: nfs, path: /a}, mount_path: '/home/{username}'}\n"
        "files: {'/etc/{}/a.json': 'x'}\n"
        "shared_directories:\n"
        "  /data: {sub_path: '_own/{username}', read_only: false}\n"
        "  /staff: {sub_path: '{a-b}', groups: [staff]}\n"
        "  /scratch: {volume: {csi: {driver: d, volumeAttributes: {options: '{\"a\": 1}'}}}}\n"
    )
    pod = asyncio.run(process.pod("staff"))
    mounts = {mount["mountPath"]: mount.get("subPath") for mount in pod["spec"]["containers"][0]["volumeMounts"]}
    assert mounts["/home/ada"] == "ada"
    assert mounts["/data"] == "_own/ada"
    assert mounts["/staff"] == "{a-b}"
    assert "/etc/{}/a.json" in mounts
    (volume,) = [volume for volume in pod["spec"]["volumes"] if "csi" in volume]
    assert volume["csi"]["volumeAttributes"]["options"] == '{"a": 1}'
    own = next(item for item in pod["spec"]["initContainers"] if item["name"] == "own-home")
    assert own["command"][-2:] == ["/home/ada", "/data"]
    assert list(pod_problems(pod)) == []


@pytest.fixture(scope="module")
def spawner() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("load_config", "shared_client"):
            patch.setattr(f"kubespawner.spawner.{name}", lambda *_, **__: None)
        found = KubeSpawner(_mock=True)
        found.user.name = "ada"
        yield found


TEXTS = st.text(st.sampled_from("{}$ab :!.0'\"-\n🐠"), max_size=20)


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=4))
def test_any_text_without_a_placeholder_stays(spawner: Any, data: Any) -> None:
    assert spawner._expand_all(escaped(data)) == data
    assert recursive_format(formatted_once(data, "value"), value="typed") == data
    assert spawner._expand_all(recursive_format(formatted_once(escaped(data, "value"), "value"), value="x")) == data


@given(TEXTS, TEXTS)
def test_placeholders_within_any_text(spawner: Any, before: str, after: str) -> None:
    before, after = before.rstrip("{$"), after.lstrip("}").rstrip("-")
    assert spawner._expand_all(escaped(f"{before}{{username}}{after}")) == f"{before}ada{after}"


@given(st.text(st.sampled_from("{}ab:! "), max_size=8) | st.sampled_from(["{username}", "{{a}}", "{userid:>3}", "{x}"]))
def test_what_can_be_formatted_is_what_kubespawner_can_format(spawner: Any, text: str) -> None:
    try:
        spawner._expand_all(text)
    except (KeyError, IndexError, ValueError, AttributeError):
        assert problem(text) is not None or "{" in text.replace("{username}", "").replace("{userid:>3}", "")
    else:
        assert problem(text) is None


DATA = """\
profiles:
  - display_name: With data
    slug: data
    {place}
home: {home}
cluster_tolerations: none
"""
LIST = (
    "kubespawner_override: {volumes: [{name: data, persistentVolumeClaim: {claimName: data}}],"
    " volume_mounts: [{name: data, mountPath: /data}], init_containers: [{name: mine, image: 'a/b:1'}],"
    " extra_containers: [{name: side, image: 'a/b:1'}],"
    " tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}],"
    " image_pull_secrets: [mine], node_affinity_required: [{matchExpressions: [{key: gpu, operator: Exists}]},"
    " {matchExpressions: [{key: tpu, operator: Exists}]}]}"
)
PLACES = {
    "profile": LIST,
    "choice": f"profile_options: {{size: {{display_name: S, choices: {{a: {{display_name: A, {LIST}}}}}}}}}",
    "image": f"images: {{a: {{image: 'a/b:1', {LIST}}}}}",
    "mapping": LIST.replace("[{name: data, persistent", "{data: {name: data, persistent")
    .replace("claimName: data}}]", "claimName: data}}}")
    .replace("[{name: data, mountPath: /data}]", "{data: {name: data, mountPath: /data}}"),
    "extra_pod_config": (
        "kubespawner_override: {extra_pod_config: {volumes: [{name: data, emptyDir: {}}],"
        " initContainers: [{name: mine, image: 'a/b:1'}], imagePullSecrets: [{name: mine}],"
        " tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}],"
        " affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms:"
        " [{matchExpressions: [{key: gpu, operator: Exists}]},{matchExpressions: [{key: tpu, operator: Exists}]}]}}}},"
        " extra_containers: [{name: side, image: 'a/b:1'}],"
        " extra_container_config: {volumeMounts: [{name: data, mountPath: /data}]}}"
    ),
}
HOMES = {
    "volume": "{volume: {}}",
    "nfs": "{nfs: {server: nfs, path: /a}}",
    "none": "none",
}


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("place", PLACES)
def test_a_profile_adds_to_what_the_hub_has(hub: Any, place: str, home: str) -> None:
    process = hub(
        f"profiles:\n  - display_name: With data\n    slug: data\n    {PLACES[place]}\n"
        f"home: {HOMES[home]}\nuser_nodes: {{selector: {{pool: reef}}}}\n"
        "shared_directories: {/scratch: {volume: {emptyDir: {}}}}\n"
        "values: {jupyterhub: {singleuser: {extraContainers: [{name: logs, image: 'a/logs:1'}]}}}\n"
    )
    plain = hub_process_without_profiles(process)
    for options in ({}, {"profile": "data"}):
        pod = asyncio.run(process.pod(options=options))
        spec, before = pod["spec"], asyncio.run(plain.pod())["spec"]
        assert list(pod_problems(pod)) == []
        for kind in ("volumes", "initContainers", "containers", "imagePullSecrets"):
            assert names(before, kind) <= names(spec, kind)
        assert names(spec, "volumes") - names(before, "volumes") == {"data"}
        assert names(spec, "initContainers") - names(before, "initContainers") == {"mine"}
        assert names(spec, "containers") - names(before, "containers") == {"side"}
        assert names(spec, "imagePullSecrets") - names(before, "imagePullSecrets") == {"mine"}
        assert mounts(before) | {"/data"} == mounts(spec)
        assert all(item in spec["tolerations"] for item in before["tolerations"])
        assert [item["key"] for item in spec["tolerations"]].count("nvidia.com/gpu") == 1
        terms, own = required(spec), required(before)
        assert [{item["key"] for item in term} for term in terms] == [
            {"hub.jupyter.org/node-purpose", "pool", "gpu"},
            {"hub.jupyter.org/node-purpose", "pool", "tpu"},
        ]
        assert all(item in term for term in terms for item in own[0])


def hub_process_without_profiles(process: HubProcess) -> HubProcess:
    config = Config(process.config)
    config.KubeSpawner = Config(config.KubeSpawner)
    config.KubeSpawner.profile_list = []
    return HubProcess(config, process.values, process.database)


def names(spec: Any, kind: str) -> set[str]:
    return {item["name"] for item in spec.get(kind) or []}


def mounts(spec: Any) -> set[str]:
    return {mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]}


def required(spec: Any) -> list[Any]:
    node = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    return [term["matchExpressions"] for term in node["nodeSelectorTerms"]]


def test_a_profile_may_remove_a_mount_with_null_and_move_one(hub: Any) -> None:
    process = hub(
        "home: {nfs: {server: nfs, path: /a}}\n"
        "profiles:\n"
        "  - {display_name: None, slug: none, kubespawner_override: {volume_mounts: {home: null}}}\n"
        "  - {display_name: Own, slug: own, kubespawner_override: {volume_mounts: {home: {mountPath: /home/ada}}}}\n"
        "  - {display_name: Shm, slug: shm, kubespawner_override: {volume_mounts: [{name: big, mountPath: /dev/shm}],"
        " volumes: [{name: big, emptyDir: {}}]}}\n"
    )
    assert mounts(asyncio.run(process.pod(options={"profile": "none"}))["spec"]) == {"/dev/shm"}
    assert mounts(asyncio.run(process.pod(options={"profile": "own"}))["spec"]) == {"/home/ada", "/dev/shm"}
    shm = asyncio.run(process.pod(options={"profile": "shm"}))
    assert mounts(shm["spec"]) == {"/home/jovyan", "/dev/shm"}
    assert list(pod_problems(shm)) == []


FOUR = 4 * 2**30


@pytest.mark.parametrize(
    ("written", "sizes"),
    [
        ("", (268435456, 1073741824, 0.05, None)),
        ("resources: {memory: {guarantee: 4G}}", (FOUR, FOUR, 0.05, None)),
        ("resources: {memory: {guarantee: 512M}}", (536870912, 1073741824, 0.05, None)),
        ("resources: {memory: {limit: 128M}}", (134217728, 134217728, 0.05, None)),
        ("resources: {memory: {guarantee: 4G, limit: null}}", (FOUR, None, 0.05, None)),
        ("resources: {cpu: {limit: 0.01}}", (268435456, 1073741824, 0.01, 0.01)),
        ("values: {jupyterhub: {singleuser: {memory: {guarantee: 4G}}}}", (FOUR, FOUR, 0.05, None)),
        (
            "values: {jupyterhub: {hub: {config: {KubeSpawner: {mem_guarantee: 4G}}}}}",
            (FOUR, FOUR, 0.05, None),
        ),
        (
            "profiles: [{display_name: A, kubespawner_override: {mem_guarantee: 4Gi}}]",
            (FOUR, FOUR, 0.05, None),
        ),
        ("profiles: [{display_name: A, kubespawner_override: {mem_limit: 128M}}]", (134217728, 134217728, 0.05, None)),
        (
            "profiles: [{display_name: A, kubespawner_override: {mem_guarantee: 2G}, profile_options: {s: {"
            "display_name: S, choices: {a: {display_name: A,"
            " kubespawner_override: {mem_guarantee: 4G, cpu_limit: 500m}}}}}}]",
            (FOUR, FOUR, 0.05, 0.5),
        ),
        (
            "profiles: [{display_name: A, images: {a: {image: 'a/b:1', kubespawner_override: {mem_guarantee: 4G}}}}]",
            (FOUR, FOUR, 0.05, None),
        ),
    ],
)
def test_defaults_follow_what_is_written(hub: Any, written: str, sizes: tuple[Any, ...]) -> None:
    process = hub(written + "\n")
    resources = asyncio.run(process.pod())["spec"]["containers"][0]["resources"]
    requests, limits = resources["requests"], resources["limits"]
    assert (requests.get("memory"), limits.get("memory"), requests.get("cpu"), limits.get("cpu")) == sizes


def test_a_guarantee_of_a_device_is_its_limit(hub: Any) -> None:
    process = hub(
        "profiles: [{display_name: A, kubespawner_override: {extra_resource_guarantees: {nvidia.com/gpu: '1'}}}]\n"
    )
    resources = asyncio.run(process.pod())["spec"]["containers"][0]["resources"]
    assert resources["limits"]["nvidia.com/gpu"] == "1"
    assert "nvidia.com/gpu" not in resources["requests"]  # Kubernetes takes the limit


def test_a_choice_changes_the_number_of_devices(hub: Any) -> None:
    process = hub(
        "profiles: [{display_name: A, kubespawner_override: {extra_resource_guarantees: {nvidia.com/gpu: 1}}, "
        "profile_options: {gpus: {display_name: GPUs, choices: {two: {display_name: Two, kubespawner_override: "
        "{extra_resource_limits: {nvidia.com/gpu: 2}}}}}}}]\n"
    )
    assert refusals(process) == []


def test_a_privileged_server_may_escalate(hub: Any) -> None:
    """Kubernetes refuses a privileged container without it, and the chart's default is false."""
    process = hub("profiles: [{display_name: A, kubespawner_override: {privileged: true}}]\n")
    context = asyncio.run(process.pod())["spec"]["containers"][0]["securityContext"]
    assert context["privileged"] is context["allowPrivilegeEscalation"] is True


SIZES = st.dictionaries(
    st.sampled_from(["mem_guarantee", "mem_limit", "cpu_guarantee", "cpu_limit"]),
    st.sampled_from([None, 1, 2, 4]),
    max_size=3,
)
BASE = st.dictionaries(
    st.tuples(st.sampled_from(["memory", "cpu"]), st.sampled_from(["guarantee", "limit"])),
    st.sampled_from([None, 1, 2, 4]),
    max_size=3,
)


def override(sizes: dict[str, int | None]) -> str:
    unit = {name: "G" if name.startswith("mem") and size else "" for name, size in sizes.items()}
    words = ", ".join(f"{name}: {'null' if size is None else f'{size}{unit[name]}'}" for name, size in sizes.items())
    return f"kubespawner_override: {{{words}}}"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(BASE, SIZES, st.lists(st.lists(SIZES, min_size=1, max_size=2), max_size=2))
def test_what_is_accepted_starts_whatever_is_selected(
    repository: Repository,
    base: dict[tuple[str, str], int | None],
    own: dict[str, int | None],
    menus: list[list[dict[str, int | None]]],
) -> None:
    written: dict[str, list[str]] = {}
    for (resource, word), size in base.items():
        value = "null" if size is None else f"{size}{'G' if resource == 'memory' else ''}"
        written.setdefault(resource, []).append(f"{word}: {value}")
    resources = ", ".join(f"{name}: {{{', '.join(items)}}}" for name, items in written.items())
    options = ", ".join(
        f"m{number}: {{display_name: M, choices: {{"
        + ", ".join(f"c{index}: {{display_name: C, {override(choice)}}}" for index, choice in enumerate(menu))
        + "}}"
        for number, menu in enumerate(menus)
    )
    profile = f"{{display_name: A, {override(own)}, profile_options: {{{options}}}}}"
    repository.ocean(OCEAN + f"resources: {{{resources}}}\nprofiles: [{profile}]\n")
    errors = repository.errors()
    with pytest.MonkeyPatch.context() as patch:
        if errors:
            assert all(" than the " in error for error in errors)
        else:
            assert refusals(hub_process(repository, patch)) == []
