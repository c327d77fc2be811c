"""Google Artifact Registry for one hub."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from hubs.settings.registry import ArtifactRegistry as Settings
from hubs.values.binder_service import SERVICE
from hubs.values.registry_access import account_id

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
    Leaves out: networks between clusters and Google (VPC Service Controls), and switching on Workload Identity.
    """

    key: pulumi.Output[str] | None
    """The account's key, as JSON: the password of the user `_json_key`. None for a keyless one."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        project: str,
        cluster_project: str,
        namespace: str,
        nodes_service_account: str | None,
        apis: Sequence[pulumi.Resource],
        let_go: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`name` is `<cluster>-<community>-<hub>`; `project` holds the images, `cluster_project` the cluster, where
        BinderHub runs in `namespace`."""
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
        self.key = None
        if settings.keyless:
            gcp.serviceaccount.IAMMember(
                f"{name}-workload-identity",
                service_account_id=account.name,
                role="roles/iam.workloadIdentityUser",
                member=f"serviceAccount:{cluster_project}.svc.id.goog[{namespace}/{SERVICE}]",
                opts=child,
            )
        else:
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


def _nodes(project: str, service_account: str | None) -> pulumi.Input[str]:
    if service_account:
        return f"serviceAccount:{service_account}"
    number = gcp.organizations.get_project_output(project_id=project).number
    return pulumi.Output.format("serviceAccount:{0}-compute@developer.gserviceaccount.com", number)
