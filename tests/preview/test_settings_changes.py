"""What one changed line of a stack's files means, for people who review it: in each layer of each example stack."""

# ruff: noqa: E501  (a row is read more easily in few lines)

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from hubs.preview.diff.judged import Judgement, Level
from hubs.preview.diff.settings_changes import settings_judgements
from hubs.preview.values import load_with_placeholders
from tests.repository import ROOT

DEMO, EARTH, MARS = "Pulumi.demo.yaml", "Pulumi.earth.yaml", "Pulumi.mars.yaml"
SANDBOX, OCEAN, CLIMATE = "demo/sandbox.yaml", "earth/ocean.yaml", "earth/climate.yaml"
ASTRO, GENOMICS = "mars/astro.yaml", "mars/genomics.yaml"
IN_OCEAN, IN_ASTRO = "display_name: Ocean Observatory\n", "display_name: Radio Astronomy\n"
OCEAN_PROD = "  prod:\n    domain: ocean.example.org"
ASTRO_PROD = "  prod:\n    domain: astro.example.net"
DEFAULTS = "    named_servers: true"
ALL_EARTH = "climate-prod climate-staging ocean-prod ocean-staging"
BOTH_OCEAN, BOTH_ASTRO = "ocean-prod ocean-staging", "astro-prod astro-staging"
BOTH_GENOMICS, BOTH_CLIMATE = "genomics-prod genomics-staging", "climate-prod climate-staging"
STACK = "the stack"


@dataclass(frozen=True)
class Row:
    """A changed line, the dangers expected with the hubs that they concern, and other sentences expected."""

    file: str
    old: str
    new: str
    dangers: tuple[str, ...] = ()
    hubs: str = ""
    others: tuple[str, ...] = ()


def after(file: str, line: str, added: str, danger: str = "", hubs: str = "", other: str = "") -> Row:
    """Add a line after another one."""
    return Row(file, line, f"{line.rstrip()}\n{added}\n", (danger,) if danger else (), hubs, (other,) if other else ())


def row(file: str, old: str, new: str, danger: str = "", hubs: str = "", other: str = "") -> Row:
    return Row(file, old, new, (danger,) if danger else (), hubs, (other,) if other else ())


METADATA = "cloud metadata is no longer blocked: servers can get the credentials of their node"
ROWS = {
    # What was once approved without a word.
    "login at another server": row(
        ASTRO, "login.example.net/realms", "evil.example.com/realms",
        "login goes to another server: login.example.net → evil.example.com: who runs it decides who people are, "
        "and who administers the hub", BOTH_ASTRO),
    "login at one more server": row(
        ASTRO, "token_url: https://login.example.net", "token_url: https://evil.example.com",
        "login goes to another server: login.example.net → evil.example.com and login.example.net: who runs it decides "
        "who people are, and who administers the hub", BOTH_ASTRO),
    "other user names": row(
        ASTRO, "username_claim: preferred_username", "username_claim: email",
        "auth.username_claim: preferred_username → email: everyone gets another user name, so another home directory",
        BOTH_ASTRO),
    "all home directories for everyone": row(
        OCEAN, "allusers: {read_only: false, admins: true}", "allusers: {read_only: false, everyone: true}",
        "shared directory allusers: everyone may write in everyone's home directory", BOTH_OCEAN),
    "a shared directory that everyone can write": row(
        OCEAN, "shared: {sub_path: _shared}", "shared: {sub_path: _shared, read_only: false}",
        "shared directory shared: everyone may write in the folder _shared", BOTH_OCEAN),
    "metadata, community": after(ASTRO, IN_ASTRO, "block_cloud_metadata: false", METADATA, BOTH_ASTRO),
    "metadata, hub": after(ASTRO, ASTRO_PROD, "    block_cloud_metadata: false", METADATA, "astro-prod"),
    "metadata, cluster": after(MARS, "    storage_class: gp3", "    block_cloud_metadata: false", METADATA, STACK),
    "metadata, defaults": row(
        MARS, "  imagebuilding:registry:\n", "  imagebuilding:defaults: {block_cloud_metadata: false}\n  imagebuilding:registry:\n",
        METADATA, "astro-prod astro-staging genomics-prod genomics-staging"),
    "metadata is blocked": row(
        EARTH, "block_cloud_metadata: false", "block_cloud_metadata: true", "", "",
        "cloud metadata is blocked: servers that need it for their cloud identity lose it"),
    "the hub's own code": after(
        ASTRO, IN_ASTRO, "hub_image: docker.io/evil/hub:1",
        "the hub's own code: quay.io/2i2c/pilot-hub:0.0.1-0.dev.git.16609.hb23fbd448 → docker.io/evil/hub:1: whoever "
        "publishes this image decides who may log in, and what the hub does", BOTH_ASTRO),
    "another tag of the hub's image": after(
        ASTRO, IN_ASTRO, "hub_image: quay.io/2i2c/pilot-hub:0.0.1-0.dev.git.17000.h0000000", "", "",
        "the hub's own code: quay.io/2i2c/pilot-hub:0.0.1-0.dev.git.16609.hb23fbd448 → "
        "quay.io/2i2c/pilot-hub:0.0.1-0.dev.git.17000.h0000000: another version of the same image"),
    # What was once shouted for nothing.
    "named servers": row(EARTH, DEFAULTS, "    named_servers: false", "", "", "people may have one server each"),
    "the place of images": row(
        EARTH, "location: us-central1", "location: europe-west1",
        "place of built images: us-central1 → europe-west1: images that people built stay at the old place and are "
        "built again", STACK),
    # Who may log in or administer.
    "one more admin": row(
        OCEAN, "admins: [ada, grace]", "admins: [ada, grace, mallory]",
        "mallory is an administrator now: they see and stop all servers, and open home directories that are mounted "
        "for admins", BOTH_OCEAN),
    "one more admin of one hub": after(
        OCEAN, OCEAN_PROD, "    auth: {admins: [ada, grace, mallory]}",
        "mallory is an administrator now: they see and stop all servers, and open home directories that are mounted "
        "for admins", "ocean-prod"),
    "one admin less": row(OCEAN, "[ada, grace]", "[ada]", "", "", "grace is no longer an administrator"),
    "admins in another order": row(OCEAN, "[ada, grace]", "[grace, ada]"),
    "an operator who is an admin already": row(OCEAN, "[ada, grace]", "[ada, grace, operator-kim]"),
    "an admin who becomes an operator": row(EARTH, "github: {admins: [operator-kim]", "github: {admins: [operator-kim, ada]"),
    "an operator": row(
        EARTH, "github: {admins: [operator-kim]", "github: {admins: [operator-kim, mallory]",
        "mallory is an administrator now: they see and stop all servers, and open home directories that are mounted "
        "for admins", BOTH_OCEAN),
    "an operator less": row(EARTH, "github: {admins: [operator-kim]", "github: {admins: []", "", "",
                            "operator-kim is no longer an administrator"),
    "operators of an unused login": row(
        EARTH, "      cilogon: {admins", "      google: {admins: [kim@example.org]}\n      cilogon: {admins"),
    "operators' organization": row(
        EARTH, '"earth-hubs:operators"', '"earth-hubs:operators", evil-org', "people of evil-org may log in now",
        BOTH_OCEAN),
    "an organization": row(
        OCEAN, "    - ocean-observatory:workshop-2026\n", "    - ocean-observatory:workshop-2026\n    - evil-org\n",
        "people of evil-org may log in now", BOTH_OCEAN),
    "a whole organization": row(
        OCEAN, "ocean-observatory:workshop-2026", "ocean-observatory",
        "people of ocean-observatory may log in now; people of ocean-observatory:workshop-2026 can't log in any more",
        BOTH_OCEAN),
    "an organization less": row(
        OCEAN, "    - ocean-observatory:workshop-2026\n", "", "", "",
        "people of ocean-observatory:workshop-2026 can't log in any more"),
    "everyone": row(
        OCEAN, "  type: github\n", "  type: github\n  allow_all: true\n",
        "everyone with an account at the login provider may log in", BOTH_OCEAN),
    "everyone at a provider": row(
        CLIMATE, "      username_claim: preferred_username\n",
        "      username_claim: preferred_username\n      allow_all: true\n",
        "identity provider http://github.com/login/oauth/authorize: everyone with an account there may log in",
        BOTH_CLIMATE),
    "not everyone at a provider": row(
        CLIMATE, "      allow_all: true\n", "", "", "",
        "identity provider https://idp.example.edu/idp/shibboleth: an account there is no longer enough to log in"),
    "another identity provider": row(
        CLIMATE, "  # Individual people", "    https://evil.example.com/idp: {username_claim: email}\n  # Individual people",
        "identity provider https://evil.example.com/idp may say who people are now", BOTH_CLIMATE),
    "names without a prefix": row(
        CLIMATE, "      prefix: github\n", "",
        "identity provider http://github.com/login/oauth/authorize: prefix of user names: github → none: everyone there "
        "gets another user name, so another home directory", BOTH_CLIMATE),
    "a user": row(CLIMATE, 'users: ["github:octocat"]', 'users: ["github:octocat", "github:mallory"]',
                  "github:mallory may log in now", BOTH_CLIMATE),
    "a user less": row(CLIMATE, '  users: ["github:octocat"]\n', "", "", "", "github:octocat may no longer log in"),
    "a group": row(ASTRO, "allow_groups: [hub-user, ", "allow_groups: [hub-user, everyone, ",
                   "members of everyone may log in now", BOTH_ASTRO),
    "a group of admins": row(
        ASTRO, "admin_groups: [hub-admin]", "admin_groups: [hub-admin, hub-user]",
        "members of hub-user are administrators now: they see and stop all servers, and open home directories that are "
        "mounted for admins", BOTH_ASTRO),
    "another claim with groups": row(
        ASTRO, "groups_claim: oauth_user.roles", "groups_claim: oauth_user.groups",
        "claim with people's groups: oauth_user.roles → oauth_user.groups: other groups decide what people may do",
        BOTH_ASTRO),
    "a scope": row(ASTRO, "scope: [openid, profile, email, roles]", "scope: [openid, profile, email, roles, phone]", "", "",
                   "OAuth scopes of logins: openid, profile, email and roles → openid, profile, email, roles and phone: "
                   "logins fail if the provider refuses one of them"),
    "rights at GitHub": row(
        OCEAN, "  type: github\n", "  type: github\n  scope: [repo]\n",
        "the hub gets further rights to people's accounts at GitHub: repo", BOTH_OCEAN),
    "a domain of Google": Row(
        GENOMICS, "  allow: [school.example.com]", "  allow: [school.example.com, partner.example.org]\n  strip_domain: true",
        ("people of partner.example.org may log in now",
         "people of partner.example.org get user names without their domain: whoever has the same name as somebody of "
         "school.example.com gets that person's account and home directory"), BOTH_GENOMICS),
    "what was the default": row(
        GENOMICS, "  allow: [school.example.com]", "  allow: [school.example.com]\n  strip_domain: true"),
    "names with their domain": row(
        GENOMICS, "  allow: [school.example.com]", "  allow: [school.example.com]\n  strip_domain: false",
        "user names change: ada → ada@school.example.com: everyone of school.example.com gets another user name, and so "
        "another home directory", BOTH_GENOMICS),
    "another domain": row(
        OCEAN, "domain: ocean.example.org", "domain: hub.ocean.example.org",
        "domain: ocean.example.org → hub.ocean.example.org: people need the new address; nobody can log in until the "
        "login provider knows its callback URL", "ocean-prod"),
    "a role": Row(ASTRO, "roles:\n", 'roles:\n  grader: {scopes: ["admin:users"], users: [mallory]}\n',
                  ("role grader: it permits more: admin:users", "role grader: mallory has it now"), BOTH_ASTRO),
    "a scope less": row(ASTRO, '  user: ["access:services!service=dask-gateway"]\n', "", "", "",
                        "role user: it no longer permits access:services!service=dask-gateway"),
    "demonstration": row(
        MARS, "    name: mars", "    name: mars\n    demonstration: true",
        "the cluster is a demonstration now: hubs may let everyone in, and secrets may be plain text", STACK),
    "a profile for everyone": row(
        OCEAN, '    allowed_groups: ["ocean-observatory:gpu"]\n', "",
        "profile GPU: groups that may use it: ocean-observatory:gpu → everyone: more people may use it", BOTH_OCEAN),
    "a profile for fewer": row(
        OCEAN, "    slug: cpu\n", '    slug: cpu\n    allowed_groups: ["ocean-observatory:cpu"]\n', "", "",
        "profile CPU: groups that may use it: everyone → ocean-observatory:cpu: fewer people may use it"),
    "one password for all": after(
        ASTRO, ASTRO_PROD, "    auth: {type: shared-password}", "login provider: oidc → shared-password: everyone may get "
        "another user name, so another home directory; everyone who knows the shared password may log in", "astro-prod"),
    "everyone, where everyone may log in": row(SANDBOX, "auth: {type: dummy}", "auth: {type: dummy, allow_all: true}"),
    "only some domains": row(
        CLIMATE, "      allow_all: true\n", "      allowed_domains: ['*.edu']\n", "", "",
        "identity provider https://idp.example.edu/idp/shibboleth: domains that may log in: everyone → *.edu"),
    "everyone instead of groups": row(
        ASTRO, "allow_groups: [hub-user, hub-admin]", "allow_all: true",
        "everyone with an account at the login provider may log in", BOTH_ASTRO),
    "everyone at Google": Row(
        GENOMICS, "  allow: [school.example.com]", "  allow_all: true",
        ("everyone with an account at the login provider may log in",
         "user names change: ada → ada@school.example.com: everyone of school.example.com gets another user name"),
        BOTH_GENOMICS),
    "the same admin, without the domain": row(GENOMICS, "[rosalind@school.example.com]", "[rosalind]"),
    "the same admin in capitals": row(OCEAN, "[ada, grace]", "[Ada, grace]"),
    # People's files.
    "homes on another server": after(
        OCEAN, OCEAN_PROD, "    home: {nfs: {server: 10.0.0.8}}",
        "home directories move: 10.0.0.7:/export/ocean → 10.0.0.8:/export/ocean; nothing is copied. The update is "
        "refused: home is nfs 10.0.0.8:/export/ocean", "ocean-prod"),
    "homes of another kind": row(
        CLIMATE, "  volume: {size: 20Gi}", "  nfs: {server: 10.0.0.7, path: /export/climate}",
        "home directories move: volume → nfs 10.0.0.7:/export/climate; nothing is copied", BOTH_CLIMATE),
    "no homes": row(CLIMATE, "home:\n  volume: {size: 20Gi}", "home: none",
                    "people's files are no longer kept (volume before): they are deleted with their server", BOTH_CLIMATE),
    "larger homes": row(CLIMATE, "{size: 20Gi}", "{size: 30Gi}", "", "",
                        "size of people's volumes: 20Gi → 30Gi: only new volumes get this size"),
    "less quota": row(ASTRO, "quota: 20", "quota: 10", "", "",
                      "storage for each person: 20 → 10: whoever stores more can't save files any more"),
    "a path less": row(
        OCEAN, "  extra_mount_paths: [/home/rstudio]\n", "",
        "what servers save at /home/rstudio is lost when they stop", BOTH_OCEAN),
    "a group's folder for everyone": row(
        OCEAN, ', groups: ["ocean-observatory:modelling"]}', "}",
        "shared directory model-runs: everyone may write in the folder _model_runs", BOTH_OCEAN),
    "a folder that people can only read": row(
        ASTRO, "{sub_path: _shared-public, read_only: false}", "{sub_path: _shared-public}", "", "",
        "shared directory shared-public: everyone may only read the folder _shared-public now"),
    "a new folder": after(OCEAN, "shared_directories:", "  data: {sub_path: _data}", "", "",
                          "shared directory data: everyone may read the folder _data"),
    "somebody's home for everyone": after(
        OCEAN, "shared_directories:", "  data: {sub_path: ada}",
        "shared directory data: everyone may read the folder ada", BOTH_OCEAN),
    "files of the node": after(
        ASTRO, "shared_directories:", "  /node: {volume: {hostPath: {path: /}}}",
        'shared directory /node: everyone may read the files of their node, of everyone there (/)', BOTH_ASTRO),
    "files of another server": after(
        ASTRO, "shared_directories:", "  /data: {read_only: false, volume: {nfs: {server: 10.0.0.7, path: /export/ocean}}}",
        "shared directory /data: everyone may write in the volume ", BOTH_ASTRO),
    "a volume of the hub": after(
        ASTRO, "shared_directories:", "  /data: {volume: {persistentVolumeClaim: {claimName: data}}}", "", "",
        "shared directory /data: everyone may read the volume "),
    "somebody else's scratch space": row(ASTRO, "/scratch: {volume: {emptyDir: {sizeLimit: 20Gi}}}", "/scratch: {sub_path: ada}",
        "shared directory /scratch: people see other files there: ", BOTH_ASTRO),
    "homes that are not set any more": row(
        OCEAN, "  nfs: {server: 10.0.0.7, path: /export/ocean}\n", "  nfs: {server: 10.0.0.7, path: /export}\n",
        "home directories move: 10.0.0.7:/export/ocean → 10.0.0.7:/export; nothing is copied", "ocean-prod"),
    "another path in servers": row(
        OCEAN, "  extra_mount_paths: [/home/rstudio]\n", "  extra_mount_paths: [/home/rstudio]\n  mount_path: /home/ada\n",
        "path of the home directory in servers: /home/jovyan → /home/ada: what servers save at the old path is lost",
        BOTH_OCEAN),
    "confirmed": after(OCEAN, OCEAN_PROD, "    moved_from: {home: 'nfs 10.0.0.7:/old'}",
                       "confirms that people's files were copied from there", "ocean-prod"),
    "more scratch space": row(ASTRO, "sizeLimit: 20Gi", "sizeLimit: 40Gi"),
    "deleted images": row(EARTH, "dry_run: true", "dry_run: false", "old images are deleted from now on", STACK),
    "fewer images, without deletion": row(
        EARTH, "keep_newest: 20", "keep_newest: 5", "", "",
        "versions of each image that are kept: 20 → 5: no image is deleted while dry_run is true"),
    "a namespace": after(
        OCEAN, OCEAN_PROD, "    namespace: elsewhere",
        "namespace: ocean-prod → elsewhere: people's volumes and the hub's database stay in the old one. The update is "
        "refused: namespace is elsewhere", "ocean-prod"),
    "another organization of images": row(
        MARS, "organization: example-imagebuilding", "organization: evil",
        "place of built images: example-imagebuilding → evil: images that people built stay at the old place", STACK),
    "another name of the cluster": row(
        MARS, "    name: mars", "    name: venus",
        "name of the cluster: mars → venus: every resource gets another name, and the images that people built stay "
        "behind. The update is refused: name is venus, but the hubs are deployed with mars", STACK),
    "a hub that is renamed without a word": row(
        OCEAN, OCEAN_PROD, OCEAN_PROD.replace("prod:", "main:"),
        "the update is refused: the hub has the domain of ocean/prod", "ocean-main"),
    # Network, cloud identity, code, isolation.
    "an address for builds": after(
        EARTH, "    storage_class: premium-rwo", "    build_egress: [{cidr: 10.20.0.5}]",
        "builds may reach 10.20.0.5/32 (port 443) now", STACK),
    "no encryption": row(
        MARS, "{class_name: nginx, cluster_issuer: letsencrypt-prod}", "{class_name: nginx}",
        "the hubs no longer get certificates from letsencrypt-prod: passwords and cookies are not encrypted on their way", STACK),
    "larger uploads": row(EARTH, "proxy-body-size: 256m", "proxy-body-size: 512m", "", "", "annotations of the ingress: "),
    "another cloud identity": row(
        OCEAN, "ocean-users@earth-hubs", "admin@earth-hubs",
        "servers get an identity in the cloud: iam.gke.io/gcp-service-account: admin@earth-hubs.iam.gserviceaccount.com",
        BOTH_OCEAN),
    "a cloud identity for all": row(
        EARTH, DEFAULTS, f"{DEFAULTS}\n    service_account: {{annotations: {{eks.amazonaws.com/role-arn: admin}}}}",
        "servers get an identity in the cloud: eks.amazonaws.com/role-arn: admin", ALL_EARTH),
    "no cloud identity": row(
        OCEAN, "service_account:\n  annotations:\n    iam.gke.io/gcp-service-account: "
        "ocean-users@earth-hubs.iam.gserviceaccount.com\n", "", "", "", "servers lose an identity in the cloud"),
    "a token for Kubernetes": row(
        OCEAN, "service_account:\n", "service_account:\n  automount_service_account_token: true\n",
        "servers get a token for Kubernetes' own API", BOTH_OCEAN),
    "an account for nodes": after(
        EARTH, "    storage_class: premium-rwo", "    nodes_service_account: evil@earth-hubs.iam.gserviceaccount.com",
        "service account of the nodes: none → evil@earth-hubs.iam.gserviceaccount.com: this account may pull the images "
        "of all hubs", STACK),
    "templates": row(
        OCEAN, "branding:\n", "branding:\n  templates: {repository: 'https://github.com/evil/templates'}\n",
        "templates run in the hub, with its rights", BOTH_OCEAN),
    "a script for everyone": row(
        OCEAN, "branding:\n", "branding:\n  announcement: <script src='https://evil.example.com/x.js'></script>\n",
        "it runs code in the browser of everyone who opens the hub, with that person's rights", BOTH_OCEAN),
    "an announcement": row(
        OCEAN, "branding:\n", "branding:\n  announcement: Maintenance on <b>Friday</b>.\n", "", "",
        "announcement: none → Maintenance on <b>Friday</b>."),
    "builds for everyone": row(
        CLIMATE, "build: {groups: [instructors]}", "build: {}",
        "groups that may build images: instructors → everyone: more people may build images", BOTH_CLIMATE),
    "builds for fewer": after(OCEAN, IN_OCEAN, "build: {groups: ['ocean-observatory:builders']}", "", "",
                              "groups that may build images: everyone → ocean-observatory:builders: fewer people may build"),
    "any server of repositories": after(
        OCEAN, IN_OCEAN, "build: {repo_providers: [gh, git]}", "repositories of git can be built now", BOTH_OCEAN),
    "another program that builds": after(
        OCEAN, IN_OCEAN, "build: {image: docker.io/evil/repo2docker:1}",
        "it runs all builds, with the right to push images", BOTH_OCEAN),
    "a chart from elsewhere": after(
        OCEAN, IN_OCEAN, "charts: {jupyterhub: {repository: 'https://evil.example.com/charts'}}",
        "chart jupyterhub: repository of the chart: https://hub.jupyter.org/helm-chart/ → "
        "https://evil.example.com/charts: whoever publishes there decides what runs in the cluster", BOTH_OCEAN),
    "a major version": after(
        OCEAN, OCEAN_PROD, "    charts: {jupyterhub: {version: 5.0.0}}",
        "chart jupyterhub: version of the chart: 4.4.0 → 5.0.0: a new major version, or an older one", "ocean-prod"),
    "a minor version": after(
        OCEAN, OCEAN_PROD, "    charts: {jupyterhub: {version: 4.5.0}}", "", "",
        "chart jupyterhub: version of the chart: 4.4.0 → 4.5.0: the hub's own software"),
    "other images of hubs in one project": row(
        EARTH, "  gcp:project: earth-hubs", "  gcp:project: other-hubs",
        "gcp:project: earth-hubs → other-hubs: images that people built stay in the old project", STACK),
    "another cluster": row(
        MARS, "cluster/mars\n", "cluster/venus\n",
        "kubernetes:context: arn:aws:eks:us-west-2:111122223333:cluster/mars → "
        "arn:aws:eks:us-west-2:111122223333:cluster/venus: the update goes to another cluster", STACK),
    "a Secret for everyone": row(
        OCEAN, "environment:\n", "environment:\n  TOKEN: {valueFrom: {secretKeyRef: {name: data, key: token}}}\n",
        "everyone who has a server can read this Secret", BOTH_OCEAN),
    "a key for all images": row(
        EARTH, "    location: us-central1\n", "    location: us-central1\n    pull_secret: true\n", "", "",
        "nodes pull a hub's images with that hub's key, so that no other hub can"),
    "any value that people type": row(
        OCEAN, "      image:\n        display_name: Image\n", "      image:\n        display_name: Image\n        "
        "unlisted_choice: {enabled: false}\n", "", "", "people can't type a value of their own any more"),
    "another repository of user images": row(
        OCEAN, "quay.io/pangeo/pangeo-notebook:2026.06.04", "docker.io/other/notebook:1", "", "",
        "docker.io/other/notebook:1: servers that start from now on use it"),
    "an image less": row(
        OCEAN, """      rocker:
        image: docker.io/rocker/binder:4.4
        display_name: R
        description: R with RStudio and the tidyverse
        default_url: /rstudio
""", "", "", "", "profile CPU: image R is removed: servers can't be started with it any more"),
    # Cost, availability, appearance, nothing.
    "a new tag": row(
        OCEAN, "pangeo-notebook:2026.06.04", "pangeo-notebook:2026.07.04", "", "",
        "profile CPU: image Pangeo: quay.io/pangeo/pangeo-notebook:2026.06.04 → "
        "quay.io/pangeo/pangeo-notebook:2026.07.04"),
    "a profile": row(
        OCEAN, "profiles:\n", "profiles:\n  - {display_name: Big memory, slug: big}\n", "", "", "profile Big memory is added"),
    "a renamed profile": row(OCEAN, "display_name: GPU", "display_name: Graphics", "", "",
                             "profile Graphics: name: GPU → Graphics"),
    "another slug": row(OCEAN, "slug: gpu", "slug: t4", "", "", "profile GPU: slug: gpu → t4"),
    "memory": row(CLIMATE, "guarantee: 1G, limit: 4G", "guarantee: 1G, limit: 8G", "", "",
                  "memory limit of servers: 4G → 8G: a server that uses more is stopped"),
    "culling": row(CLIMATE, "timeout: 1800", "timeout: 3600", "", "", "seconds until an unused server is stopped: 1800 → 3600"),
    "deletion of users": row(CLIMATE, "cull: {", "cull: {users: true, ", "", "",
                             "inactive people are deleted from the hub's database; their files stay"),
    "typed images, in a menu that was there": row(
        OCEAN, "    node_shares:\n", "    profile_options: {image: {unlisted_choice: {validation_regex: ^quay.io/.+$}}}\n    node_shares:\n",
        "", "", "profile CPU: menu image: values that people may type: none → ^quay.io/.+$: people may type fewer values"),
    "addresses that reach the hubs": row(
        EARTH, "        nginx.ingress.kubernetes.io/proxy-body-size: 256m\n",
        "        nginx.ingress.kubernetes.io/proxy-body-size: 256m\n        nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8\n",
        "", "", "annotations of the ingress"),
    "certificates elsewhere": row(
        MARS, "cluster_issuer: letsencrypt-prod", "tls: elsewhere",
        "unless something in front of the ingress does it (tls: elsewhere)", STACK),
    "other certificates": row(
        MARS, "cluster_issuer: letsencrypt-prod", "cluster_issuer: letsencrypt-staging", "", "",
        "certificates come from letsencrypt-staging, no longer from letsencrypt-prod: browsers warn"),
    "no culling": row(CLIMATE, "cull: {timeout: 1800, max_age: 86400}", "cull: {enabled: false}", "", "",
                      "servers that nobody uses keep running, and cost"),
    "three servers each": row(EARTH, "named_servers: true", "named_servers: {limit: 3}", "", "",
                              "named servers for each person: no limit → 3: whoever has more can't start others"),
    "larger scratch space": row(ASTRO, "sizeLimit: 20Gi", "sizeLimit: 50Gi", "", "", "scratch space: "),
    "a variable": row(OCEAN, "environment:\n", "environment:\n  LOG_LEVEL: debug\n", "", "", "LOG_LEVEL is set in servers: debug"),
    "a search path of the image": row(OCEAN, "environment:\n", "environment:\n  PATH: /opt/tools/bin:$PATH\n", "", "", "PATH is set in servers: "),
    "a variable that runs code": after(
        EARTH, DEFAULTS, "    environment: {LD_PRELOAD: /shared/x.so}",
        "LD_PRELOAD is set in servers: /shared/x.so: it can decide which programs run in people's servers", ALL_EARTH),
    "a proxy for servers": row(
        OCEAN, "environment:\n", "environment:\n  https_proxy: http://10.9.9.9:3128\n",
        "https_proxy is set in servers: http://10.9.9.9:3128: what people's servers send and receive goes through this proxy", BOTH_OCEAN),
    "packages from elsewhere": row(
        OCEAN, "environment:\n", "environment:\n  PIP_INDEX_URL: https://evil.example.com\n",
        "people install packages from there", BOTH_OCEAN),
    "a name": row(SANDBOX, "display_name: Sandbox", "display_name: Sand", "", "", "name of the community: Sandbox → Sand"),
    "any node": row(DEMO, "user_nodes: {selector: {}}", "user_nodes: {selector: {a: b}}", "", "",
                    "nodes of servers and builds: none → "),
    "another login in the demonstration": row(
        SANDBOX, "auth: {type: dummy}", "auth: {type: dummy, admins: [ada]}",
        "ada is an administrator now", "sandbox-prod"),
    "the program's default, written": after(OCEAN, IN_OCEAN, "cull: {enabled: true}"),
    "a comment": after(OCEAN, IN_OCEAN, "# Nothing else"),
    "the same image, written twice": row(
        GENOMICS, "prod: {domain: genomics.example.com}",
        "prod: {domain: genomics.example.com, image: 'quay.io/jupyter/datascience-notebook:2026-07-28'}"),
    "a renamed hub": row(
        OCEAN, OCEAN_PROD, OCEAN_PROD.replace("prod:", "main:") + "\n    renamed_from: prod", "", "",
        "ocean/prod is called ocean/main now; what is deployed keeps its name"),
    # New hubs.
    "a new hub like its neighbors": row(
        CLIMATE, "hubs:\n", "hubs:\n  test: {domain: test.climate.example.org}\n", "", "",
        "identity provider https://idp.example.edu/idp/shibboleth: everyone with an account there may log in"),
    "a new hub for everyone": row(
        OCEAN, "hubs:\n", "hubs:\n  test: {domain: test.ocean.example.org, home: {nfs: {path: /export/test}}, auth: {allow_all: true}}\n",
        "everyone with an account at the login provider may log in", "ocean-test"),
    "a new hub with any names": row(
        SANDBOX, "hubs:\n", "hubs:\n  test: {domain: test.localhost}\n",
        "", "", "everyone may log in under any name (with the password, if one is set)"),
    "a new hub on other people's files": row(
        OCEAN, "hubs:\n", "hubs:\n  test: {domain: test.ocean.example.org}\n",
        "works on the home directories of ocean/prod: people of the same name share their files", "ocean-test"),
    "a new hub with its own files": row(
        OCEAN, "hubs:\n", "hubs:\n  test: {domain: test.ocean.example.org, home: {nfs: {path: /export/ocean-test}}}\n"),
    "any names in a new hub": row(
        ASTRO, "hubs:\n", "hubs:\n  test: {domain: test.example.net, home: none, shared_directories: {shared-public: null}, auth: {type: shared-password}}\n",
        "everyone who knows the shared password may log in", "astro-test"),
    "a new hub with all rights on its node": row(
        OCEAN, "hubs:\n", "hubs:\n  test: {domain: test.ocean.example.org, home: {nfs: {path: /export/test}}, "
        "profiles: [{display_name: X, kubespawner_override: {privileged: true}}]}\n",
        "servers have all rights on their node", "ocean-test"),
    "a new hub without a block": row(
        ASTRO, "hubs:\n", "hubs:\n  test: {domain: test.example.net, block_cloud_metadata: false, "
        "home: {disk: {volume_id: vol-0123456789abcdef2}}}\n", METADATA, "astro-test"),
}  # fmt: skip


def judge(tmp_path: Path, case: Row) -> list[tuple[str, Judgement]]:
    """Return each judgement of a changed line, with the hub that it concerns."""
    stack = case.file.removeprefix("Pulumi.").partition("." if case.file.startswith("Pulumi.") else "/")[0]
    for path in ("Pulumi.yaml", "stacks"):
        copy = shutil.copytree if (ROOT / path).is_dir() else shutil.copy
        copy(ROOT / path, tmp_path / path)
    file = tmp_path / "stacks" / case.file
    text = file.read_text(encoding="utf-8")
    assert case.old in text
    before = load_with_placeholders(stack, tmp_path)
    file.write_text(text.replace(case.old, case.new), encoding="utf-8")
    found = settings_judgements(before, load_with_placeholders(stack, tmp_path))
    hubs = [(hub, one) for hub, judgements in found.hubs.items() for one in judgements]
    return [*((STACK, one) for one in found.stack), *hubs]


@pytest.mark.parametrize("name", ROWS)
def test_what_a_line_means(tmp_path: Path, name: str) -> None:
    case = ROWS[name]
    found = judge(tmp_path, case)
    dangers = {one.text for _, one in found if one.level is Level.DANGEROUS}
    assert len(dangers) == len(case.dangers), dangers
    for expected in case.dangers:
        hubs = " ".join(sorted(hub for hub, one in found if expected in one.text and one.level is Level.DANGEROUS))
        assert hubs == case.hubs, (expected, dangers)
    for expected in case.others:
        assert any(expected in one.text for _, one in found), [one.text for _, one in found]
    if not case.dangers and not case.others:
        assert [one.text for _, one in found if one.level > Level.CAREFUL] == []
    for _, one in found:
        assert one.source.startswith("stacks/"), one
