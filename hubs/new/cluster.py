"""The file of a new stack: `hubs new cluster NAME`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hubs.new.file import check_name, create, quoted, refuse_existing_file
from hubs.new.kinds import REGISTRIES
from hubs.preview.values import load_with_placeholders
from hubs.settings.schema import STACK_FILE
from hubs.settings.secrets import how_to_set


@dataclass(frozen=True)
class Registry:
    """The registry's `type`, and the settings that this type needs."""

    type: str
    settings: dict[str, str]


@dataclass(frozen=True)
class Cluster:
    """The answers that describe a new cluster."""

    name: str
    provider: str
    context: str
    registry: Registry
    project: str | None = None
    ingress_class: str | None = None
    cluster_issuer: str | None = None
    storage_class: str | None = None
    demonstration: bool = False


def new_cluster(root: Path, cluster: Cluster) -> str:
    """Write `stacks/Pulumi.<name>.yaml`, and return the next steps as text. Raises UserError, see `create`."""
    check_name("cluster", cluster.name)
    name = _file(cluster.name)
    create(root, name, text(cluster), cluster.name)
    secrets = load_with_placeholders(cluster.name, root).registry.secrets_needed
    return f"Created {name}.\n\n{_next(cluster, secrets)}"


def refuse_existing(root: Path, name: str) -> None:
    """Refuse the name of a stack that has a file. Raises UserError."""
    refuse_existing_file(root, _file(name))


def _file(name: str) -> str:
    return f"stacks/Pulumi.{name}.yaml"


def text(cluster: Cluster) -> str:
    """Return the file's content."""
    lines = [
        f"# yaml-language-server: $schema={STACK_FILE}",
        f"# The cluster {cluster.name}. `hubs settings` explains every setting.",
        "config:",
        "  # The cluster, by its context in the kubeconfig. The context that kubectl is set to is never used.",
        f"  kubernetes:context: {quoted(cluster.context)}",
    ]
    if cluster.project:
        lines.append(f"  gcp:project: {quoted(cluster.project)}")
    lines += [
        "",
        "  imagebuilding:cluster:",
        f"    name: {quoted(cluster.name)}",
        f"    provider: {cluster.provider}",
        *(
            ["    # Accepts auth of type dummy. Never on a cluster where people work.", "    demonstration: true"]
            if cluster.demonstration
            else []
        ),
        *_ingress(cluster),
        *_storage(cluster),
        "    # Hubs run on nodes with the label hub.jupyter.org/node-purpose=core; servers and builds on those with",
        "    # hub.jupyter.org/node-purpose=user. For a cluster without these labels:",
        f"    {'' if cluster.demonstration else '# '}core_nodes: {{selector: {{}}}}",
        f"    {'' if cluster.demonstration else '# '}user_nodes: {{selector: {{}}}}",
        "",
        "  # Where built images are pushed to.",
        "  imagebuilding:registry:",
        f"    type: {cluster.registry.type}",
        *(f"    {key}: {quoted(value)}" for key, value in cluster.registry.settings.items()),
        *_accounts(cluster),
        "",
        "  # Settings that all communities of this cluster share. Each community can override them.",
        "  # imagebuilding:defaults:",
        "  #   cull: {timeout: 3600}",
        "",
        "  # Secrets are below imagebuilding:secrets. Pulumi writes them there, encrypted:",
        f"  #   pulumi config set -s {cluster.name} --secret --path 'imagebuilding:secrets....'",
    ]
    return "\n".join(lines) + "\n"


def _accounts(cluster: Cluster) -> list[str]:
    settings = REGISTRIES[cluster.registry.type].new_stacks
    if not settings:
        return []
    about = "    # Each hub pushes and pulls with an account of its own, so that no hub can start the others' images."
    return [about, *(f"    {key}: {value}" for key, value in settings.items())]


def _ingress(cluster: Cluster) -> list[str]:
    about = "    # How people reach the hubs: an IngressClass, and a ClusterIssuer of cert-manager for certificates."
    if not cluster.ingress_class:
        example = "    # ingress: {class_name: nginx, cluster_issuer: letsencrypt-prod}"
        return [about, "    # Without one, a hub is reached with `kubectl port-forward` only.", example]
    issuer = [f"      cluster_issuer: {quoted(cluster.cluster_issuer)}"] if cluster.cluster_issuer else []
    return [about, "    ingress:", f"      class_name: {quoted(cluster.ingress_class)}", *issuer]


def _storage(cluster: Cluster) -> list[str]:
    about = "    # StorageClass of the hubs' databases and of users' volumes. Default: the cluster's default."
    return [
        about,
        f"    storage_class: {quoted(cluster.storage_class)}" if cluster.storage_class else "    # storage_class: fast",
    ]


def _next(cluster: Cluster, secrets: tuple[str, ...]) -> str:
    steps = [("Add a first community", [f"hubs new community NAME --cluster {cluster.name}"])]
    if not cluster.demonstration:
        commands = ["pulumi login", f"pulumi stack init {cluster.name}"]
        steps.append(("Create the stack where Pulumi keeps its state", commands))
    if secrets:
        about = (
            "Set the API token of the organization"
            if secrets == ("token",)
            else "Set the credentials of an account that may push"
        )
        paths = [f"imagebuilding:secrets.registry.{key}" for key in secrets]
        steps.append((about, [how_to_set(cluster.name, path) for path in paths]))
    steps.append(("See what an update would create", [f"hubs plan {cluster.name}"]))
    return as_steps(steps)


def as_steps(steps: list[tuple[str, list[str]]]) -> str:
    """Return numbered steps as text, each followed by its commands or addresses."""
    lines = ["Next:"]
    for number, (about, below) in enumerate(steps, 1):
        lines += [f"  {number}. {about}:", *(f"       {line}" for line in below)]
    return "\n".join(lines)
