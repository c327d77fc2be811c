"""Every mistake is one line: file, line, path, and what was expected."""

from __future__ import annotations

import pytest

from hubs.preview.configuration import configuration
from hubs.preview.secrets import Secret
from hubs.settings.errors import SettingsError
from hubs.settings.loader import load
from tests.repository import Repository
from tests.settings.kinds import LOGINS, REGISTRIES

CLUSTER = "{name: earth}"
QUAY = "{type: quay, organization: earth}"
AUTH = '{type: github, allow: ["ocean-org:hub-users"], admins: [ada]}'
COMMUNITY = "stacks/earth/ocean.yaml"
STACK = "stacks/Pulumi.earth.yaml"

STACK_MISTAKES = {
    # cluster
    "cluster: unknown key": (
        CLUSTER,
        "{name: earth, provder: gcp}",
        f"{STACK}:4: cluster.provder: unknown key; did you mean provider?",
    ),
    "cluster: unknown word": (
        CLUSTER,
        "{name: earth, zzz: 1}",
        f"{STACK}:4: cluster.zzz: unknown key; valid keys: block_cloud_metadata, build_cache, build_egress, "
        "core_nodes, demonstration, ingress, kubernetes_version, name, nodes_service_account, operators, provider, "
        "storage_class, timeout, user_nodes, user_scheduler",
    ),
    "cluster: egress: host name": (
        CLUSTER,
        "{name: earth, build_egress: [{cidr: mirror.example.org}]}",
        f"{STACK}:4: cluster.build_egress.0.cidr: must be an address such as 10.20.0.5, or a network such as "
        "10.20.0.0/28",
    ),
    "cluster: egress: scope": (
        CLUSTER,
        "{name: earth, build_egress: [{cidr: 'fe80::1%eth0'}]}",
        f"{STACK}:4: cluster.build_egress.0.cidr: must be an address such as 10.20.0.5, or a network such as "
        "10.20.0.0/28",
    ),
    "cluster: egress: address and prefix": (
        CLUSTER,
        "{name: earth, build_egress: [{cidr: 10.20.0.5/24}]}",
        f"{STACK}:4: cluster.build_egress.0.cidr: is an address and a prefix: write the network 10.20.0.0/24, or the "
        "address alone",
    ),
    "cluster: egress: port": (
        CLUSTER,
        "{name: earth, build_egress: [{cidr: 10.20.0.5, ports: [0]}]}",
        f"{STACK}:4: cluster.build_egress.0.ports.0: must be at least 1",
    ),
    "cluster: egress: no ports": (
        CLUSTER,
        "{name: earth, build_egress: [{cidr: 10.20.0.5, ports: []}]}",
        f"{STACK}:4: cluster.build_egress.0.ports: must not be empty",
    ),
    "cluster: no name": (CLUSTER, "{provider: gcp}", f"{STACK}:4: cluster.name: is missing"),
    "cluster: name": (
        CLUSTER,
        "{name: Earth}",
        f"{STACK}:4: cluster.name: must be lower-case letters, digits and '-', at most 40",
    ),
    "cluster: provider": (
        CLUSTER,
        "{name: earth, provider: azure}",
        f"{STACK}:4: cluster.provider: must be gcp, aws or other",
    ),
    "cluster: version": (
        CLUSTER,
        '{name: earth, kubernetes_version: "latest"}',
        f"{STACK}:4: cluster.kubernetes_version: must be a Kubernetes version such as 1.33.0, in quotes",
    ),
    "cluster: version without quotes": (
        CLUSTER,
        "{name: earth, kubernetes_version: 1.33}",
        f"{STACK}:4: cluster.kubernetes_version: must be text (numbers and true/false need quotes)",
    ),
    "cluster: timeout": (
        CLUSTER,
        "{name: earth, timeout: 0}",
        f"{STACK}:4: cluster.timeout: must be greater than 0",
    ),
    "cluster: whole number": (
        CLUSTER,
        "{name: earth, timeout: '600'}",
        f"{STACK}:4: cluster.timeout: must be a whole number",
    ),
    "cluster: true or false": (
        CLUSTER,
        "{name: earth, demonstration: yes}",
        f"{STACK}:4: cluster.demonstration: must be true or false",
    ),
    "cluster: quantity": (
        CLUSTER,
        "{name: earth, build_cache: lots}",
        f"{STACK}:4: cluster.build_cache: must be a Kubernetes quantity such as 10Gi",
    ),
    "cluster: ingress": (
        CLUSTER,
        "{name: earth, ingress: {}}",
        f"{STACK}:4: cluster.ingress.class_name: is missing",
    ),
    "cluster: not a mapping": (
        CLUSTER,
        "earth",
        f"{STACK}:4: imagebuilding:cluster: must be a mapping of keys to values",
    ),
    "cluster: nothing": (
        f"  imagebuilding:cluster: {CLUSTER}\n",
        "",
        f"{STACK}:1: imagebuilding:cluster: is missing; for example imagebuilding:cluster: "
        "{name: earth, provider: gcp}",
    ),
    # registry
    "registry: nothing": (
        f"  imagebuilding:registry: {QUAY}\n",
        "",
        f"{STACK}:1: imagebuilding:registry: is missing; for example imagebuilding:registry: "
        "{type: quay, organization: my-org}",
    ),
    "registry: no type": (
        QUAY,
        "{organization: earth}",
        f"{STACK}:5: registry: needs a type: one of {REGISTRIES}",
    ),
    "registry: type": (
        QUAY,
        "{type: nonsense}",
        f"{STACK}:5: registry: type must be one of {REGISTRIES}",
    ),
    "registry: organization": (
        QUAY,
        "{type: quay, organization: Earth Hubs}",
        f"{STACK}:5: registry.organization: must be the name of an organization on quay.io, at least 2 characters",
    ),
    "registry: location": (
        QUAY,
        "{type: artifact-registry, location: here!}",
        f"{STACK}:5: registry.location: must be a region such as us-central1, or us, europe, asia",
    ),
    "registry: key of another type": (
        QUAY,
        "{type: artifact-registry, location: us, host: earth}",
        f"{STACK}:5: registry.host: unknown key; valid keys: cleanup, keyless, kms_key, location, project, "
        "pull_secret, rotation, type, vulnerability_scanning",
    ),
    "registry: host": (
        QUAY,
        '{type: oci, host: "https://registry.example.org"}',
        f"{STACK}:5: registry.host: must be host.domain or host:port, no scheme; write registry.example.org",
    ),
    "registry: no host to Docker": (
        QUAY,
        "{type: oci, host: registry}",
        f"{STACK}:5: registry.host: must be host.domain or host:port, no scheme",
    ),
    "registry: prefix in capitals": (
        QUAY,
        '{type: oci, host: ghcr.io, prefix: "reef-laboratory-of-coastal-studies/Images/"}',
        f"{STACK}:5: registry.prefix: must be a path such as project/: lower-case letters and digits, with single '.', "
        "'_' or '-' between them",
    ),
    "registry: Docker Hub without an owner": (
        QUAY,
        "{type: oci, host: index.docker.io}",
        f"{STACK}:5: imagebuilding:registry.prefix: must be an owner such as example/: names of images on Docker Hub "
        "have two parts",
    ),
    "registry: Docker Hub with a path": (
        QUAY,
        "{type: oci, host: docker.io, prefix: reef/images}",
        f"{STACK}:5: imagebuilding:registry.prefix: must be an owner such as example/: names of images on Docker Hub "
        "have two parts",
    ),
    "registry: prefix too long": (
        QUAY,
        "{type: oci, host: ghcr.io, prefix: " + "a" * 224 + "}",
        f"{STACK}:5: imagebuilding:registry: ocean/prod: names of built images would start with ghcr.io/{'a' * 224}"
        "/earth-ocean-prod-, which Docker refuses: it has 250 characters, at most 247 are allowed",
    ),
    "registry: underscore": (
        QUAY,
        "{type: quay, organization: earth_hubs}",
        f"{STACK}:5: imagebuilding:registry: ocean/prod: names of built images would start with "
        "quay.io/earth_hubs/earth-ocean-prod-, where BinderHub writes '-' for '_'",
    ),
    "registry: two ways to pull": (
        QUAY,
        "{type: artifact-registry, location: us, keyless: true, pull_secret: true}",
        f"{STACK}:5: imagebuilding:registry.pull_secret: needs a key, which keyless removes: write only one of the two",
    ),
    "registry: plain HTTP": (
        QUAY,
        '{type: oci, host: "registry.example.org", insecure: true}',
        f"{STACK}:5: imagebuilding:registry.insecure: sends passwords over plain HTTP, which is "
        "allowed only on a cluster with demonstration: true",
    ),
    "registry: no project": (
        f"  gcp:project: earth-hubs\n  imagebuilding:cluster: {CLUSTER}\n  imagebuilding:registry: {QUAY}\n",
        f"  imagebuilding:cluster: {CLUSTER}\n  imagebuilding:registry: {{type: artifact-registry, location: us}}\n",
        f"{STACK}:4: gcp:project: is missing: set the Google Cloud project that holds the images",
    ),
    # the stack's other keys
    "misspelt key": (
        "imagebuilding:cluster:",
        "imagebuilding:clustr: {}\n  imagebuilding:cluster:",
        f"{STACK}:4: imagebuilding:clustr: unknown key; did you mean imagebuilding:cluster?",
    ),
    "unknown key": (
        "imagebuilding:cluster:",
        "imagebuilding:zzz: {}\n  imagebuilding:cluster:",
        f"{STACK}:4: imagebuilding:zzz: unknown key; valid keys: cluster, registry, charts, defaults, secrets",
    ),
    "charts: digest": (
        "  imagebuilding:secrets:",
        "  imagebuilding:charts: {jupyterhub: {digest: abc}}\n  imagebuilding:secrets:",
        f"{STACK}:6: charts.jupyterhub.digest: must be sha256: and 64 hexadecimal digits",
    ),
    "charts: repository": (
        "  imagebuilding:secrets:",
        "  imagebuilding:charts: {jupyterhub: {repository: hub.jupyter.org}}\n  imagebuilding:secrets:",
        f"{STACK}:6: charts.jupyterhub.repository: must be https://... or oci://...",
    ),
    "charts: no origin": (
        "  imagebuilding:secrets:",
        "  imagebuilding:charts: {jupyterhub: {repository: null}}\n  imagebuilding:secrets:",
        f"{STACK}:6: charts.jupyterhub: needs a repository (https:// or oci://) or an archive (a local path)",
    ),
    # secrets
    "secret in plain text": (
        'password: {secure: "v1:cipher"}',
        "password: marker-of-a-secret",
        f"{STACK}:7: imagebuilding:secrets.registry.password: is in plain text; encrypt it with: "
        "pulumi config set -s earth --secret --path 'imagebuilding:secrets.registry.password'",
    ),
}

COMMUNITY_MISTAKES = {
    # who may log in
    "auth: no type": (
        AUTH,
        "{allow: [a]}",
        f":2: auth: needs a type: one of {LOGINS}",
    ),
    "auth: type": (
        AUTH,
        "{type: nonsense}",
        f":2: auth: type must be one of {LOGINS}",
    ),
    "auth: unknown key": (
        AUTH,
        "{type: github, allow: [a], admin: [ada]}",
        ":2: auth.admin: unknown key; did you mean admins?",
    ),
    "auth: wrong type": (AUTH, "{type: github, allow: a}", ":2: auth.allow: must be a list"),
    "auth: item": (
        AUTH,
        "{type: github, allow: [a, 5]}",
        ":2: auth.allow.1: must be text (numbers and true/false need quotes)",
    ),
    "auth: team": (AUTH, '{type: github, allow: ["a:b:c"]}', ":2: auth.allow.0: must be org or org:team"),
    "auth: groups": (
        AUTH,
        "{type: google, allow_groups: [g]}",
        ":2: auth: allow_groups and admin_groups need groups_claim: where the provider puts the groups",
    ),
    "auth: identity providers": (
        AUTH,
        "{type: cilogon, identity_providers: {}}",
        ":2: auth.identity_providers: must not be empty",
    ),
    "auth: claim": (
        AUTH,
        '{type: cilogon, identity_providers: {"https://idp.example.edu": {allow_all: true}}}',
        ":2: auth.identity_providers.https://idp.example.edu.username_claim: is missing",
    ),
    "auth: entity id": (
        AUTH,
        "{type: cilogon, identity_providers: {example.edu: {username_claim: email, allow_all: true}}}",
        ":2: auth.identity_providers.example.edu: must be an entity ID: a URL such as "
        "https://idp.example.edu/idp/shibboleth, or a URN",
    ),
    "auth: domain": (
        AUTH,
        "{type: google, allow: ['a.org,']}",
        ":2: auth.allow.0: must be a domain such as school.example.com",
    ),
    "auth: url": (
        AUTH,
        "{type: oidc, authorize_url: idp.example.org, token_url: 'https://idp.example.org/token', users: [ada]}",
        ":2: auth.authorize_url: must be a URL that starts with https://",
    ),
    # home directories
    "home: two kinds": (
        "hubs:",
        "home: {volume: {}, none: true}\nhubs:",
        ":3: home: needs exactly one of nfs, volume, disk and none; has volume and none: "
        "remove one with an explicit null",
    ),
    "home: no kind": (
        "hubs:",
        "home: {mount_path: /home/ada}\nhubs:",
        ":3: home: needs exactly one of nfs, volume, disk and none; has none of them",
    ),
    "home: nfs": ("hubs:", "home: {nfs: {server: nfs.example.org}}\nhubs:", ":3: home.nfs.path: is missing"),
    "home: path": (
        "hubs:",
        "home: {nfs: {server: nfs.example.org, path: export}}\nhubs:",
        ":3: home.nfs.path: must be an absolute path such as /export/ocean, without '//'",
    ),
    "home: server": (
        "hubs:",
        "home: {nfs: {server: nfs.example.org:/export, path: /export}}\nhubs:",
        ":3: home.nfs.server: must be a host name or an address such as 10.0.0.7: no scheme, no port, no path",
    ),
    "home: an unknown word": (
        "hubs:",
        "home: nope\nhubs:",
        ":3: home: must be none, or a mapping with nfs, volume or disk",
    ),
    "home: id of a disk": (
        "hubs:",
        "home: {disk: {volume_id: foo}}\nhubs:",
        ":3: home.disk.volume_id: must be vol-... of an EBS volume, or projects/P/zones/Z/disks/D of a persistent disk",
    ),
    "an unknown key like one that can't be set": (
        "hubs:",
        "secretss: {}\nhubs:",
        ":3: secretss: unknown key; valid keys: auth, block_cloud_metadata, branding, build, charts, cull, "
        "decommission, default_url, display_name, domain, environment, files, home, hub_image, image, moved_from, "
        "named_servers, namespace, node_selector, profiles, renamed_from, resources, roles, service_account, "
        "shared_directories, stage, user_nodes, values, working_directory",
    ),
    "home: size": (
        "hubs:",
        "home: {volume: {size: 10 GB}}\nhubs:",
        ":3: home.volume.size: must be a Kubernetes quantity such as 10Gi: write 10Gi",
    ),
    # profiles
    "profiles: not a list": ("hubs:", "profiles: CPU\nhubs:", ":3: profiles: must be a list"),
    "profiles: an empty mapping": ("hubs:", "profiles: {}\nhubs:", ":3: profiles: must not be empty"),
    "profiles: no name": ("hubs:", "profiles:\n  - {slug: a}\nhubs:", ":4: profiles.0.display_name: is missing"),
    "profiles: image without a tag": (
        "hubs:",
        "profiles:\n  - display_name: A\n    images: {a: quay.io/a/b}\nhubs:",
        ":5: profiles.0.images.a: must be an image with a tag or a digest, such as "
        "quay.io/jupyter/scipy-notebook:2026-07-28",
    ),
    "profiles: image of an override without a tag": (
        "hubs:",
        "profiles:\n  - display_name: A\n    kubespawner_override: {image: quay.io/a/b}\nhubs:",
        ":5: profiles.0.kubespawner_override: image: must be an image with a tag or a digest, such as "
        "quay.io/jupyter/scipy-notebook:2026-07-28",
    ),
    "profiles: regular expression": (
        "hubs:",
        "profiles:\n  - display_name: A\n    profile_options:\n      image:\n        display_name: Image\n"
        "        unlisted_choice: {validation_regex: '('}\nhubs:",
        ":8: profiles.0.profile_options.image.unlisted_choice: validation_regex is not a valid Python regular"
        " expression",
    ),
    "profiles: node share": (
        "hubs:",
        "profiles:\n  - display_name: A\n    node_shares: [{instance_type: z1.huge}]\nhubs:",
        ":5: profiles.0.node_shares.0: needs memory and cpu: the size of z1.huge is not known",
    ),
    "profiles: number of shares": (
        "hubs:",
        "profiles:\n  - display_name: A\n    node_shares: [{instance_type: r5.xlarge, shares: 0}]\nhubs:",
        ":5: profiles.0.node_shares.0.shares: must be from 1 to 10, or a list of parts such as [2, 8]",
    ),
    "profiles: two forms of images": (
        "hubs:",
        "profiles:\n  - display_name: A\n    images: {a: 'a:1'}\n"
        "    profile_options: {image: {display_name: I, choices: {b: {display_name: B}}}}\nhubs:",
        ":4: profiles.0: has both images and profile_options.image.choices: write all of them in one",
    ),
    # other keys
    "image without a tag": (
        "hubs:",
        "image: quay.io/jupyter/scipy-notebook\nhubs:",
        ":3: image: must be an image with a tag or a digest, such as quay.io/jupyter/scipy-notebook:2026-07-28",
    ),
    "hub image with an empty tag": (
        "hubs:",
        "hub_image: 'quay.io/2i2c/pilot-hub:'\nhubs:",
        ":3: hub_image: is not a valid image name; write one such as quay.io/jupyter/scipy-notebook:2026-07-28",
    ),
    "memory": (
        "hubs:",
        "resources: {memory: {limit: 4 GB}}\nhubs:",
        ":3: resources.memory.limit: must be memory in bytes, or with K, M, G or T (1024-based), such as 2G: write 4G",
    ),
    "memory of another type": (
        "hubs:",
        "resources: {memory: {limit: true}}\nhubs:",
        ":3: resources.memory.limit: must be memory in bytes, or with K, M, G or T (1024-based), such as 2G",
    ),
    "cores of another type": (
        "hubs:",
        "resources: {cpu: {limit: two}}\nhubs:",
        ":3: resources.cpu.limit: must be a number of cores such as 0.5",
    ),
    "shared directory: two volumes": (
        "hubs:",
        "shared_directories: {/a: {volume: {emptyDir: {}, hostPath: {}}}}\nhubs:",
        ":3: shared_directories./a.volume: must have exactly one key, such as emptyDir",
    ),
    "cores": (
        "hubs:",
        "resources: {cpu: {limit: -1}}\nhubs:",
        ":3: resources.cpu.limit: must be a number of cores such as 0.5",
    ),
    "default url": (
        "hubs:",
        "default_url: lab\nhubs:",
        ":3: default_url: must be a path such as /lab, /rstudio or /tree",
    ),
    "environment": (
        "hubs:",
        "environment: {A: 5}\nhubs:",
        ":3: environment: A must be text (numbers need quotes) or {valueFrom: ...} as in Kubernetes",
    ),
    "culling": ("hubs:", "cull: {every: 0}\nhubs:", ":3: cull.every: must be greater than 0"),
    "named servers": (
        "hubs:",
        "named_servers: {limit: -1}\nhubs:",
        ":3: named_servers.limit: must be at least 0",
    ),
    "roles": ("hubs:", "roles: {user: {users: [a]}}\nhubs:", ":3: roles.user.scopes: is missing"),
    "values: chart": (
        "hubs:",
        "values: {binderhub: {}}\nhubs:",
        ":3: values.binderhub: unknown key; did you mean binderhub-service?",
    ),
    "branding: url": (
        "hubs:",
        "branding: {organization: {name: O, url: ocean.example.org}}\nhubs:",
        ":3: branding.organization.url: must be a URL that starts with https://",
    ),
    "shared directory: for whom": (
        "hubs:",
        "home: {nfs: {server: a, path: /b}}\nshared_directories:\n  /shared: {groups: [g], admins: true}\nhubs:",
        ":5: shared_directories./shared: must have either groups or admins, not both: write two entries",
    ),
    "set by the program": (
        "hubs:",
        "secrets: {}\nhubs:",
        ":3: secrets: can't be set here; secrets are in imagebuilding:secrets of the stack",
    ),
    "set by the file's name": (
        "hubs:",
        "community: ocean\nhubs:",
        ":3: community: can't be set here; the file's name is the community's name",
    ),
    # hubs
    "no hubs": (
        "hubs:\n  staging: {domain: staging.ocean.example.org}\n  prod: {domain: ocean.example.org}\n",
        "",
        ":1: hubs: is missing",
    ),
    "no hub": (
        "hubs:\n  staging: {domain: staging.ocean.example.org}\n  prod: {domain: ocean.example.org}\n",
        "hubs: {}\n",
        ":3: hubs: must not be empty",
    ),
    "hub: not a mapping": (
        "prod: {domain: ocean.example.org}",
        "prod: yes",
        ":5: hubs.prod: must be a mapping of keys to values",
    ),
    "hub: no domain": ("prod: {domain: ocean.example.org}", "prod: {}", ":5: domain: is missing"),
    "hub: domain": (
        "prod: {domain: ocean.example.org}",
        "prod: {domain: 'https://ocean.example.org/'}",
        ":5: domain: must be a host name such as hub.example.org: lower case, no scheme, no path, "
        "no IP address; write ocean.example.org",
    ),
    "hub: stage": (
        "prod: {domain: ocean.example.org}",
        "prod: {domain: ocean.example.org, stage: test}",
        ":5: stage: must be staging or prod",
    ),
    "hub: name of a kind of secret": (
        "prod: {domain: ocean.example.org}",
        "registry: {domain: ocean.example.org}",
        ":5: hubs.registry: can't be a hub's name: imagebuilding:secrets uses that key for a kind of secret",
    ),
    "hub: namespace of Kubernetes": (
        "prod: {domain: ocean.example.org}",
        "prod: {domain: ocean.example.org, namespace: kube-system}",
        ":5: namespace: must be a Kubernetes name: a-z, 0-9 and '-', at most 63, and none of Kubernetes' own",
    ),
    "hub: namespace that Kubernetes refuses": (
        "prod: {domain: ocean.example.org}",
        "prod: {domain: ocean.example.org, namespace: Ocean_Prod}",
        ":5: namespace: must be a Kubernetes name: a-z, 0-9 and '-', at most 63, and none of Kubernetes' own",
    ),
    "hub: same domain": (
        "prod: {domain: ocean.example.org}",
        "prod: {domain: staging.ocean.example.org}",
        ":5: hubs.prod.domain: staging.ocean.example.org is already used by ocean/staging",
    ),
    "hub: same namespace": (
        "prod: {domain: ocean.example.org}",
        "prod: {domain: ocean.example.org, namespace: ocean-staging}",
        ":5: hubs.prod.namespace: ocean-staging is already used by ocean/staging",
    ),
    "hub: chart archive": (
        "prod: {domain: ocean.example.org}",
        "prod: {domain: ocean.example.org, charts: {jupyterhub: {archive: no.tgz}}}",
        ":5: ocean/prod: charts.jupyterhub.archive: no.tgz does not exist",
    ),
    "hub: no chart": (
        "prod: {domain: ocean.example.org}",
        "prod: {domain: ocean.example.org, charts: {jupyterhub: {archive: Pulumi.yaml}}}",
        ":5: ocean/prod: charts.jupyterhub.archive: Pulumi.yaml is not a chart: "
        "it has no Chart.yaml with a name and a version",
    ),
}

ONLY_PROD = {
    # both hubs have these problems
    "no display name": ("display_name: Ocean Observatory\n", "", ":3: display_name: is missing"),
    "dummy without demonstration": (
        AUTH,
        "{type: dummy}",
        ":2: ocean/prod: auth.type: dummy lets anyone log in, which is allowed only on a cluster with "
        "demonstration: true",
    ),
    "nobody could log in": (
        AUTH,
        "{type: github}",
        ":2: ocean/prod: auth: nobody can log in: set allow, users, allow_groups or allow_all",
    ),
    "disk without a cloud": (
        "hubs:",
        "home: {disk: {volume_id: vol-1}}\nhubs:",
        ":3: ocean/prod: home.disk: needs a cluster with provider gcp or aws; on other clusters use nfs or volume",
    ),
    "shared directory without a share": (
        "hubs:",
        "shared_directories: {/shared: {}}\nhubs:",
        ":3: ocean/prod: shared_directories./shared: needs a volume, because this hub's home directories are "
        "not on a share (nfs or disk); null removes it",
    ),
}


@pytest.mark.parametrize("name", STACK_MISTAKES)
def test_mistakes_in_a_stack(repository: Repository, name: str) -> None:
    old, new, expected = STACK_MISTAKES[name]
    repository.stack(old, new)
    assert expected in repository.errors()


@pytest.mark.parametrize("name", COMMUNITY_MISTAKES)
def test_mistakes_in_a_community(repository: Repository, name: str) -> None:
    old, new, expected = COMMUNITY_MISTAKES[name]
    repository.replace(COMMUNITY, old, new)
    assert repository.errors() == [COMMUNITY + expected]


@pytest.mark.parametrize("name", ONLY_PROD)
def test_mistakes_of_a_hub(repository: Repository, name: str) -> None:
    old, new, expected = ONLY_PROD[name]
    repository.replace(COMMUNITY, "  staging: {domain: staging.ocean.example.org}\n", "")
    repository.replace(COMMUNITY, old, new)
    errors = [line for line in repository.errors() if "secret auth.password is missing" not in line]
    assert errors == [COMMUNITY + expected]


def test_the_example_that_mistakes_are_made_in_has_none(repository: Repository) -> None:
    assert repository.errors() == []


def test_all_mistakes_are_told_at_once_in_the_order_of_lines(repository: Repository) -> None:
    repository.replace(COMMUNITY, "admins: [ada]", "admins: ada")
    repository.replace(COMMUNITY, "prod: {domain: ocean.example.org}", "prod: {domain: ocean.example.org, stge: prod}")
    repository.stack("{name: earth}", "{name: earth, timeout: x}")
    assert repository.errors() == [
        f"{STACK}:4: cluster.timeout: must be a whole number",
        f"{COMMUNITY}:2: auth.admins: must be a list",
        f"{COMMUNITY}:5: stge: unknown key; did you mean stage?",
    ]


def deployment_errors(repository: Repository) -> list[str]:
    """Return the errors of a deployment, which needs every secret."""
    with pytest.raises(SettingsError) as caught:
        load("earth", configuration("earth", repository.root), root=repository.root, secret=Secret)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("key", ["client_id", "client_secret"])
def test_missing_secrets_of_the_login(repository: Repository, key: str) -> None:
    repository.stack(f'{key}: {{secure: "v1:cipher"}}', f"{key}: null")
    assert deployment_errors(repository) == [
        f"{COMMUNITY}:{line}: ocean/{hub}: auth.{key} is not set: register a client with the callback URL "
        f"https://{domain}ocean.example.org/hub/oauth_callback at https://github.com/settings/applications/new, then "
        f"run `pulumi config set -s earth --secret --path 'imagebuilding:secrets.ocean.{hub}.auth.{key}'`"
        for line, hub, domain in ((4, "staging", "staging."), (5, "prod", ""))
    ]


def test_a_stack_without_a_context(repository: Repository) -> None:
    repository.stack("  kubernetes:context: earth\n", "")
    assert deployment_errors(repository) == [
        f"{STACK}:1: kubernetes:context: is not set: find the cluster's context with `kubectl config get-contexts`, "
        "then run `pulumi config set -s earth kubernetes:context CONTEXT`"
    ]


REGISTRY_SECRETS = {
    "username": (QUAY, "username: earth+robot"),
    "password": (QUAY, 'password: {secure: "v1:cipher"}'),
    "token": (QUAY.replace("}", ", robot: managed}"), "username: earth+robot"),
}


@pytest.mark.parametrize("key", REGISTRY_SECRETS)
def test_a_missing_secret_of_the_registry_is_one_line_that_names_the_clusters_own_place(
    repository: Repository, key: str
) -> None:
    settings, written = REGISTRY_SECRETS[key]
    repository.stack(QUAY, settings)
    repository.stack(written, f"{written.partition(':')[0]}: null")
    path = f"imagebuilding:secrets.registry.{key}"
    assert deployment_errors(repository) == [
        f"{STACK}:5: imagebuilding:secrets.registry: registry.{key} is not set for ocean/staging, ocean/prod: "
        f"run `pulumi config set -s earth --secret --path '{path}'`"
    ]


def test_a_hub_that_has_a_registry_secret_of_its_own_lacks_none(repository: Repository) -> None:
    repository.stack("username: earth+robot, ", "")
    repository.stack("    ocean: {auth:", "    ocean: {prod: {registry: {username: earth+prod}}, auth:")
    (error,) = deployment_errors(repository)
    assert "registry.username is not set for ocean/staging: run" in error


def test_names_that_would_share_a_release(repository: Repository) -> None:
    repository.ocean(
        "display_name: O\nauth: {type: github, allow: [a]}\nhubs:\n  a-b: {domain: a.example.org, namespace: one}\n"
    )
    other = repository.root / "stacks/earth/ocean-a.yaml"
    other.write_text((repository.root / COMMUNITY).read_text().replace("a-b:", "b:").replace("a.ex", "b.ex"))
    other.write_text(other.read_text().replace("one", "two"))
    repository.stack(
        "    ocean: {auth:", '    ocean-a: {auth: {client_id: x, client_secret: {secure: "v1:c"}}}\n    ocean: {auth:'
    )
    assert repository.errors() == [f"{COMMUNITY}:4: hubs.a-b.name: ocean-a-b is already used by ocean-a/b"]


def test_names_that_helm_would_refuse(repository: Repository) -> None:
    long = "a" * 40
    repository.replace(COMMUNITY, "prod:", f"{long}:")
    assert repository.errors() == [
        f"{COMMUNITY}:5: ocean/{long}: name: the names of community and hub together must have at most 40 characters"
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "Ocean.yaml",
            ": the file's name must be lower-case letters, digits and '-', starting with a letter, at most 40",
        ),
        ("auth.yaml", ": a community can't be named auth: imagebuilding:secrets uses that key for a kind of secret"),
        (
            "ab_c.yml",
            ": the file's name must be lower-case letters, digits and '-', starting with a letter, at most 40",
        ),
    ],
)
def test_names_of_files(repository: Repository, name: str, expected: str) -> None:
    repository.write(f"stacks/earth/{name}", "display_name: O\n")
    assert repository.errors() == [f"stacks/earth/{name}{expected}"]


def test_a_link_out_of_the_folder(repository: Repository) -> None:
    outside = repository.root.parent / "outside.yaml"
    outside.write_text("display_name: O\n")
    (repository.root / "stacks/earth/pond.yaml").symlink_to(outside)
    assert repository.errors() == [
        "stacks/earth/pond.yaml: is a symbolic link that leads out of stacks/: use a regular file"
    ]


def test_a_stack_that_is_a_link_out_of_the_folder(repository: Repository) -> None:
    outside = repository.root.parent / "outside.yaml"
    file = repository.root / STACK
    file.rename(outside)
    file.symlink_to(outside)
    assert repository.errors() == [f"{STACK}: is a symbolic link that leads out of stacks/: use a regular file"]


def test_no_community(repository: Repository) -> None:
    (repository.root / COMMUNITY).unlink()
    repository.stack("    ocean: {auth:", "    # ocean: {auth:")
    line = "stacks/earth/: has no community: add one with `hubs new community NAME --cluster earth`"
    assert [str(warning) for warning in repository.load().warnings] == [line]
    with pytest.raises(SettingsError) as error:  # as in an update: an update without hubs would delete everything
        load("earth", configuration("earth", repository.root), root=repository.root)
    assert line in str(error.value).splitlines()


def test_a_misspelt_key_is_one_mistake(repository: Repository) -> None:
    repository.replace(COMMUNITY, "display_name", "displayname")
    repository.stack("{name: earth}", "{nme: earth}")
    repository.replace(COMMUNITY, "prod: {domain", "prod: {domian")
    assert repository.errors() == [
        f"{STACK}:4: cluster.nme: unknown key; did you mean name?",
        f"{COMMUNITY}:1: displayname: unknown key; did you mean display_name?",
        f"{COMMUNITY}:5: domian: unknown key; did you mean domain?",
    ]


def test_a_misspelt_key_hides_no_other_mistake(repository: Repository) -> None:
    repository.replace(COMMUNITY, "hubs:", "home: {nfs: {servr: a}}\nhubs:")
    assert repository.errors() == [
        f"{COMMUNITY}:3: home.nfs.path: is missing",
        f"{COMMUNITY}:3: home.nfs.servr: unknown key; did you mean server?",
    ]


@pytest.mark.parametrize("both", [True, False])
def test_communities_in_the_folder_of_the_cluster(repository: Repository, both: bool) -> None:
    """Release 0.1.0 read them there. A hub must not disappear from the config because it is read elsewhere now."""
    repository.stack("{name: earth}", "{name: saturn}")
    repository.write("stacks/saturn/sea.yaml", (repository.root / COMMUNITY).read_text())
    if not both:
        (repository.root / COMMUNITY).unlink()
    wanted = (
        f"{STACK}:4: imagebuilding:cluster.name: is saturn, and no stack reads the folder stacks/saturn/: communities"
        " of earth are read from stacks/earth/. Move the files: `git mv stacks/saturn stacks/earth`. The name stays,"
        " because names of images contain it"
    )
    assert repository.errors() == [wanted]
    (repository.root / "stacks/Pulumi.saturn.yaml").write_text("config: {}\n")  # then the folder is that stack's
    assert wanted not in repository.errors()


def test_no_stack(repository: Repository) -> None:
    (repository.root / STACK).rename(repository.root / "stacks/Pulumi.mars.yaml")
    assert repository.errors() == [f"{STACK}: there is no such stack; there are: mars"]


@pytest.mark.parametrize("name", ["../earth", "", "a b", "x" * 101, "earth\n"])
def test_what_is_no_name_of_a_stack(repository: Repository, name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(name, {}, root=repository.root)
    assert str(caught.value) == (
        f"stacks/: {name[:40]!r} is not a valid stack name: use letters, digits, '-', '_' and '.', at most 100"
    )


def test_an_empty_stack(repository: Repository) -> None:
    repository.write(STACK, "")
    assert repository.errors() == [f"{STACK}:1: config: is missing: the stack's settings are below it"]
