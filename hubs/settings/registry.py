"""The image registry that builds are pushed to. `imagebuilding:registry` in the stack's file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hubs.settings.base import Strict, example, matching


class CleanupPolicy(Strict):
    """Which images Artifact Registry deletes by itself. Nothing is deleted while `dry_run` is true."""

    keep_newest: Annotated[int, Field(gt=0), example(20)] = 10
    """Versions of each image that are always kept."""
    delete_untagged_after_days: Annotated[int, Field(gt=0), example(14)] = 30
    """Age in days at which versions without a tag are deleted."""
    dry_run: bool = True
    """Delete nothing, only log what would be deleted, in the audit log."""


class ArtifactRegistry(Strict):
    """Google Artifact Registry: one Docker repository, one service account and one key for each hub."""

    type: Literal["artifact-registry"]
    location: Annotated[
        str,
        matching(r"[a-z]+(-[a-z]+[0-9]*)?", "a region such as us-central1, or us, europe, asia"),
        example("us-central1"),
    ]
    """Where the repositories are: a region, or us, europe or asia."""
    project: Annotated[str | None, example("earth-hubs")] = None
    """Default: `gcp:project` of the stack."""
    cleanup: CleanupPolicy = CleanupPolicy()
    rotation: Annotated[str | None, example("2026-11")] = None
    """A word, such as 2026-11. When it changes, each hub gets a new key and then loses the old one."""
    keyless: bool = False
    """Push with the identity of BinderHub's pod (GKE's Workload Identity, which the cluster and its core nodes must
    have) instead of a key. A build that takes more than an hour can't push."""
    kms_key: Annotated[
        str | None, example("projects/earth-hubs/locations/us-central1/keyRings/hubs/cryptoKeys/images")
    ] = None
    """Customer-managed encryption key (projects/P/locations/L/keyRings/R/cryptoKeys/K), fixed at creation."""
    vulnerability_scanning: bool = False
    """Scan pushed images (https://cloud.google.com/artifact-analysis/pricing: costs money for each image)."""


class Quay(Strict):
    """quay.io: a robot account of an organization. Pushed images are private, so nodes pull with the robot too."""

    type: Literal["quay"]
    organization: Annotated[
        str,
        matching(r"[a-z0-9][-._a-z0-9]{1,254}", "the name of an organization on quay.io"),
        example("example-imagebuilding"),
    ]
    """Name of the organization on quay.io."""
    robot: Literal["given", "managed"] = "given"
    """given: made by a person, its username and password are secrets of the stack (`registry`).
    managed: made for each hub with the API token that is a secret of the stack (`registry.token`)."""
    rotation: Annotated[str | None, example("2026-11")] = None
    """With managed robots: a word, such as 2026-11. When it changes, each robot gets a new password."""


class Oci(Strict):
    """Any other registry that speaks the OCI distribution protocol: Harbor, GHCR, ECR, a local one.

    Builds reach public addresses only: for a registry at a private one, let `values` of the chart binderhub-service say
    {networkPolicy: {enabled: false}}.
    """

    type: Literal["oci"]
    host: Annotated[
        str,
        matching(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]+)?", "host or host:port, no scheme"),
        example("registry.example.org"),
    ]
    """Host of the registry, with its port where it is not 443."""
    prefix: Annotated[
        str, matching(r"([a-z0-9][-._a-z0-9]*/?)*", "a path such as project/ in lower case"), example("project/")
    ] = ""
    """Path below the host that comes before `<cluster>-<community>-<hub>-`."""
    insecure: bool = False
    """Plain HTTP, for a registry of a demonstration. Nodes that pull must know of it too."""
    pull_secret: bool = True
    """Nodes need the credentials to pull. Set false where images are public or nodes have an identity of their own."""


Registry = Annotated[ArtifactRegistry | Quay | Oci, Field(discriminator="type")]
