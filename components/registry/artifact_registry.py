"""Google Artifact Registry for one hub."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.kept import images_description, kept
from hubs.settings.hub import Hub
from hubs.settings.moves import KEPT, Deployed, when_removed
from hubs.settings.registry import ArtifactRegistry as Settings
from hubs.settings.registry import account_id
from hubs.settings.stack import Stack
from hubs.values.binder_service import SERVICE
from hubs.values.registry import RegistryAccess, registry_access

APIS = ("artifactregistry.googleapis.com", "iam.googleapis.com")

ARTIFACT_REGISTRY = "imagebuilding:registry:ArtifactRegistry"
_DAY = 24 * 60 * 60


def enable_apis(settings: Settings, stack: Stack) -> list[pulumi.Resource]:
    """Enable the APIs that repositories and keys need, once per project. Never disables them: others may use them."""
    project = settings.image_project(stack)
    return [
        gcp.projects.Service(
            f"{project}-{api.split('.')[0]}",
            project=project,
            service=api,
            disable_on_destroy=False,
            opts=pulumi.ResourceOptions(retain_on_delete=True),
        )
        for api in APIS
    ]


def access(
    hub: Hub,
    opts: pulumi.ResourceOptions,
    _after: Sequence[pulumi.Resource],
    *,
    apis: Sequence[pulumi.Resource],
    settings: Settings,
    stack: Stack,
    deployed: Deployed,
) -> RegistryAccess:
    """Create the hub's repository and key, and return the hub's access to it. `apis` must be enabled before.

    A repository that is not in the state but exists, because it was kept when the hub was removed, is adopted. A new
    key does not end the old one, which is deleted at the end of a successful update, so nothing waits for other hubs.
    """
    before = deployed.hubs.get(hub.slug)
    kept_one = _existing(settings, stack, hub) if before is None or before.repository is None else None
    return registry_access(stack, hub, ArtifactRegistry(settings, stack, hub, apis, opts, existing=kept_one).key)


def _existing(settings: Settings, stack: Stack, hub: Hub) -> str | None:
    """Return the ID of the hub's repository at Google, or None if there is none."""
    name, project = stack.prefix(hub), settings.image_project(stack)
    try:
        gcp.artifactregistry.get_repository(repository_id=name, location=settings.location, project=project)
    except Exception as error:  # The SDK has no narrower class for it.
        # There is none, or the API was never enabled in the project.
        if any(text in str(error) for text in ("not found", "Error 404", "SERVICE_DISABLED", "has not been used")):
            return None
        pulumi.log.warn(f"whether Artifact Registry has kept the repository {name} is not known: {error}")
        return None
    return f"projects/{project}/locations/{settings.location}/repositories/{name}"


def keep(repository: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
    """Register the repository of a removed hub as it is, with these outputs, marked as kept."""
    name = repository["repositoryId"]
    parent = pulumi.ComponentResource(ARTIFACT_REGISTRY, name, None, opts)
    gcp.artifactregistry.Repository(
        name,
        repository_id=name,
        project=repository["project"],
        location=repository["location"],
        format="DOCKER",
        description=images_description(name, KEPT),
        opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=True, ignore_changes=_SETTINGS),
    )


_SETTINGS = ["cleanupPolicies", "cleanupPolicyDryRun", "dockerConfig", "kmsKeyName", "vulnerabilityScanningConfig"]
"""Inputs of a repository that settings can change."""


class ArtifactRegistry(pulumi.ComponentResource):
    """A Docker repository for one hub, an account that may write to this repository only, and that account's key.

    Nodes may read it, unless they pull with the key. The repository and the nodes' access are kept when the hub is
    removed from the config, unless `decommission` was set before. Does not set up VPC Service Controls, and does not
    enable Workload Identity.
    """

    key: pulumi.Output[str] | None
    """The account's key as JSON, which is the password of the user `_json_key`. None with `keyless`."""

    def __init__(
        self,
        settings: Settings,
        stack: Stack,
        hub: Hub,
        apis: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
        *,
        existing: str | None = None,
    ) -> None:
        """`existing` is the ID of a repository to adopt. Other settings are applied to it by the next update."""
        name, project = stack.prefix(hub), settings.image_project(stack)
        super().__init__(ARTIFACT_REGISTRY, name, None, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=list(apis))
        # Google's API refuses to create what exists. An import must not change anything.
        unchanged = ["description", *_SETTINGS]
        adopt = pulumi.ResourceOptions(import_=existing, ignore_changes=unchanged) if existing else None
        scanning = "INHERITED" if settings.vulnerability_scanning else "DISABLED"
        self.repository = gcp.artifactregistry.Repository(
            name,
            repository_id=name,
            project=project,
            location=settings.location,
            format="DOCKER",
            description=images_description(name, when_removed(hub)),
            # BinderHub pushes to existing tags.
            docker_config={"immutable_tags": False},
            kms_key_name=settings.kms_key,
            vulnerability_scanning_config={"enablement_config": scanning},
            cleanup_policy_dry_run=settings.cleanup.dry_run,
            cleanup_policies=[
                {
                    "id": "keep-newest",
                    "action": "KEEP",
                    "most_recent_versions": {"keep_count": settings.cleanup.keep_newest},
                },
                {
                    "id": "delete-untagged",
                    "action": "DELETE",
                    "condition": {
                        "tag_state": "UNTAGGED",
                        "older_than": f"{settings.cleanup.delete_untagged_after_days * _DAY}s",
                    },
                },
            ],
            opts=pulumi.ResourceOptions.merge(kept(hub, self, apis), adopt),
        )
        account = gcp.serviceaccount.Account(
            name,
            account_id=account_id(name),
            project=project,
            display_name=f"Pushes images of the hub {name}",
            opts=child,
        )
        self._grant(f"{name}-writer", "roles/artifactregistry.writer", account.member, child)
        if not settings.pull_secret:
            nodes = _nodes(project, stack.cluster.nodes_service_account)
            self._grant(f"{name}-reader", "roles/artifactregistry.reader", nodes, kept(hub, self, apis))
        self.key = None
        if settings.keyless:
            gcp.serviceaccount.IAMMember(
                f"{name}-workload-identity",
                service_account_id=account.name,
                role="roles/iam.workloadIdentityUser",
                member=f"serviceAccount:{stack.project or project}.svc.id.goog[{hub.namespace}/{SERVICE}]",
                opts=child,
            )
        else:
            key = gcp.serviceaccount.Key(
                name,
                service_account_id=account.name,
                # Another text replaces the key. Pulumi creates the new key before it deletes the old one.
                keepers={"rotation": settings.rotation} if settings.rotation else None,
                opts=child,
            )
            self.key = pulumi.Output.secret(key.private_key.apply(lambda text: base64.b64decode(text).decode()))
        self.register_outputs({"service_account": account.email})

    def _grant(self, name: str, role: str, member: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        gcp.artifactregistry.RepositoryIamMember(
            name,
            project=self.repository.project,
            location=self.repository.location,
            repository=self.repository.name,
            role=role,
            member=member,
            opts=opts,
        )


def _nodes(project: str, service_account: str | None) -> pulumi.Input[str]:
    if service_account:
        return f"serviceAccount:{service_account}"
    number = gcp.organizations.get_project_output(project_id=project).number
    return pulumi.Output.format("serviceAccount:{0}-compute@developer.gserviceaccount.com", number)
