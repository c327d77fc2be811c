"""Google Artifact Registry for one hub."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from settings.registry import ArtifactRegistry as Settings

APIS = ("artifactregistry.googleapis.com", "iam.googleapis.com")

_DAY = 24 * 60 * 60


def enable_apis(project: str) -> list[pulumi.Resource]:
    """The APIs that repositories and keys need, once for each project. Never switched off: others may use them."""
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


class ArtifactRegistry(pulumi.ComponentResource):
    """A Docker repository of a hub's own, an account that may write to it alone, and that account's key.

    Nodes may read it. The repository and who may read it stay when the hub leaves the config, unless `let_go`.
    Leaves out: networks between clusters and Google (VPC Service Controls), and keyless pushing.
    """

    key: pulumi.Output[str]
    """The account's key, as JSON: the password of the user `_json_key`."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        project: str,
        nodes_service_account: str | None,
        apis: Sequence[pulumi.Resource],
        let_go: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`name` is `<cluster>-<community>-<hub>`; `project` holds the images."""
        super().__init__("imagebuilding:registry:ArtifactRegistry", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=list(apis))
        kept = pulumi.ResourceOptions(parent=self, depends_on=list(apis), retain_on_delete=not let_go)
        scanning = "INHERITED" if settings.vulnerability_scanning else "DISABLED"
        self.repository = gcp.artifactregistry.Repository(
            name,
            repository_id=name,
            project=project,
            location=settings.location,
            format="DOCKER",
            description=f"Images built on the hub {name}",
            # BinderHub pushes again under a tag that exists.
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
            opts=kept,
        )
        account = gcp.serviceaccount.Account(
            name,
            account_id=account_id(name),
            project=project,
            display_name=f"Pushes images of the hub {name}",
            opts=child,
        )
        self._grant(f"{name}-writer", "roles/artifactregistry.writer", account.member, child)
        self._grant(f"{name}-reader", "roles/artifactregistry.reader", _nodes(project, nodes_service_account), kept)
        key = gcp.serviceaccount.Key(
            name,
            service_account_id=account.name,
            # Another word makes another key; Pulumi makes the new one before it deletes the old.
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


def account_id(name: str) -> str:
    """A service account's id (6 to 30 characters) from `name`: cut where needed, with a hash so that it stays unique.

    https://cloud.google.com/iam/docs/service-accounts-create
    """
    suffix = hashlib.sha256(name.encode()).hexdigest()[:6]
    return name if 6 <= len(name) <= 30 else f"{name[:23].rstrip('-')}-{suffix}"


def _nodes(project: str, service_account: str | None) -> pulumi.Input[str]:
    if service_account:
        return f"serviceAccount:{service_account}"
    number = gcp.organizations.get_project_output(project_id=project).number
    return pulumi.Output.format("serviceAccount:{0}-compute@developer.gserviceaccount.com", number)
