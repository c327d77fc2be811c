"""The image registry that builds are pushed to: `imagebuilding:registry` in the stack's file.

`Registry`, at the end, is the list of the kinds. A kind is a class with the settings that people write and the members
of `Kind`. Code that must know the kind uses `match` and `assert_never`, so that mypy lists what a new kind still lacks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Protocol

from pydantic import AfterValidator, Field

from hubs.settings import docker_hub
from hubs.settings.base import Strict, example, matching
from hubs.settings.errors import Problem
from hubs.settings.image import COMPONENT
from hubs.settings.layers import find
from hubs.settings.quay_robot import LONGEST_ROBOT, robot_name, robot_names
from hubs.settings.touches import Touches, becomes, higher, touches

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
        """The registry's host in the names of images, with its port if it has one."""

    @property
    def url(self) -> str:
        """Scheme and host of the registry's API, without a path: where BinderHub looks images up."""

    @property
    def pull_secret(self) -> bool:
        """Whether nodes need the hub's credentials to pull."""

    def image_prefix(self, stack: Stack, hub: Hub) -> str:
        """Return the prefix of the hub's image names, including the host. It is unique to the hub."""

    def username(self, stack: Stack, hub: Hub) -> Any:
        """Return the user name to push and pull with: text, or a secret of the stack."""

    def pull_account(self, stack: Stack, hub: Hub) -> str:
        """Return which account pulls the hub's images. Hubs with the same account could pull each other's."""

    @property
    def separate_accounts(self) -> str:
        """What to write, so that each hub pulls with an account of its own."""


class RegistryKind(Strict):
    """Members that most kinds share."""

    new_stacks: ClassVar[dict[str, str]] = {}
    """Settings that `hubs new cluster` writes, as YAML: better than the defaults, which deployed stacks rely on."""

    @property
    def token_url(self) -> str | None:
        """Where BinderHub gets tokens. With None it follows the registry's own WWW-Authenticate
        (binderhub/registry.py, `DockerRegistry.token_url`)."""
        return None

    def identity(self, stack: Stack, hub: Hub) -> str | None:
        """Return the e-mail address of the Google service account that BinderHub's pod uses instead of a password."""
        return None


_NODES = "nodes"
"""`pull_account` of images that are public, or that nodes pull with an identity of their own."""


def _given_account(stack: Stack, hub: Hub) -> str:
    """Return the place of the secret that holds a hub's password: hubs that share it share the account."""
    return str(find(stack.trees[hub.key], ("secrets", "registry", "password")))


_MOVED = touches(
    Touches.FILES, "images that people built stay at the old place and are built again", subject="place of built images"
)
_ROTATED = touches(Touches.AVAILABILITY, "builds that run at this time can't push", subject="rotation of keys")


class CleanupPolicy(Strict):
    """Which images Artifact Registry deletes automatically. Nothing is deleted while `dry_run` is true."""

    keep_newest: Annotated[
        int,
        touches(
            Touches.FILES,
            "older versions of images are deleted",
            restricts=higher,
            otherwise="more versions of images are kept",
            subject="versions of each image that are kept",
        ),
        Field(gt=0),
        example(20),
    ] = 10
    """Versions of each image that are always kept."""
    delete_untagged_after_days: Annotated[
        int,
        touches(
            Touches.FILES,
            "versions without a tag are deleted earlier",
            restricts=higher,
            otherwise="versions without a tag are kept longer",
            subject="days until versions without a tag are deleted",
        ),
        Field(gt=0),
        example(14),
    ] = 30
    """Age in days at which versions without a tag are deleted."""
    dry_run: Annotated[
        bool,
        touches(
            Touches.FILES,
            restricts=becomes(True),
            subject="deletion of old images",
            gained="old images are no longer deleted, only logged",
            lost="old images are deleted from now on",
        ),
    ] = True
    """Delete nothing, only log what would be deleted, in the audit log."""


class ArtifactRegistry(RegistryKind):
    """Google Artifact Registry: one Docker repository, one service account and one key for each hub."""

    new_stacks = {"pull_secret": "true"}

    type: Annotated[Literal["artifact-registry"], _MOVED]
    location: Annotated[
        str,
        _MOVED,
        matching(r"[a-z]+(-[a-z]+[0-9]*)?", "a region such as us-central1, or us, europe, asia"),
        example("us-central1"),
    ]
    """Where the repositories are: a region, or us, europe or asia."""
    project: Annotated[str | None, _MOVED, example("earth-hubs")] = None
    """Google Cloud project that holds the images. Default: `gcp:project` of the stack."""
    cleanup: CleanupPolicy = CleanupPolicy()
    rotation: Annotated[str | None, _ROTATED, example("2026-11")] = None
    """Any text, such as 2026-11. When it changes, each hub gets a new key, then the old one is deleted."""
    keyless: Annotated[
        bool,
        touches(
            Touches.AVAILABILITY,
            subject="pushing without keys",
            gained="builds push with the identity of BinderHub's pod",
            lost="builds push with a key of each hub",
        ),
    ] = False
    """Push with the identity of BinderHub's pod (GKE's Workload Identity, which the cluster and its core nodes must
    have) instead of a key. A build that takes more than an hour can't push."""
    pull_secret: Annotated[
        bool,
        touches(
            Touches.ISOLATION,
            restricts=becomes(True),
            subject="pulling with each hub's key",
            gained="nodes pull a hub's images with that hub's key, so that no other hub can",
            lost="every hub of the cluster can pull the images of all hubs",
        ),
    ] = False
    """Nodes pull a hub's images with the hub's key. Then no other hub of the cluster can pull them, provided that the
    nodes' service account may not read the whole project. Default: nodes pull with their own identity, which reads the
    images of all hubs."""
    kms_key: Annotated[
        str | None,
        touches(
            Touches.FILES,
            "it is fixed at creation: repositories are replaced, without the images that people built",
            subject="encryption key of the images",
        ),
        example("projects/earth-hubs/locations/us-central1/keyRings/hubs/cryptoKeys/images"),
    ] = None
    """Customer-managed encryption key (projects/P/locations/L/keyRings/R/cryptoKeys/K), fixed at creation."""
    vulnerability_scanning: Annotated[
        bool,
        touches(
            Touches.COST,
            subject="scan of images",
            gained="images are scanned, which costs for each image",
            lost="images are no longer scanned",
        ),
    ] = False
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
        if self.keyless and self.pull_secret:
            message = "needs a key, which keyless removes: write only one of the two"
            yield Problem(find(stack.tree, ("registry", "pull_secret")), "imagebuilding:registry.pull_secret", message)
        for hub in stack.hubs:
            if (length := len(stack.prefix(hub))) > _LONGEST_REPOSITORY:
                message = (
                    f"its repository in Artifact Registry would be named {stack.prefix(hub)}: {length} characters, at "
                    f"most {_LONGEST_REPOSITORY} are allowed. Shorten the name of the cluster, the community or the hub"
                )
                yield Problem(stack.trees[hub.key].source, hub.key, message, (hub.key,))

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

    def image_prefix(self, stack: Stack, hub: Hub) -> str:
        return f"{self.host}/{self.image_project(stack)}/{stack.prefix(hub)}/"

    def username(self, stack: Stack, hub: Hub) -> Any:
        return "" if self.keyless else "_json_key"

    def pull_account(self, stack: Stack, hub: Hub) -> str:
        return hub.key if self.pull_secret else _NODES

    @property
    def separate_accounts(self) -> str:
        return "write pull_secret: true"

    def identity(self, stack: Stack, hub: Hub) -> str | None:
        account = f"{account_id(stack.prefix(hub))}@{self.image_project(stack)}.iam.gserviceaccount.com"
        return account if self.keyless else None

    def image_project(self, stack: Stack) -> str:
        """The Google Cloud project that holds the images."""
        return self.project or str(stack.project)


_LONGEST_REPOSITORY = 63
"""https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories"""


def account_id(name: str) -> str:
    """Return a service account's id (6 to 30 characters) from `name`: shortened if needed, with a hash to stay unique.

    https://cloud.google.com/iam/docs/service-accounts-create
    """
    suffix = hashlib.sha256(name.encode()).hexdigest()[:6]
    return name if 6 <= len(name) <= 30 else f"{name[:23].rstrip('-')}-{suffix}"


class Quay(RegistryKind):
    """quay.io: a robot account of an organization. Pushed images are private, so nodes pull with the robot too."""

    new_stacks = {"robot": "managed"}

    type: Annotated[Literal["quay"], _MOVED]
    organization: Annotated[
        str,
        _MOVED,
        matching(rf"(?=.{{2,255}}$){COMPONENT}", "the name of an organization on quay.io, at least 2 characters"),
        example("example-imagebuilding"),
    ]
    """Name of the organization on quay.io."""
    robot: Annotated[
        Literal["given", "managed"],
        touches(Touches.AVAILABILITY, "builds push with other credentials", subject="robot accounts"),
    ] = "given"
    """given: you create it at quay; its username and password are secrets of the stack (`registry`).

    managed: one is created for each hub, with the API token that is a secret of the stack (`registry.token`)."""
    rotation: Annotated[str | None, _ROTATED, example("2026-11")] = None
    """With managed robots: any text, such as 2026-11. When it changes, each robot gets a new password."""

    def problems(self, stack: Stack) -> Iterator[Problem]:
        if self.robot == "managed":
            source = find(stack.tree, ("registry", "robot"))
            try:
                names = robot_names(stack.cluster.name, [hub.deployed_as for hub in stack.hubs])
            except ValueError as error:
                yield Problem(source, "imagebuilding:registry.robot", str(error))
                return
            longest = max((f"{self.organization}+{name}" for name in names.values()), key=len, default="")
            if len(longest) > LONGEST_ROBOT:
                message = f"the robot {longest} would have {len(longest)} characters, at most {LONGEST_ROBOT}"
                yield Problem(source, "imagebuilding:registry.robot", message)

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
        return f"{self.organization}+{robot_name(stack.cluster.name, *hub.deployed_as)}"

    def pull_account(self, stack: Stack, hub: Hub) -> str:
        return hub.key if self.robot == "managed" else _given_account(stack, hub)

    @property
    def separate_accounts(self) -> str:
        return "write robot: managed, or give each hub a robot of its own"


class Oci(RegistryKind):
    """Any other registry that speaks the OCI distribution protocol: Harbor, GHCR, ECR, a local one.

    Builds reach public addresses only. For a registry whose host name leads to a private address, name that address in
    `cluster.build_egress`.
    """

    type: Annotated[Literal["oci"], _MOVED]
    host: Annotated[
        str,
        _MOVED,
        matching(
            # A name without a dot or a port is the owner of an image on Docker Hub.
            r"(?=[^/]*[.:])[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]+)?",
            "host.domain or host:port, no scheme",
            lambda value: value.strip().lower().rpartition("://")[2].partition("/")[0],
        ),
        AfterValidator(docker_hub.image_host),
        example("registry.example.org"),
    ]
    """Host of the registry, with its port unless it is 443. Docker Hub is `docker.io`."""
    prefix: Annotated[
        str,
        _MOVED,
        matching(
            rf"({COMPONENT}(/{COMPONENT})*/?)?",
            "a path such as project/: lower-case letters and digits, with single '.', '_' or '-' between them",
        ),
        example("project/"),
    ] = ""
    """Path below the host that comes before `<cluster>-<community>-<hub>-`. On Docker Hub, the owner of the images."""
    insecure: Annotated[
        bool,
        touches(
            Touches.NETWORK,
            restricts=becomes(False),
            subject="plain HTTP",
            gained="images and the registry's password are sent without encryption",
            lost="images and the registry's password are encrypted on their way",
        ),
    ] = False
    """Use plain HTTP, for the registry of a demonstration. The nodes that pull must be configured for it too."""
    pull_secret: Annotated[
        bool,
        touches(
            Touches.AVAILABILITY,
            subject="credentials to pull",
            gained="nodes pull with the credentials",
            lost="nodes pull without credentials: unless images are public, servers can't start",
        ),
    ] = True
    """Nodes need the credentials to pull. Set it to false if images are public or nodes have their own identity."""

    def problems(self, stack: Stack) -> Iterator[Problem]:
        if self.insecure and not stack.cluster.demonstration:
            message = "sends passwords over plain HTTP, which is allowed only on a cluster with demonstration: true"
            yield Problem(find(stack.tree, ("registry", "insecure")), "imagebuilding:registry.insecure", message)
        owner = self.prefix.strip("/")
        if docker_hub.is_docker_hub(self.host) and (not owner or "/" in owner):
            message = "must be an owner such as example/: names of images on Docker Hub have two parts"
            yield Problem(find(stack.tree, ("registry", "prefix")), "imagebuilding:registry.prefix", message)

    @property
    def secrets_needed(self) -> tuple[str, ...]:
        return "username", "password"

    @property
    def url(self) -> str:
        return f"{'http' if self.insecure else 'https'}://{docker_hub.api_host(self.host)}"

    def image_prefix(self, stack: Stack, hub: Hub) -> str:
        path = f"{self.prefix.strip('/')}/" if self.prefix.strip("/") else ""
        return f"{self.host}/{path}{stack.prefix(hub)}-"

    def pull_account(self, stack: Stack, hub: Hub) -> str:
        return _given_account(stack, hub) if self.pull_secret else _NODES

    @property
    def separate_accounts(self) -> str:
        return "give each hub credentials of its own, and let nodes pull with them"

    def username(self, stack: Stack, hub: Hub) -> Any:
        return hub.secrets.registry.username


def address(kind: Kind) -> tuple[str, int]:
    """Return the host name or IP address of a registry, and its port."""
    host, _, port = kind.host.partition(":")
    return host, int(port or (80 if kind.url.startswith("http://") else 443))


Registry = Annotated[ArtifactRegistry | Quay | Oci, Field(discriminator="type")]
