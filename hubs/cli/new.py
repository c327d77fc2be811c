"""The commands `new cluster` and `new community`."""

from __future__ import annotations

import sys
from typing import Any

import click

from hubs.cli.parameters import CLUSTER

NEEDED = {"artifact-registry": ("location", "project"), "quay": ("organization",), "oci": ("host",)}
_OAUTH = ("github", "cilogon", "google", "oidc")


@click.group()
def new() -> None:
    """Write the file of a new cluster or community.

    Existing files are not overwritten.
    """


@new.command(
    epilog="Example: hubs new cluster moon --provider gcp --context gke_lab_us-central1_moon"
    " --registry artifact-registry --location us-central1 --project lab"
)
@click.argument("name", metavar="NAME")
@click.option("--provider", type=click.Choice(["gcp", "aws", "other"]), help="The cloud that the cluster runs on.")
@click.option("--context", metavar="CONTEXT", help="The cluster's context in your kubeconfig.")
@click.option("--registry", type=click.Choice(list(NEEDED)), help="The registry that built images are pushed to.")
@click.option("--location", metavar="REGION", help="artifact-registry: such as us-central1.")
@click.option("--project", metavar="PROJECT", help="Google Cloud project. Needed for artifact-registry.")
@click.option("--organization", metavar="ORG", help="quay: the organization on quay.io.")
@click.option("--host", metavar="HOST", help="oci: the registry's host, such as harbor.example.org.")
@click.option("--prefix", metavar="PATH", help="oci: path below the host, such as hubs/.")
@click.option("--ingress-class", metavar="CLASS", help="IngressClass that publishes the hubs, such as nginx.")
@click.option("--cluster-issuer", metavar="ISSUER", help="cert-manager's ClusterIssuer for certificates.")
@click.option("--storage-class", metavar="CLASS", help="StorageClass of volumes. Default: the cluster's default.")
@click.option("--demonstration", is_flag=True, help="A cluster to try things out: any node, and auth of type dummy.")
@click.pass_context
def cluster(context: click.Context, /, name: str, **given: Any) -> None:
    """Write the file of a new cluster.

    The file is stacks/Pulumi.NAME.yaml. On a terminal, the command asks for missing options.
    """
    ask = _Questions(context, given)
    provider = ask("provider", "Cloud that the cluster runs on")
    kube_context = ask("context", "The cluster's context in your kubeconfig")
    registry = ask("registry", "Registry for built images")
    needed = {key: ask(key, _TEXTS[key]) for key in NEEDED[registry]}
    if registry == "oci" and given["prefix"]:
        needed["prefix"] = given["prefix"]
    if given["cluster_issuer"] and not given["ingress_class"]:
        raise click.UsageError("--cluster-issuer needs --ingress-class", context)
    from hubs.new.cluster import Cluster, Registry, new_cluster

    project = needed.pop("project", given["project"])
    print(
        new_cluster(
            context.obj,
            Cluster(
                name,
                provider,
                kube_context,
                Registry(registry, needed),
                project,
                given["ingress_class"],
                given["cluster_issuer"],
                given["storage_class"],
                given["demonstration"],
            ),
        )
    )


@new.command(
    epilog="Example: hubs new community reef --cluster earth --auth github --allow reef-lab --admin ada"
    " --domain reef.example.org --home volume"
)
@click.argument("name", metavar="NAME")
@CLUSTER
@click.option("--display-name", metavar="TEXT", help="The name that people see. Default: from NAME.")
@click.option("--auth", type=click.Choice([*_OAUTH, "shared-password", "dummy"]), help="How people log in.")
@click.option(
    "--allow",
    multiple=True,
    metavar="WHO",
    help="Who may log in; can be repeated. github: org or org:team. google: a domain. oidc: a group. cilogon: the"
    " entity id of an identity provider.",
)
@click.option("--allow-all", is_flag=True, help="Everyone with an account at the login provider may log in.")
@click.option("--admin", "admins", multiple=True, metavar="USER", help="User name of an admin; can be repeated.")
@click.option("--username-claim", metavar="CLAIM", help="oidc, cilogon: the claim that becomes the user name.")
@click.option("--authorize-url", metavar="URL", help="oidc: the provider's authorization endpoint.")
@click.option("--token-url", metavar="URL", help="oidc: the provider's token endpoint.")
@click.option(
    "--groups-claim",
    metavar="CLAIM",
    default="oauth_user.groups",
    show_default=True,
    help="oidc: where the groups are.",
)
@click.option("--domain", metavar="DOMAIN", help="Domain of the hub prod.")
@click.option("--staging-domain", metavar="DOMAIN", help="Domain of the hub staging. Default: staging.DOMAIN")
@click.option("--home", type=click.Choice(["volume", "nfs", "disk"]), help="Where people's files are.")
@click.option("--server", metavar="HOST", help="nfs: the server.")
@click.option("--path", metavar="PATH", help="nfs: the exported directory. staging uses PATH-staging.")
@click.option("--volume-id", metavar="ID", help="disk: an EBS volume or a GCE persistent disk.")
@click.option("--staging-volume-id", metavar="ID", help="disk: the disk of staging. Default: a volume for each user.")
@click.pass_context
def community(context: click.Context, /, name: str, stack: str, **given: Any) -> None:
    """Write the file of a new community.

    The file is stacks/STACK/NAME.yaml, with the hubs staging and prod. On a terminal, the command asks for missing
    options.
    """
    ask = _Questions(context, given)
    auth = _auth(context, ask, ask("auth", "How people log in"), given)
    domain = ask("domain", "Domain of the hub, such as hub.example.org")
    home, staging_home = _home(ask, ask("home", "Where people's files are"), given)
    from hubs.new.community import Community, new_community

    display_name = given["display_name"] or name.replace("-", " ").title()
    staging = given["staging_domain"] or f"staging.{domain}"
    print(new_community(context.obj, stack, Community(name, display_name, auth, home, staging_home, domain, staging)))


def _auth(context: click.Context, ask: _Questions, kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return `auth` of the community's file."""
    auth: dict[str, Any] = {"type": kind}
    if kind == "oidc":
        auth["authorize_url"] = ask("authorize_url", "Authorization endpoint of the provider")
        auth["token_url"] = ask("token_url", "Token endpoint of the provider")
        auth["username_claim"] = given["username_claim"] or "preferred_username"
    if kind in _OAUTH:
        allow = list(given["allow"])
        if not allow and not (given["allow_all"] and kind != "cilogon"):
            allow = ask("allow", _TEXTS[kind]).split()
        if kind == "cilogon":
            claim = given["username_claim"] or "email"
            auth["identity_providers"] = {who: {"username_claim": claim, "allow_all": True} for who in allow}
        elif allow and kind == "oidc":
            auth |= {"groups_claim": given["groups_claim"], "allow_groups": allow}
        elif allow:
            auth["allow"] = allow
        if given["allow_all"] and kind != "cilogon":
            auth["allow_all"] = True
    elif given["allow"] or given["allow_all"]:
        message = f"--allow has no effect with --auth {kind}: everyone with the password may log in"
        raise click.UsageError(message, context)
    if given["admins"]:
        auth["admins"] = list(given["admins"])
    return auth


def _home(ask: _Questions, kind: str, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return `home` of the community's file, and `home` of staging if it differs."""
    if kind == "nfs":
        server, path = ask("server", "NFS server"), ask("path", "Exported directory").rstrip("/")
        return {"nfs": {"server": server, "path": path}}, {"nfs": {"path": f"{path}-staging"}}
    if kind == "disk":
        other = given["staging_volume_id"]
        staging = {"disk": {"volume_id": other}} if other else {"volume": {"size": "1Gi"}}
        return {"disk": {"volume_id": ask("volume_id", "Id of the disk")}}, staging
    return {"volume": {"size": "10Gi"}}, {}


_TEXTS = {
    "location": "Region of the registry, such as us-central1",
    "project": "Google Cloud project",
    "organization": "Organization on quay.io",
    "host": "Host of the registry",
    "github": "Organizations (org) or teams (org:team) whose members may log in",
    "google": "Domains whose accounts may log in",
    "cilogon": "Entity ids of identity providers (https://cilogon.org/idplist/)",
    "oidc": "Groups whose members may log in",
}


class _Questions:
    """Values of options. Asks for a missing value on a terminal; without a terminal, a missing value is an error."""

    def __init__(self, context: click.Context, given: dict[str, Any]) -> None:
        self.context, self.given = context, given
        self.types = {item.name: item.type for item in context.command.params}

    def __call__(self, name: str, text: str) -> str:
        value = self.given[name]
        if value:
            return str(value)
        option = f"--{name.replace('_', '-')}"
        if not sys.stdin.isatty():
            raise click.UsageError(f"missing option {option}: {text[:1].lower()}{text[1:]}", self.context)
        return str(click.prompt(text, type=self.types[name], err=True))
