"""What KubeSpawner or Kubernetes would refuse when a person starts a server, in one line each."""

from __future__ import annotations

import pytest

from tests.repository import OCEAN, Repository

FILE = "stacks/earth/ocean.yaml:6"
MEMORY = "must be memory in bytes, or with K, M, G or T (1024-based), such as 2G"
QUOTES = "must be text (numbers and true/false need quotes)"
OVERRIDE = "profiles.0.kubespawner_override"


def profile(override: str, **more: str) -> str:
    rest = "".join(f", {key}: {value}" for key, value in more.items())
    return f"profiles: [{{display_name: A{rest}, kubespawner_override: {{{override}}}}}]"


REFUSED = {
    # sizes
    profile("mem_limit: 16GB"): f"{OVERRIDE}.mem_limit: {MEMORY}: write 16G",
    profile("mem_limit: 4g"): f"{OVERRIDE}.mem_limit: {MEMORY}: write 4G",
    profile("mem_limit: '4 G'"): f"{OVERRIDE}.mem_limit: {MEMORY}: write 4G",
    profile("mem_limit: '512'"): f"{OVERRIDE}.mem_limit: {MEMORY}: write 512 without quotes",
    profile("mem_guarantee: true"): f"{OVERRIDE}.mem_guarantee: {MEMORY}",
    profile("cpu_limit: two"): f"{OVERRIDE}.cpu_limit: must be a number of cores such as 0.5",
    "profiles: [{display_name: A, images: {a: {image: 'a/b:1', kubespawner_override: {mem_limit: 4g}}}}]": (
        f"profiles.0.images.a.kubespawner_override.mem_limit: {MEMORY}: write 4G"
    ),
    "profiles: [{display_name: A, profile_options: {s: {display_name: S, choices: {big: {display_name: B,"
    " kubespawner_override: {mem_guarantee: 4g}}}}}}]": (
        f"profiles.0.profile_options.s.choices.big.kubespawner_override.mem_guarantee: {MEMORY}: write 4G"
    ),
    "values: {jupyterhub: {singleuser: {memory: {limit: 16GB}}}}": (
        f"values.jupyterhub.singleuser.memory.limit: {MEMORY}: write 16G"
    ),
    "values: {jupyterhub: {singleuser: {memory: {limit: 4Gi}}}}": (
        "values.jupyterhub.singleuser.memory.limit: must be in KubeSpawner's notation: write 4G"
    ),
    "values: {jupyterhub: {hub: {config: {KubeSpawner: {cpu_limit: 500m}}}}}": (
        "values.jupyterhub.hub.config.KubeSpawner.cpu_limit: must be in KubeSpawner's notation: write 0.5"
    ),
    profile("storage_capacity: 10"): f"{OVERRIDE}.storage_capacity: must be more than 10 bytes; write 10Gi",
    profile("extra_resource_limits: {nvidia.com/gpu: 0.5}"): (
        f"{OVERRIDE}.extra_resource_limits.nvidia.com/gpu: must be a whole number"
    ),
    # names and types of traits
    profile("extra_tolerations: []"): (
        f"{OVERRIDE}.extra_tolerations: unknown trait of KubeSpawner; did you mean tolerations?"
    ),
    profile("nodeSelector: {a: b}"): (
        f"{OVERRIDE}.nodeSelector: unknown trait of KubeSpawner; did you mean node_selector?"
    ),
    "values: {jupyterhub: {hub: {config: {KubeSpawner: {mem_limt: 4G}}}}}": (
        "values.jupyterhub.hub.config.KubeSpawner.mem_limt: unknown trait of KubeSpawner; did you mean mem_limit?"
    ),
    profile("uid: '1000'"): f"{OVERRIDE}.uid: must be a whole number",
    profile("node_selector: null"): f"{OVERRIDE}.node_selector: can't be null: it must be a mapping of keys to values",
    profile("node_selector: {gpu: true}"): f"{OVERRIDE}.node_selector.gpu: {QUOTES}",
    profile("environment: {A: 5}"): (f"{OVERRIDE}.environment.A: {QUOTES}, or {{valueFrom: ...}} as in Kubernetes"),
    profile("image: 5"): f"{OVERRIDE}.image: {QUOTES}",
    profile("image_pull_policy: always"): (f"{OVERRIDE}.image_pull_policy: must be one of Always, IfNotPresent, Never"),
    profile("pre_spawn_hook: x"): (
        f"{OVERRIDE}.pre_spawn_hook: can only be set in Python, with values.jupyterhub.hub.extraConfig"
    ),
    profile("tolerations: [{keyy: a}]"): (
        f"{OVERRIDE}.tolerations.0.keyy: is not known to Kubernetes; did you mean key?"
    ),
    profile("volume_mounts: [{name: dev-shm}]"): f"{OVERRIDE}.volume_mounts.0.mountPath: is missing",
    "values: {jupyterhub: {singleuser: {uid: root}}}": "values.jupyterhub.singleuser.uid: must be a whole number",
    "values: {jupyterhub: {singleuser: {extraEnv: [{name: A, value: b}]}}}": (
        "values.jupyterhub.singleuser.extraEnv: must be a mapping of keys to values"
    ),
    # texts that KubeSpawner formats
    "values: {jupyterhub: {singleuser: {extraEnv: {A: '{\"a\": 1}'}}}}": (
        'values.jupyterhub.singleuser.extraEnv.A: has {"a"}, which KubeSpawner does not know:'
        " write {{ and }} for braces"
    ),
    "values: {jupyterhub: {singleuser: {extraLabels: {A: '{'}}}}": (
        "values.jupyterhub.singleuser.extraLabels.A: has a single brace, which KubeSpawner can't format:"
        " write {{ and }}"
    ),
    "home: {volume: {}, mount_path: '/home/{user_name}'}": (
        "home.mount_path: unknown placeholder {user_name}; did you mean {username}?"
    ),
    "values: {jupyterhub: {singleuser: {storage: {extraVolumes: [{name: a, hostPath: {path: '/{x}'}}]}}}}": (
        "values.jupyterhub.singleuser.storage.extraVolumes.0.hostPath.path: has {x}, which KubeSpawner does not know:"
        " write {{ and }} for braces"
    ),
    "values: {jupyterhub: {singleuser: {profileList: [{display_name: A, kubespawner_override: {mem_limt: 1}}]}}}": (
        "values.jupyterhub.singleuser.profileList.0.kubespawner_override.mem_limt: unknown trait of KubeSpawner;"
        " did you mean mem_limit?"
    ),
    "values: {jupyterhub: {singleuser: {profileList: [{display_name: A, profile_options: {s: {choices: {a: {"
    "kubespawner_override: {cpu_limit: 2}}}}}}, {kubespawner_override: {mem_limit: 4g}}]}}}": (
        "values.jupyterhub.singleuser.profileList.1.kubespawner_override.mem_limit: " + MEMORY + ": write 4G"
    ),
    # volumes of the hub
    profile("volumes: [{name: dev-shm, emptyDir: {}}]"): (
        f"{OVERRIDE}.volumes.0: dev-shm is the name of a volume that each server of this program has: use another name"
    ),
    profile("volumes: {x: {name: x}}, volume_mounts: [{name: x, mountPath: /home/jovyan/}]"): (
        f"{OVERRIDE}.volume_mounts.0: /home/jovyan/ is where the home directory is mounted: use another path"
    ),
    profile("volumes: [{name: x, emptyDir: {}}], volume_mounts: [{name: x, mountPath: /home//jovyan/.}]"): (
        f"{OVERRIDE}.volume_mounts.0: /home//jovyan/. is where the home directory is mounted: use another path"
    ),
    profile("volumes: {home: null}"): (
        f"{OVERRIDE}.volumes.home: is needed while it is mounted; to leave it out, write volume_mounts: {{home: null}}"
    ),
    # guarantees and limits
    "resources: {memory: {guarantee: 4G, limit: 2G}}": (
        "resources.memory.guarantee: 4G is more than the limit 2G (resources.memory.limit):"
        " raise the limit, or write null for none"
    ),
    "resources: {cpu: {guarantee: 2, limit: 1}}": (
        "resources.cpu.guarantee: 2 is more than the limit 1 (resources.cpu.limit):"
        " raise the limit, or write null for none"
    ),
    "{resources: {memory: {limit: 2G}}, profiles: [{display_name: A, kubespawner_override: {mem_guarantee: 4G}}]}": (
        f"{OVERRIDE}.mem_guarantee: 4G is more than the limit 2G (resources.memory.limit):"
        " raise the limit, or write null for none"
    ),
    "{resources: {memory: {guarantee: 2G, limit: 4G}}, profiles: [{display_name: A,"
    " kubespawner_override: {mem_limit: 1G}}]}": (
        f"{OVERRIDE}.mem_limit: 1G is less than the guarantee 2G (resources.memory.guarantee): write a guarantee too"
    ),
    "profiles: [{display_name: A, kubespawner_override: {mem_limit: 2G}, profile_options: {s: {display_name: S,"
    " choices: {a: {display_name: A, kubespawner_override: {mem_guarantee: 3G}}}}}}]": (
        "profiles.0.profile_options.s.choices.a.kubespawner_override.mem_guarantee: 3G is more than the limit 2G"
        f" ({OVERRIDE}.mem_limit): raise the limit, or write null for none"
    ),
    profile("extra_resource_limits: {nvidia.com/gpu: 2}, extra_resource_guarantees: {nvidia.com/gpu: 1}"): (
        f"{OVERRIDE}.extra_resource_guarantees.nvidia.com/gpu: must be the same as in extra_resource_limits, 2:"
        " Kubernetes does not share devices"
    ),
    # slugs and defaults
    "profiles: [{display_name: A, slug: big}, {display_name: B, slug: big}]": (
        "profiles.1.slug: the slug big is also that of profiles.0"
    ),
    "profiles: [{display_name: C}, {display_name: C++}]": (
        "profiles.1: the slug c is also that of profiles.0, derived from 'C++': write another one"
    ),
    "profiles: [{display_name: R & Python}, {display_name: R / Python}]": (
        "profiles.1: the slug r-python is also that of profiles.0, derived from 'R / Python': write another one"
    ),
    "profiles: {a: {display_name: A}, b: {display_name: B, slug: a}}": (
        "profiles.b.slug: the slug a is also that of profiles.a"
    ),
    "profiles: [{display_name: A, slug: ''}]": "profiles.0.slug: must not be empty",
    "profiles: [{display_name: '🐳'}]": "profiles.0: needs a slug: the name has no letter or digit",
    "profiles: [{display_name: A, default: true}, {display_name: B, default: true}]": (
        "profiles.1.default: profiles.0 is the default already"
    ),
    "profiles: [{display_name: A, images: {a: {image: 'a/b:1', default: true}, c: {image: 'a/c:1', default: true}}}]": (
        "profiles.0.images.c.default: a is the default already"
    ),
    "profiles: [{display_name: A, slug: a, profile_options: {b--c: {display_name: X, choices: {x: {display_name: X}}"
    "}}}, {display_name: B, slug: a--b, profile_options: {c: {display_name: X, choices: {x: {display_name: X}}}}}]": (
        "profiles.1.profile_options.c: the page can't tell it from profiles.0.profile_options.b--c:"
        " write another slug or name"
    ),
    "profiles: [{display_name: A, profile_options: {s: {display_name: S, choices: {'': {display_name: B}}}}}]": (
        "profiles.0.profile_options.s.choices.: needs a name"
    ),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_no_server_starts_with(repository: Repository, text: str) -> None:
    text = text.removeprefix("{").removesuffix("}") if text.startswith("{") else text
    text = text.replace(", profiles:", "\nprofiles:", 1) if text.startswith("resources") else text
    repository.ocean(OCEAN + text + "\n")
    errors = repository.errors()
    assert [error.split(": ", 1)[1] for error in errors] == [REFUSED[text_key(text)]]
    assert all(error.startswith("stacks/earth/ocean.yaml:") for error in errors)


def text_key(text: str) -> str:
    return text if text in REFUSED else "{" + text.replace("\nprofiles:", ", profiles:") + "}"


ACCEPTED = [
    profile("mem_limit: null, mem_guarantee: 14G, node_selector: {example.org/gpu: t4}"),
    profile("mem_limit: 4Gi, mem_guarantee: 7516192768, cpu_limit: 500m").replace("4Gi", "8Gi"),
    profile("image_spec: 'a/b:1', singleuser_uid: 1000"),
    profile("environment: {A: {valueFrom: {fieldRef: {fieldPath: metadata.name}}}, B: null}"),
    profile("tolerations: [{key: nvidia.com/gpu, operator: Exists}], extra_resource_limits: {nvidia.com/gpu: 1}"),
    profile("volumes: {data: {name: data, emptyDir: {}}}, volume_mounts: {home: null}"),
    profile(
        "extra_pod_config: {hostIPC: true, dns_policy: Default}, lifecycle_hooks: {postStart: {exec: {command: [a]}}}"
    ),
    profile("cmd: jupyterhub-singleuser, args: ['--debug'], default_url: /lab, fs_gid: null"),
    "profiles: [{display_name: A, default: true}, {display_name: B, default: true, allowed_groups: ['org:g']}]",
    "values: {jupyterhub: {singleuser: {extraEnv: {A: '{username}/{{}}', B: {name: B, value: b}}}}}",
    "values: {jupyterhub: {singleuser: {memory: {limit: null}}}}",
    "values: {jupyterhub: {hub: {config: {KubeSpawner: {http_timeout: 60, working_dir: '/a/{username}'}}}}}",
    "shared_directories: {/own: {sub_path: '{username}/a', volume: {emptyDir: {}}}}",
]


def warnings(repository: Repository) -> list[str]:
    """The warnings about the community's file."""
    found = [str(warning) for warning in repository.load().warnings]
    return [warning for warning in found if warning.startswith("stacks/earth/ocean.yaml:")]


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_kubespawner_accepts(repository: Repository, text: str) -> None:
    repository.ocean(OCEAN + text + "\n")
    assert repository.errors() == []
    assert warnings(repository) == []


@pytest.mark.parametrize(
    "image",
    [
        "hub_image: quay.io/ocean/hub:1",
        "values: {jupyterhub: {hub: {image: {name: quay.io/ocean/hub, tag: '1'}}}}",
        "values: {jupyterhub: {hub: {image: {tag: '1'}}}}",
    ],
)
def test_with_an_image_of_ones_own_an_unknown_trait_is_a_warning(repository: Repository, image: str) -> None:
    repository.ocean(OCEAN + image + "\n" + profile("new_trait: 5") + "\n")
    assert repository.errors() == []
    found = {str(item) for item in repository.load().warnings if "new_trait" in str(item)}
    assert found == {f"stacks/earth/ocean.yaml:7: {OVERRIDE}.new_trait: unknown trait of KubeSpawner"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "environment: {A: '/home/{usrname}'}",
            "environment.A: {usrname} is text; did you mean the placeholder {username}?",
        ),
        (
            profile("pod_name_template: 'a-{username}'"),
            f"{OVERRIDE}.pod_name_template: has no effect: KubeSpawner reads it before it knows the profile",
        ),
        (
            profile("environment: {A: '{{\"a\": 1}}'}"),
            f"{OVERRIDE}.environment.A: has double braces, which servers get as they are written: write single braces",
        ),
        *(
            (written, f"{path}: these servers reach all that their node reaches, NFS servers too")
            for written, path in (
                (
                    profile("extra_pod_config: {host_network: true}"),
                    f"{OVERRIDE}.extra_pod_config.host_network",
                ),
                (
                    "values: {jupyterhub: {singleuser: {extraPodConfig: {hostNetwork: true}}}}",
                    "values.jupyterhub.singleuser.extraPodConfig.hostNetwork",
                ),
                (
                    "values: {jupyterhub: {hub: {config: {KubeSpawner: {extra_pod_config: {hostNetwork: true}}}}}}",
                    "values.jupyterhub.hub.config.KubeSpawner.extra_pod_config.hostNetwork",
                ),
            )
        ),
    ],
)
def test_what_probably_means_something_else(repository: Repository, text: str, expected: str) -> None:
    repository.ocean(OCEAN + text + "\n")
    assert {warning.split(": ", 1)[1] for warning in warnings(repository)} == {expected}


PROFILES = """\
profiles:
  - {display_name: Small, slug: small, kubespawner_override: {mem_limit: 2G, cpu_limit: 1}}
  - {display_name: Big, kubespawner_override: {mem_limit: 8G}}
"""


def test_a_mapping_changes_single_profiles_of_the_layer_below(repository: Repository) -> None:
    repository.ocean(
        OCEAN.replace(
            "  prod: {domain: ocean.example.org}",
            "  prod:\n    domain: ocean.example.org\n    profiles:\n"
            "      small: {kubespawner_override: {mem_limit: 4G}}\n"
            "      big: null\n"
            "      gpu: {display_name: GPU}",
        )
        + PROFILES
    )
    staging, prod = (dict(repository.hub(f"ocean/{name}").named_profiles) for name in ("staging", "prod"))
    assert [item.display_name for item in staging.values()] == ["Small", "Big"]
    assert [(key, item.display_name) for key, item in prod.items()] == [("small", "Small"), ("gpu", "GPU")]
    assert prod["small"].kubespawner_override == {"mem_limit": "4G", "cpu_limit": 1}
    assert staging[0].kubespawner_override == {"mem_limit": "2G", "cpu_limit": 1}


def test_a_list_replaces_profiles_of_the_layer_below(repository: Repository) -> None:
    repository.ocean(
        OCEAN.replace("ocean.example.org}\n", "ocean.example.org, profiles: [{display_name: One}]}\n")
        + "profiles: {small: {display_name: Small}}\n"
    )
    assert [item.display_name for _, item in repository.hub().named_profiles] == ["One"]


def test_a_mistake_in_a_mapping_has_its_line(repository: Repository) -> None:
    repository.ocean(
        OCEAN + "profiles:\n  small:\n    display_name: Small\n    kubespawner_override:\n      mem_limit: 4g\n"
    )
    assert repository.errors() == [
        f"stacks/earth/ocean.yaml:10: profiles.small.kubespawner_override.mem_limit: {MEMORY}: write 4G"
    ]
