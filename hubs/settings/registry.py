"""The image registry that builds are pushed to: `imagebuilding:registry` in the stack's file.

`Registry`, at the end, is the list of the kinds. A kind is a class with the settings that people write and the members
of `Kind`. Code that must know the kind uses `match` and `assert_never`, so that mypy lists what a new kind still lacks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from pydantic import Field

from hubs.settings.base import Strict, example, matching
from hubs.settings.errors import Problem
from hubs.settings.layers import find
from hubs.settings.quay_robot import robot_name, robot_names

if TYPE_CHECKING:
    from hubs.settings.hub import Hub
    from hubs.settings.stack import Stack


class Kind(Protocol):
    """The members that every kind of registry must have."""

    def problems(self, stack: Stack) -> Iterator[Problem]:
        """Yield problems: settings that do not fit the rest of the stack."""

    @property
    def secrets_needed(self) -> tuple[str, ...]:
        """The keys of `RegistrySecrets` that each hub must have."""

    @property
    def host(self) -> str:
        """The registry's host, with its port if it has one."""

    @property
    def url(self) -> str:
        """Scheme and host, without a path: where BinderHub looks images up."""

    @property
    def pull_secret(self) -> bool:
        """Whether nodes need the hub's credentials to pull."""

    def image_prefix(self, stack: Stack, hub: Hub) -> str:
        """Return the prefix of the hub's image names, including the host. It is unique to the hub."""

    def username(self, stack: Stack, hub: Hub) -> Any:
        """Return the user name to push and pull with: text, or a secret of the stack."""


class RegistryKind(Strict):
    """Members that most kinds share."""

    @property
    def token_url(self) -> str | None:
        """Where BinderHub gets tokens. With None it follows the registry's own WWW-Authenticate
        (binderhub/registry.py, `DockerRegistry.token_url`)."""
        return None

    def identity(self, stack: Stack, hub: Hub) -> str | None:
        """Return the e-mail address of the Google service account that BinderHub's pod uses instead of a password."""
        return None


class CleanupPolicy(Strict):
    """Which images Artifact Registry deletes automatically. Nothing is deleted while `dry_run` is true."""

    keep_newest: Annotated[int, Field(gt=0), example(20)] = 10
    """Versions of each image that are always kept."""
    delete_untagged_after_days: Annotated[int, Field(gt=0), example(14)] = 30
    """Age in days at which versions without a tag are deleted."""
    dry_run: bool = True
    """Delete nothing, only log what would be deleted, in the audit log."""


class ArtifactRegistry(RegistryKind):
    """Google Artifact Registry: one Docker repository, one service account and one key for each hub."""

    type: Literal["artifact-registry"]
    location: Annotated[
        str,
        matching(r"[a-z]+(-[a-z]+[0-9]*)?", "a region such as us-central1, or us, europe, asia"),
        example("us-central1"),
    ]
    """Where the repositories are: a region, or us, europe or asia."""
    project: Annotated[str | None, example("earth-hubs")] = None
    """Google Cloud project that holds the images. Default: `gcp:project` of the stack."""
    cleanup: CleanupPolicy = CleanupPolicy()
    rotation: Annotated[str | None, example("2026-11")] = None
    """Any text, such as 2026-11. When it changes, each hub gets a new key, then the old one is deleted."""
    keyless: bool = False
    """Push with the identity of BinderHub's pod (GKE's Workload Identity, which the cluster and its core nodes must
    have) instead of a key. A build that takes more than an hour can't push."""
    kms_key: Annotated[
        str | None, example("projects/earth-hubs/locations/us-central1/keyRings/hubs/cryptoKeys/images")
    ] = None
    """Customer-managed encryption key (projects/P/locations/L/keyRings/R/cryptoKeys/K), fixed at creation."""
    vulnerability_scanning: bool = False
    """Scan pushed images (costs money for each image, see https://cloud.google.com/artifact-analysis/pricing)."""

    def problems(self, stack: Stack) -> Iterator[Problem]:
        if not (self.project or stack.project):
            yield Problem(
                find(stack.tree, ("registry",)),
                "gcp:project",
                "is missing: set the Google Cloud project that holds the images",
            )
        if stack.cluster.name[0].isdigit():
            message = "must start with a letter, as names in Artifact Registry do"
            yield Problem(find(stack.tree, ("cluster", "name")), "imagebuilding:cluster.name", message)

    @property
    def secrets_needed(self) -> tuple[str, ...]:
        return ()

    @property
    def host(self) -> str:
        return f"{self.location}-docker.pkg.dev"

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    @property
    def token_url(self) -> str | None:
        # BinderHub's guess fits gcr.io only (binderhub 1934).
        return f"{self.url}/v2/token?service={self.host}"

    @property
    def pull_secret(self) -> bool:
        return False  # nodes have an identity that can pull

    def image_prefix(self, stack: Stack, hub: Hub) -> str:
        return f"{self.host}/{self.image_project(stack)}/{stack.prefix(hub)}/"

    def username(self, stack: Stack, hub: Hub) -> Any:
        return "" if self.keyless else "_json_key"

    def identity(self, stack: Stack, hub: Hub) -> str | None:
        account = f"{account_id(stack.prefix(hub))}@{self.image_project(stack)}.iam.gserviceaccount.com"
        return account if self.keyless else None

    def image_project(self, stack: Stack) -> str:
        """The Google Cloud project that holds the images."""
        return self.project or str(stack.project)


def account_id(name: str) -> str:
    """Return a service account's id (6 to 30 characters) from `name`: shortened if needed, with a hash to stay unique.

    https://cloud.google.com/iam/docs/service-accounts-create
    """
    suffix = hashlib.sha256(name.encode()).hexdigest()[:6]
    return name if 6 <= len(name) <= 30 else f"{name[:23].rstrip('-')}-{suffix}"


class Quay(RegistryKind):
    """quay.io: a robot account of an organization. Pushed images are private, so nodes pull with the robot too."""

    type: Literal["quay"]
    organization: Annotated[
        str,
        matching(r"[a-z0-9][-._a-z0-9]{1,254}", "the name of an organization on quay.io, at least 2 characters"),
        example("example-imagebuilding"),
    ]
    """Name of the organization on quay.io."""
    robot: Literal["given", "managed"] = "given"
    """given: you create it at quay; its username and password are secrets of the stack (`registry`).

    managed: one is created for each hub, with the API token that is a secret of the stack (`registry.token`)."""
    rotation: Annotated[str | None, example("2026-11")] = None
    """With managed robots: any text, such as 2026-11. When it changes, each robot gets a new password."""

    def problems(self, stack: Stack) -> Iterator[Problem]:
        if self.robot == "managed":
            try:
                robot_names(stack.cluster.name, [(hub.community, hub.name) for hub in stack.hubs])
            except ValueError as error:
                yield Problem(find(stack.tree, ("registry", "robot")), "imagebuilding:registry.robot", str(error))

    @property
    def secrets_needed(self) -> tuple[str, ...]:
        return ("token",) if self.robot == "managed" else ("username", "password")

    @property
    def host(self) -> str:
        return "quay.io"

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    @property
    def pull_secret(self) -> bool:
        return True  # quay makes pushed images private

    def image_prefix(self, stack: Stack, hub: Hub) -> str:
        return f"{self.host}/{self.organization}/{stack.prefix(hub)}-"

    def username(self, stack: Stack, hub: Hub) -> Any:
        if self.robot == "given":
            return hub.secrets.registry.username
        # Known before the robot is created, so that previews show it.
        return f"{self.organization}+{robot_name(stack.cluster.name, hub.community, hub.name)}"


class Oci(RegistryKind):
    """Any other registry that speaks the OCI distribution protocol: Harbor, GHCR, ECR, a local one.

    Builds reach public addresses only. For a registry at a private address, set `values` of the chart binderhub-service
    to {networkPolicy: {enabled: false}}.
    """

    type: Literal["oci"]
    host: Annotated[
        str,
        matching(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]+)?", "host or host:port, no scheme"),
        example("registry.example.org"),
    ]
    """Host of the registry, with its port unless it is 443."""
    prefix: Annotated[
        str, matching(r"([a-z0-9][-._a-z0-9]*/?)*", "a path such as project/ in lower case"), example("project/")
    ] = ""
    """Path below the host that comes before `<cluster>-<community>-<hub>-`."""
    insecure: bool = False
    """Use plain HTTP, for the registry of a demonstration. The nodes that pull must be configured for it too."""
    pull_secret: bool = True
    """Nodes need the credentials to pull. Set it to false if images are public or nodes have their own identity."""

    def problems(self, stack: Stack) -> Iterator[Problem]:
        if self.insecure and not stack.cluster.demonstration:
            message = "sends passwords over plain HTTP, which is allowed only on a cluster with demonstration: true"
            yield Problem(find(stack.tree, ("registry", "insecure")), "imagebuilding:registry.insecure", message)

    @property
    def secrets_needed(self) -> tuple[str, ...]:
        return "username", "password"

    @property
    def url(self) -> str:
        return f"{'http' if self.insecure else 'https'}://{self.host}"

    def image_prefix(self, stack: Stack, hub: Hub) -> str:
        path = f"{self.prefix.strip('/')}/" if self.prefix.strip("/") else ""
        return f"{self.host}/{path}{stack.prefix(hub)}-"

    def username(self, stack: Stack, hub: Hub) -> Any:
        return hub.secrets.registry.username


Registry = Annotated[ArtifactRegistry | Quay | Oci, Field(discriminator="type")]
