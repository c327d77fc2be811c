"""One hub: the settings of its community's file, after all layers are merged."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hubs.settings.auth import AnyAuth, Group, UserName
from hubs.settings.base import (
    NAME_PATTERN,
    Domain,
    Name,
    Namespace,
    Short,
    Strict,
    example,
    matching,
)
from hubs.settings.branding import Branding
from hubs.settings.build import Build
from hubs.settings.charts import Charts
from hubs.settings.cluster import SERVER_NODES, SERVER_TAINTS
from hubs.settings.environment import check_names
from hubs.settings.home import Home, SharedDirectory
from hubs.settings.image import Image, same_repository
from hubs.settings.kubernetes import (
    AbsolutePath,
    Annotations,
    FilePath,
    Labels,
    MountPathOrFolder,
    ObjectName,
    Toleration,
)
from hubs.settings.pod_parts import misfits
from hubs.settings.profiles import Profile, Profiles
from hubs.settings.secrets import HubSecrets
from hubs.settings.sizes import Cpu, Memory
from hubs.settings.touches import BLOCK_METADATA, Touches, becomes, each, fewer, higher, touches

HUB_IMAGE = "quay.io/2i2c/pilot-hub:0.0.1-0.dev.git.16609.hb23fbd448"
"""The hub of chart 4.3.3 with jupyterhub-fancy-profiles 0.6.0: the newest published image with the options page that is
known. It lacks fixes, so plans warn of it. `images/hub` builds one for the current chart."""
USER_IMAGE = "quay.io/jupyter/scipy-notebook:2026-07-28"


class MemoryResources(Strict):
    """Memory of one server."""

    guarantee: Annotated[
        Memory | None,
        touches(Touches.COST, "more means fewer servers on a node", subject="memory that each server has for itself"),
        example("1G"),
    ] = "256M"
    """Memory that each server always has: a number with M or G (1024-based), or bytes. Default: 256M, or the limit if
    that is less."""
    limit: Annotated[
        Memory | None,
        touches(Touches.AVAILABILITY, "a server that uses more is stopped", subject="memory limit of servers"),
        example("4G"),
    ] = "1G"
    """Memory that a server can use at most; it is stopped when it uses more. null: no limit. Default: 1G, or the
    guarantee if that is more."""


class CpuResources(Strict):
    """CPU of one server."""

    guarantee: Annotated[
        Cpu | None,
        touches(Touches.COST, "more means fewer servers on a node", subject="CPU that each server has for itself"),
        example(0.25),
    ] = 0.05
    """CPU that each server always has, in cores. Default: 0.05, or the limit if that is less."""
    limit: Annotated[Cpu | None, touches(Touches.AVAILABILITY, subject="CPU limit of servers"), example(2)] = None
    """CPU that a server can use at most, in cores. Default: no limit."""


class Resources(Strict):
    """Memory and CPU of a server where the selected profile sets none."""

    memory: MemoryResources = MemoryResources()
    """Memory of one server."""
    cpu: CpuResources = CpuResources()
    """CPU of one server."""


class Role(Short):
    """A JupyterHub role: permissions, and who has them. A list stands for `scopes`."""

    short_key = "scopes"

    scopes: Annotated[
        list[str],
        touches(
            Touches.LOGIN,
            restricts=fewer,
            subject="permissions",
            gained="it permits more: {}",
            lost="it no longer permits {}",
        ),
        example(["access:services!service=dask-gateway"]),
    ]
    """Permissions (https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html)."""
    users: Annotated[
        list[UserName],
        touches(
            Touches.LOGIN,
            restricts=fewer,
            subject="people with the role",
            gained="{} {has|have} it now",
            lost="{} no longer {has|have} it",
        ),
        example(["ada"]),
    ] = []
    """User names that have this role."""
    groups: Annotated[
        list[Group],
        touches(
            Touches.LOGIN,
            restricts=fewer,
            subject="groups with the role",
            gained="members of {} have it now",
            lost="members of {} no longer have it",
        ),
        example(["instructors"]),
    ] = []
    """JupyterHub groups (`org:team` with GitHub) whose members have this role."""
    services: Annotated[
        list[str],
        touches(
            Touches.LOGIN,
            restricts=fewer,
            subject="services with the role",
            gained="{} {has|have} it now",
            lost="{} no longer {has|have} it",
        ),
        example(["grader"]),
    ] = []
    """JupyterHub services that have this role."""


class NamedServers(Short):
    """Whether people may have more than one server each."""

    short_key = "enabled"

    enabled: Annotated[
        bool,
        touches(
            Touches.COST,
            subject="named servers",
            gained="people may have more than one server each",
            lost="people may have one server each",
        ),
    ] = True
    """Allow named servers. Written as a mapping without `enabled`, such as {limit: 3}, they are allowed too."""
    limit: Annotated[int, touches(Touches.COST, subject="named servers for each person"), Field(ge=0), example(3)] = 0
    """How many named servers each person may have. 0 means no limit."""


class Cull(Strict):
    """When servers that nobody uses are stopped. Files in home directories stay."""

    enabled: Annotated[
        bool,
        touches(
            Touches.COST,
            subject="stopping of unused servers",
            gained="servers that nobody uses are stopped",
            lost="servers that nobody uses keep running, and cost",
        ),
    ] = True
    """Stop servers that nobody uses."""
    every: Annotated[
        int, touches(Touches.COST, subject="seconds between looks for unused servers"), Field(gt=0), example(300)
    ] = 600
    """How often to look for unused servers, in seconds."""
    timeout: Annotated[
        int,
        touches(
            Touches.AVAILABILITY,
            "servers that nobody uses are stopped sooner, and what they compute is lost",
            restricts=higher,
            subject="seconds until an unused server is stopped",
            otherwise="servers that nobody uses are stopped later",
        ),
        Field(gt=0),
        example(1800),
    ] = 3600
    """How long a server must be unused before it is stopped, in seconds."""
    max_age: Annotated[
        int,
        touches(
            Touches.AVAILABILITY,
            "servers are stopped sooner, even while they are used",
            restricts=higher,
            subject="age at which servers are stopped, in seconds",
            otherwise="servers may run longer",
        ),
        Field(ge=0),
        example(86400),
    ] = 604800
    """Age at which a server is stopped even while it is used, in seconds. Default: 7 days. 0 means never."""
    users: Annotated[
        bool,
        touches(
            Touches.AVAILABILITY,
            subject="deletion of inactive users",
            gained="inactive people are deleted from the hub's database; their files stay",
            lost="inactive people stay in the hub's database",
        ),
    ] = False
    """Delete inactive users from the hub's database too. Their files stay."""


class HubNodes(Strict):
    """Differences from the cluster's `user_nodes`."""

    selector: Annotated[
        Labels,
        SERVER_NODES,
        example({"example.org/community": "ocean"}),
    ] = {}
    """Labels that a node must have, in addition to the cluster's."""
    tolerations: Annotated[
        list[Toleration] | None,
        SERVER_TAINTS,
        example([{"key": "example.org/ocean", "operator": "Exists", "effect": "NoSchedule"}]),
    ] = None
    """Taints that servers and builds tolerate, in place of the cluster's list. Default: the cluster's."""


_OCTAL = {"type": "integer", "format": "octal"}  # 0755 is 755 to an editor: no maximum


class File(Short):
    """A file in people's servers: either `text` or `data`. Text stands for `text`."""

    short_key = "text"

    text: Annotated[
        str | None,
        touches(Touches.AVAILABILITY, "servers that start from now on have it", subject="content"),
        example("import numpy as np"),
    ] = None
    """Content of the file."""
    data: Annotated[
        dict[str, Any] | None,
        touches(Touches.AVAILABILITY, "servers that start from now on have it", subject="content"),
        example({"ServerApp": {"terminals_enabled": False}}),
    ] = None
    """Content of the file as a mapping. The path's extension sets the format: .json, .yaml or .toml."""
    mode: Annotated[
        int | None,
        touches(Touches.AVAILABILITY, subject="permissions"),
        Field(ge=0, le=0o777, json_schema_extra={"anyOf": [_OCTAL]}),
        example(0o755),
    ] = None
    """Permissions in octal, such as 0755. Default: 0644."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.text is None) == (self.data is None):
            raise ValueError("needs either text or data")
        return self


_ACCOUNTS = (
    *("default", "hub", "user-scheduler", "autohttps", "hook-image-awaiter", "hook-image-puller"),
    *("continuous-image-puller", "binderhub"),
)
"""Service accounts that exist in a hub's namespace: Kubernetes' own, and those of the charts."""


def _free_account(value: str) -> str:
    if value in _ACCOUNTS:
        raise ValueError(f"{value} exists in every hub's namespace, with permissions of its own: write another name")
    return value


class ServiceAccount(Strict):
    """Kubernetes service account of people's servers: their identity in the cloud, for example to use a bucket."""

    name: Annotated[
        ObjectName,
        touches(
            Touches.IDENTITY,
            "servers run with another account: its identity in the cloud, and its rights in the cluster",
            subject="service account of servers",
        ),
        AfterValidator(_free_account),
        example("ocean-users"),
    ] = "user-server"
    """Name of the service account. Set it if the cloud trusts an account with a certain name."""
    annotations: Annotated[
        Annotations,
        touches(
            Touches.IDENTITY,
            restricts=fewer,
            subject="cloud identity of servers",
            gained="servers get an identity in the cloud: {}",
            lost="servers lose an identity in the cloud: {}",
        ),
        example({"iam.gke.io/gcp-service-account": "ocean-users@earth-hubs.iam.gserviceaccount.com"}),
    ] = {}
    """Annotations that give the identity: iam.gke.io/gcp-service-account on GKE, eks.amazonaws.com/role-arn on EKS."""
    automount_service_account_token: Annotated[
        bool,
        touches(
            Touches.IDENTITY,
            restricts=becomes(False),
            subject="token for Kubernetes' own API",
            gained="servers get a token for Kubernetes' own API",
            lost="servers no longer get a token for Kubernetes' own API",
        ),
    ] = False
    """Give servers a token for Kubernetes' own API. An identity in the cloud does not need it. The account has no
    rights in the cluster, unless you grant some."""


def former_name(community: str, name: str) -> tuple[str, str]:
    """Return the names of community and hub that `renamed_from` means in a hub of `community`."""
    other, _, hub = name.rpartition("/")
    return other or community, hub


class MovedFrom(Strict):
    """Confirms that people's files were copied from their previous place. It must match what is deployed, as the
    error message says it."""

    namespace: Annotated[
        str | None,
        touches(
            Touches.FILES,
            "confirms that people's files were copied from there: without the copy, people find empty home directories",
            restricts=becomes(None),
            otherwise="nothing is confirmed any more",
        ),
        example("ocean-prod"),
    ] = None
    """Namespace of the deployed hub."""
    home: Annotated[
        str | None,
        touches(
            Touches.FILES,
            "confirms that people's files were copied from there: without the copy, people find empty home directories",
            restricts=becomes(None),
            otherwise="nothing is confirmed any more",
        ),
        example("nfs 10.0.0.7:/export/ocean"),
    ] = None
    """Place of the deployed hub's home directories."""


def _no_secret(old: dict[str, Any] | None, new: dict[str, Any] | None) -> bool:
    """Whether no variable reads a Secret of the hub's namespace that none of this name read before."""
    before, after = old or {}, new or {}
    return not any(
        isinstance(item, dict) and "secretKeyRef" in str(item) and before.get(name) != item
        for name, item in after.items()
    )


def _environment(value: dict[str, Any]) -> dict[str, Any]:
    value = {name: item for name, item in value.items() if item is not None}
    for name, item in value.items():
        if not isinstance(item, str) and not (isinstance(item, dict) and set(item) == {"valueFrom"}):
            raise ValueError(f"{name} must be text (numbers need quotes) or {{valueFrom: ...}} as in Kubernetes")
        if isinstance(item, dict):
            for path, message in misfits("V1EnvVarSource", item["valueFrom"], (name, "valueFrom"), snake=False):
                raise ValueError(f"{'.'.join(map(str, path))} {message}")
    return check_names(value)


_VARIABLE = {"anyOf": [{"type": "string"}, {"type": "object", "propertyNames": {"enum": ["valueFrom"]}}]}


class Hub(Strict):
    """A complete hub, after all layers are merged."""

    # They come from the file's name, the key below hubs, and the stack's file.
    set_elsewhere = ("community", "name", "secrets")

    community: Name
    name: Name
    display_name: Annotated[
        str, touches(Touches.APPEARANCE, subject="name of the community"), example("Ocean Observatory")
    ]
    """Name of the community, as shown to people."""
    domain: Annotated[
        Domain,
        touches(
            Touches.LOGIN,
            "people need the new address; nobody can log in until the login provider knows its callback URL",
            subject="domain",
        ),
        example("ocean.example.org"),
    ]
    """Host name of the hub. Each hub has its own."""
    stage: Annotated[
        Literal["staging", "prod"],
        touches(Touches.AVAILABILITY, "prod hubs are updated after all staging hubs", subject="stage"),
    ]
    """prod hubs are deployed after all staging hubs of the community. Default: staging for a hub named staging, else
    prod."""
    namespace: Annotated[
        Namespace,
        touches(Touches.FILES, "people's volumes and the hub's database stay in the old one", subject="namespace"),
        example("ocean-prod"),
    ]
    """Kubernetes namespace of the hub. Default: `<community>-<hub>`."""
    auth: Annotated[AnyAuth, example({"type": "github", "allow": ["ocean-observatory:hub-users"], "admins": ["ada"]})]
    """Who may log in, and how."""
    home: Annotated[Home, example({"volume": {"size": "20Gi"}}, "none")]
    """Where people's files are: exactly one of `nfs`, `volume` and `disk`; or `home: none`, which keeps no files.
    Default: one volume for each user."""
    profiles: Annotated[
        Profiles | None,
        each("profile {}"),
        touches(Touches.COST, gained="{} is added", lost="{} is removed: people can't start servers with it any more"),
        example(
            [{"display_name": "CPU", "images": {"scipy": "quay.io/jupyter/scipy-notebook:2026-07-28"}}],
            {"cpu": {"display_name": "CPU", "kubespawner_override": {"mem_limit": "4G"}}},
        ),
    ] = None
    """What people choose from when they start a server: a list, or a mapping of slugs to profiles. A mapping is merged
    over the profiles of the layers below, also if those are a list, so a hub can change or add a single profile, or
    remove one with null. Default: one profile with current images of Jupyter and Pangeo. With an empty list there is
    no choice: servers start with `image`."""
    image: Annotated[
        Image,
        touches(
            Touches.AVAILABILITY,
            "servers that start from now on use it",
            harmless=same_repository,
            subject="image of servers",
        ),
        example("quay.io/jupyter/datascience-notebook:2026-07-28"),
    ] = USER_IMAGE
    """Image of servers whose profile sets no image."""
    hub_image: Annotated[
        Image,
        touches(
            Touches.CODE,
            "whoever publishes this image decides who may log in, and what the hub does",
            restricts=same_repository,
            otherwise="another version of the same image",
            subject="the hub's own code",
        ),
        example(HUB_IMAGE),
    ] = HUB_IMAGE
    """Image of the hub itself, for the version of the chart. It must contain jupyterhub-fancy-profiles.
    docs/how-to/hub-image.md describes how to build one. A tag such as `4.4.0-jupyterhub5.5.4-1` says which versions of
    the chart and of JupyterHub it is for, so that plans can compare them."""
    build: Build = Build()
    """Who may build images from which repositories, and how they are built."""
    resources: Annotated[Resources, example({"memory": {"guarantee": "1G", "limit": "4G"}})] = Resources()
    """Memory and CPU of a server where the selected profile sets none."""
    user_nodes: HubNodes = HubNodes()
    """Nodes of this hub's servers and builds, where they differ from the cluster's `user_nodes`."""
    node_selector: Annotated[
        Labels,
        touches(Touches.AVAILABILITY, "servers start on other nodes, or find none", subject="nodes of servers"),
        example({"node.kubernetes.io/instance-type": "n2-highmem-4"}),
    ] = {}
    """Further labels of the nodes for servers whose profile names no nodes, such as an instance type."""
    block_cloud_metadata: Annotated[bool | None, BLOCK_METADATA] = None
    """Block people's servers from the cloud's metadata server. Default: as the cluster's `block_cloud_metadata`."""
    roles: Annotated[dict[str, Role], each("role {}"), example({"user": ["access:services!service=dask-gateway"]})] = {}
    """JupyterHub roles, by name. For `user` and `server`, the permissions are added to their default permissions."""
    shared_directories: Annotated[
        dict[MountPathOrFolder, SharedDirectory],
        each("shared directory {}"),
        example({"shared": {"sub_path": "_shared"}}, {"/scratch": {"volume": {"emptyDir": {"sizeLimit": "20Gi"}}}}),
    ] = {}
    """Directories that people share, by the path where servers mount them. A path without a leading slash is below
    each place where the home directory is mounted: `shared` is /home/jovyan/shared."""
    environment: Annotated[
        dict[str, Any],
        touches(
            Touches.LOGIN,
            "everyone who has a server can read this Secret",
            harmless=_no_secret,
            subject="environment variables of servers",
        ),
        AfterValidator(_environment),
        Field(
            examples=[{"SCRATCH_BUCKET": "gs://earth-hubs-scratch/$(JUPYTERHUB_USER)"}],
            json_schema_extra={"additionalProperties": _VARIABLE},
        ),
    ] = {}
    """Environment variables of people's servers, by name: text, or {valueFrom: ...} as in Kubernetes.
    `$(JUPYTERHUB_USER)` is replaced by the user name."""
    files: Annotated[
        dict[FilePath, File], each("file {}"), example({"/etc/motd": "Welcome to the Ocean Observatory."})
    ] = {}
    """Files in people's servers, by path: text, or {data: ..., mode: ...}."""
    service_account: ServiceAccount | None = None
    """Kubernetes service account of people's servers: their identity in the cloud, for example to use a bucket.
    Default: none."""
    branding: Branding = Branding()
    """Names, links and logo on the login page. Templates get them as `custom.org`, `custom.funded_by` and so on."""
    named_servers: Annotated[NamedServers, example(True, {"limit": 3})] = NamedServers(enabled=False)
    """Whether people may have more than one server each. `true` and `false` stand for `enabled`."""
    default_url: Annotated[
        str,
        touches(Touches.APPEARANCE, subject="page that opens first"),
        matching(r"/\S*", "a path such as /lab, /rstudio or /tree"),
        example("/lab", "/rstudio"),
    ] = "/lab"
    """Page that opens when a server has started."""
    working_directory: Annotated[
        AbsolutePath | None,
        touches(
            Touches.AVAILABILITY,
            "servers whose image does not have it can't start",
            subject="working directory of servers",
        ),
        example("/home/jovyan/work"),
    ] = None
    """Directory that servers start in. Default: where the home directory is mounted."""
    cull: Annotated[Cull, example({"timeout": 1800, "max_age": 86400})] = Cull()
    """When servers that nobody uses are stopped. Files in home directories stay."""
    values: Annotated[
        dict[str, dict[str, Any]],
        touches(None),
        example({"jupyterhub": {"hub": {"resources": {"requests": {"memory": "512Mi"}}}}}),
    ] = {}
    """Helm values for what no setting covers, by the names of charts in `imagebuilding:charts`. They are merged last,
    over all other values."""
    charts: Annotated[Charts, each("chart {}"), example({"jupyterhub": {"version": "4.4.0"}})]
    """Charts of this hub, to try a version on one hub first. Same format as `imagebuilding:charts`. Default: the
    charts of the stack."""
    secrets: HubSecrets = HubSecrets()
    decommission: Annotated[
        bool,
        touches(
            Touches.FILES,
            "removing the hub from the config deletes its namespace, files and images",
            restricts=becomes(False),
        ),
    ] = False
    """Allows this hub's namespace, files and images to be deleted when it is removed from the config. Default: they
    are kept."""
    renamed_from: Annotated[
        Annotated[str, matching(rf"({NAME_PATTERN}/)?{NAME_PATTERN}", "the former name of the hub, or COMMUNITY/HUB")]
        | None,
        touches(Touches.FILES, "another value than the deployed name is another hub, with other volumes"),
        example("main", "sea/prod"),
    ] = None
    """Name that the hub was first deployed with, as COMMUNITY/HUB if the community had another name too. Its namespace,
    releases, volumes and images keep that name, so nothing moves when the hub is renamed. Keep this setting as long as
    the hub exists."""
    moved_from: Annotated[MovedFrom, example({"home": "nfs 10.0.0.7:/export/ocean"})] = MovedFrom()
    """Confirms that people's files were copied from their previous place. It must match what is deployed, as the
    error message says it."""

    @property
    def key(self) -> str:
        """The hub in commands and outputs: `<community>/<hub>`."""
        return f"{self.community}/{self.name}"

    @property
    def deployed_as(self) -> tuple[str, str]:
        """The names of community and hub that its resources have: those of `renamed_from`, or its own."""
        return former_name(self.community, self.renamed_from or self.name)

    @property
    def slug(self) -> str:
        """`<community>-<hub>`, as the hub was first deployed: name of the jupyterhub release, and part of others."""
        return "-".join(self.deployed_as)

    @property
    def named_profiles(self) -> list[tuple[str | int, Profile]]:
        """The profiles that are set, each with its key below `profiles`: its slug in a mapping, its place in a list."""
        found = self.profiles or []
        return list(found.items() if isinstance(found, dict) else enumerate(found))

    @property
    def url(self) -> str:
        """Address of the hub."""
        return f"https://{self.domain}/"

    @property
    def oauth_callback_url(self) -> str:
        """Callback URL to register with the login provider."""
        return f"https://{self.domain}/hub/oauth_callback"
