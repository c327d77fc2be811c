"""One hub: what a community's file says of it, after all layers are merged."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hubs.settings.auth import AnyAuth
from hubs.settings.base import (
    AbsolutePath,
    Cpu,
    Domain,
    Image,
    Labels,
    Memory,
    MountPath,
    Name,
    Namespace,
    Strict,
    Toleration,
    matching,
)
from hubs.settings.branding import Branding
from hubs.settings.charts import Charts
from hubs.settings.home import Home, SharedDirectory
from hubs.settings.profiles import Profile
from hubs.settings.secrets import HubSecrets

HUB_IMAGE = "quay.io/2i2c/pilot-hub:0.0.1-0.dev.git.16609.hb23fbd448"
"""zero-to-jupyterhub's hub 4.3.3 with jupyterhub-fancy-profiles 0.6.0."""
USER_IMAGE = "quay.io/jupyter/scipy-notebook:2026-07-28"
REPO2DOCKER_IMAGE = "quay.io/jupyterhub/repo2docker:2025.12.1.dev94-gd3893dba2"


class MemoryResources(Strict):
    """Of one server. As the chart's `singleuser.memory`."""

    guarantee: Memory | None = "256M"
    limit: Memory | None = "1G"


class CpuResources(Strict):
    """Of one server, in cores. As the chart's `singleuser.cpu`."""

    guarantee: Cpu | None = 0.05
    limit: Cpu | None = None


class Resources(Strict):
    """What a server gets where the chosen profile doesn't say."""

    memory: MemoryResources = MemoryResources()
    cpu: CpuResources = CpuResources()


class Role(Strict):
    """Scopes of a JupyterHub role (https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html), and who has it."""

    scopes: list[str]
    users: list[str] = []
    groups: list[str] = []
    services: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return {"scopes": value} if isinstance(value, list) else value


class Build(Strict):
    """Building images from GitHub repositories."""

    groups: list[str] | None = None
    """JupyterHub groups (`org:team` with GitHub) whose members may build. Default: everyone who may log in."""
    node_selector: Labels = {}
    """Builds run only on user nodes that have these labels too."""
    image: Image = REPO2DOCKER_IMAGE
    """repo2docker."""


class NamedServers(Strict):
    """More than one server for each person."""

    enabled: bool = True
    limit: Annotated[int, Field(ge=0)] = 0
    """For each person; 0 is no limit."""

    @model_validator(mode="before")
    @classmethod
    def _from_bool(cls, value: Any) -> Any:
        return {"enabled": value} if isinstance(value, bool) else value


class Cull(Strict):
    """Stopping servers nobody uses. As the chart's `cull`; times in seconds."""

    enabled: bool = True
    every: Annotated[int, Field(gt=0)] = 600
    timeout: Annotated[int, Field(gt=0)] = 3600
    max_age: Annotated[int, Field(ge=0)] = 604800
    """Servers older than this stop even when in use; 0 for never."""
    users: bool = False
    """Forget inactive users too."""


class HubNodes(Strict):
    """What differs from the cluster's `user_nodes`."""

    selector: Labels = {}
    """Labels beside the cluster's."""
    tolerations: list[Toleration] | None = None
    """Instead of the cluster's."""


class File(Strict):
    """A file in people's servers: one of data and text."""

    text: str | None = None
    data: dict[str, Any] | None = None
    """Written in the format that the path ends with: .json, .yaml or .toml."""
    mode: Annotated[int, Field(ge=0, le=0o777)] | None = None
    """Such as 0755. Default: 0644."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.text is None) == (self.data is None):
            raise ValueError("needs one of text and data")
        return self


class ServiceAccount(Strict):
    """Kubernetes service account of people's servers: their identity in the cloud, such as for scratch buckets."""

    name: Name = "user-server"
    """Where the cloud trusts an account of a certain name."""
    annotations: dict[str, str] = {}
    """Such as iam.gke.io/gcp-service-account or eks.amazonaws.com/role-arn."""


class MovedFrom(Strict):
    """The word for leaving a place where people's files were: exactly what the deployed hub has."""

    namespace: str | None = None
    home: str | None = None
    """Such as `nfs 10.0.0.7:/export/ocean`, as the refusal says it."""


def _environment(value: dict[str, Any]) -> dict[str, Any]:
    value = {name: item for name, item in value.items() if item is not None}
    for name, item in value.items():
        if not isinstance(item, str) and not (isinstance(item, dict) and set(item) == {"valueFrom"}):
            raise ValueError(f"{name} must be text (in quotes) or {{valueFrom: ...}} as Kubernetes has it")
    return value


class Hub(Strict):
    """A hub, complete."""

    community: Name
    name: Name
    display_name: str
    domain: Domain
    stage: Literal["staging", "prod"]
    """prod hubs are deployed after all staging hubs of the community. Default: the hub's own name where that is
    staging or prod, else prod."""
    namespace: Namespace
    """Default: `<community>-<hub>`."""
    auth: AnyAuth
    home: Home
    """Exactly one of nfs, volume and disk, or the word none. Default: one volume for each user."""
    profiles: list[Profile] | None = None
    """Default: one profile with current images of Jupyter and Pangeo. An empty list: no choice, only `image`."""
    image: Image = USER_IMAGE
    """What starts when a profile names no image."""
    hub_image: Image = HUB_IMAGE
    """Must contain jupyterhub-fancy-profiles."""
    build: Build = Build()
    resources: Resources = Resources()
    user_nodes: HubNodes = HubNodes()
    """Further labels (and other tolerations) of the nodes of this hub's users and builds."""
    node_selector: Labels = {}
    """Labels of the nodes for servers whose profile says no others, such as an instance type."""
    block_cloud_metadata: bool | None = None
    """Default: as the cluster says."""
    roles: dict[str, Role] = {}
    """Scopes for the role `user` or `server`, beside what they have, and roles of one's own."""
    shared_directories: dict[MountPath, SharedDirectory] = {}
    """By the path where they are mounted, such as /scratch. A path without a leading slash is below each place where
    the home directory is mounted: `shared` is /home/jovyan/shared."""
    environment: Annotated[dict[str, Any], AfterValidator(_environment)] = {}
    """Environment variables of people's servers: text, or {valueFrom: ...}. `$(JUPYTERHUB_USER)` is expanded."""
    files: dict[AbsolutePath, File] = {}
    """Files in people's servers, by path: text, or {data: ..., mode: ...}."""
    service_account: ServiceAccount | None = None
    branding: Branding = Branding()
    named_servers: NamedServers = NamedServers(enabled=False)
    default_url: Annotated[str, matching(r"/\S*", "a path such as /lab, /rstudio or /tree")] = "/lab"
    working_directory: AbsolutePath | None = None
    """Default: where the home directory is."""
    cull: Cull = Cull()
    values: dict[str, dict[str, Any]] = {}
    """Values of the Helm charts, by the names that `imagebuilding:charts` has for them. They are merged last, over
    everything that the program sets. For what has no setting."""
    charts: Charts
    secrets: HubSecrets = HubSecrets()
    decommission: bool = False
    """The word that lets go: only with it may this hub's namespace, files and images be deleted."""

    moved_from: MovedFrom = MovedFrom()
    """After the files were copied to where they are now."""

    @property
    def key(self) -> str:
        """How commands and outputs name the hub: `<community>/<hub>`."""
        return f"{self.community}/{self.name}"

    @property
    def slug(self) -> str:
        """`<community>-<hub>`: the jupyterhub release's name, and a part of other names."""
        return f"{self.community}-{self.name}"

    @property
    def url(self) -> str:
        """Where people go."""
        return f"https://{self.domain}/"

    @property
    def oauth_callback_url(self) -> str:
        """What an operator registers with the login provider."""
        return f"https://{self.domain}/hub/oauth_callback"
