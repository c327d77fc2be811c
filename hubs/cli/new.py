"""The commands `new cluster` and `new community`."""

from __future__ import annotations

from typing import Any

import click

from hubs.cli.answers import Export, Item, Items, Kinds, NewName, Questions, Text
from hubs.cli.parameters import CLUSTER

_GROUPS = "oauth_user.groups"
_HOME_OF = {"server": "nfs", "path": "nfs", "volume_id": "disk", "staging_volume_id": "disk"}
_GITHUB = "http://github.com/login/oauth/authorize"


@click.group()
def new() -> None:
    """Write the file of a new cluster or community.

    Existing files are not overwritten.
    """


@new.command(
    epilog="Example: hubs new cluster moon --provider gcp --context gke_lab_us-central1_moon"
    " --registry artifact-registry --location us-central1 --project lab"
)
@click.argument("name", metavar="NAME", type=NewName("cluster"))
@click.option("--provider", type=click.Choice(["gcp", "aws", "other"]), help="The cloud that the cluster runs on.")
@click.option("--context", type=Text(), metavar="CONTEXT", help="The cluster's context in your kubeconfig.")
@click.option("--registry", type=Kinds("REGISTRIES"), help="The registry that built images are pushed to.")
@click.option(
    "--location",
    type=Text("registry.ArtifactRegistry.location"),
    metavar="REGION",
    help="artifact-registry: such as us-central1.",
)
@click.option("--project", type=Text(), metavar="PROJECT", help="Google Cloud project. Needed for artifact-registry.")
@click.option(
    "--organization", type=Text("registry.Quay.organization"), metavar="ORG", help="quay: the organization on quay.io."
)
@click.option(
    "--host",
    type=Text("registry.Oci.host"),
    metavar="HOST",
    help="oci: the registry's host, such as harbor.example.org.",
)
@click.option(
    "--prefix", type=Text("registry.Oci.prefix"), metavar="PATH", help="oci: path below the host, such as hubs/."
)
@click.option(
    "--ingress-class", type=Text(), metavar="CLASS", help="IngressClass that publishes the hubs, such as nginx."
)
@click.option("--cluster-issuer", type=Text(), metavar="ISSUER", help="cert-manager's ClusterIssuer for certificates.")
@click.option(
    "--storage-class", type=Text(), metavar="CLASS", help="StorageClass of volumes. Default: the cluster's default."
)
@click.option("--demonstration", is_flag=True, help="A cluster to try things out: any node, and auth of type dummy.")
@click.pass_context
def cluster(context: click.Context, /, name: str, **given: Any) -> None:
    """Write the file of a new cluster.

    The file is stacks/Pulumi.NAME.yaml. On a terminal, the command asks for missing options.
    """
    from hubs.new.cluster import Cluster, Registry, new_cluster, refuse_existing
    from hubs.new.kinds import REGISTRIES, required

    refuse_existing(context.obj, name)
    if given["cluster_issuer"] and not given["ingress_class"]:
        raise click.UsageError("--cluster-issuer needs --ingress-class", context)
    ask = Questions(context, given)
    provider = ask("provider", "Cloud that the cluster runs on")
    kube_context = ask("context", "The cluster's context in your kubeconfig")
    registry = ask("registry", "Registry for built images")
    # A project without Artifact Registry is the project of the cluster.
    known = {key for model in REGISTRIES.values() for key in model.model_fields} - {"project"}
    own = REGISTRIES[registry].model_fields.keys()
    options = [key for key in given if key in known]
    ask.only(options, "registry", registry, lambda kind, key: key in REGISTRIES[kind].model_fields)
    settings = {key: ask(key, _TEXTS.get(key, f"{key} of the registry")) for key in required(REGISTRIES[registry])}
    settings |= {key: given[key] for key in options if given[key]}
    project = ask("project", "Google Cloud project") if "project" in own else given["project"]
    print(
        new_cluster(
            context.obj,
            Cluster(
                name,
                provider,
                kube_context,
                Registry(registry, settings),
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
@click.argument("name", metavar="NAME", type=NewName("community"))
@CLUSTER
@click.option("--display-name", type=Text(), metavar="TEXT", help="The name that people see. Default: from NAME.")
@click.option("--auth", type=Kinds("LOGINS"), help="How people log in.")
@click.option(
    "--allow",
    type=Text(),
    multiple=True,
    metavar="WHO",
    help="Who may log in; repeat it for several. github: org or org:team. google: a domain. oidc: a group. cilogon: the"
    " entity id of an identity provider.",
)
@click.option("--allow-all", is_flag=True, help="Everyone with an account at the login provider may log in.")
@click.option(
    "--admin", "admins", type=Text(), multiple=True, metavar="USER", help="User name of an admin; can be repeated."
)
@click.option(
    "--username-claim", type=Text(), metavar="CLAIM", help="oidc, cilogon: the claim that becomes the user name."
)
@click.option(
    "--authorize-url",
    type=Text("auth.OIDC.authorize_url"),
    metavar="URL",
    help="oidc: the provider's authorization endpoint.",
)
@click.option(
    "--token-url", type=Text("auth.OIDC.token_url"), metavar="URL", help="oidc: the provider's token endpoint."
)
@click.option(
    "--groups-claim",
    type=Text(),
    metavar="CLAIM",
    help=f"oidc: where the groups are. Default: {_GROUPS}",
)
@click.option("--domain", type=Text("hub.Hub.domain"), metavar="DOMAIN", help="Domain of the hub prod.")
@click.option(
    "--staging-domain",
    type=Text("hub.Hub.domain"),
    metavar="DOMAIN",
    help="Domain of the hub staging. Default: staging.DOMAIN",
)
@click.option("--home", type=click.Choice(["volume", "nfs", "disk"]), help="Where people's files are.")
@click.option("--server", type=Text("home.Nfs.server"), metavar="HOST", help="nfs: the server.")
@click.option(
    "--path",
    type=Export("home.Nfs.path"),
    metavar="PATH",
    help="nfs: the exported directory. staging uses PATH-staging.",
)
@click.option(
    "--volume-id", type=Text("home.Disk.volume_id"), metavar="ID", help="disk: an EBS volume or a GCE persistent disk."
)
@click.option(
    "--staging-volume-id",
    type=Text("home.Disk.volume_id"),
    metavar="ID",
    help="disk: the disk of staging. Default: a volume for each user.",
)
@click.pass_context
def community(context: click.Context, /, name: str, stack: str, **given: Any) -> None:
    """Write the file of a new community.

    The file is stacks/STACK/NAME.yaml, with the hubs staging and prod. On a terminal, the command asks for missing
    options.
    """
    from hubs.new.community import Community, new_community, refuse_existing

    refuse_existing(context.obj, stack, name)
    ask = Questions(context, given)
    auth = _auth(ask, ask("auth", "How people log in"))
    domain = ask("domain", "Domain of the hub, such as hub.example.org")
    home, staging_home = _home(ask, ask("home", "Where people's files are"))
    display_name = given["display_name"] or name.replace("-", " ").title()
    staging = given["staging_domain"] or f"staging.{domain}"
    print(new_community(context.obj, stack, Community(name, display_name, auth, home, staging_home, domain, staging)))


def _auth(ask: Questions, kind: str) -> dict[str, Any]:
    """Return `auth` of the community's file."""
    from hubs.new.kinds import LOGINS, required, takes

    given, login = ask.given, LOGINS[kind]
    options = ("allow", "allow_all", "username_claim", "authorize_url", "token_url", "groups_claim")
    ask.only(options, "auth", kind, lambda other, option: takes(LOGINS[other], option))
    auth: dict[str, Any] = {"type": kind}
    auth |= {key: ask(key, _TEXTS.get(key, f"{key} of the login provider")) for key in required(login)}
    if "username_claim" in login.model_fields:
        auth["username_claim"] = given["username_claim"] or login.model_fields["username_claim"].default
    if takes(login, "allow"):
        allow = _allow(ask, kind)
        if "identity_providers" in login.model_fields:
            auth["identity_providers"] = {who: _identity_provider(who, given["username_claim"]) for who in allow}
        elif allow and takes(login, "groups_claim"):
            auth |= {"groups_claim": given["groups_claim"] or _GROUPS, "allow_groups": allow}
        elif allow:
            auth["allow"] = allow
        if given["allow_all"]:
            auth["allow_all"] = True
    if given["admins"]:
        auth["admins"] = list(given["admins"])
    return auth


def _allow(ask: Questions, kind: str) -> list[str]:
    """Return who may log in, with a check of each item."""
    from hubs.new.kinds import LOGINS, WHO, allowed

    item = allowed(LOGINS[kind])
    if ask.given["allow"] or ask.given["allow_all"]:
        return [Item(item).convert(who, ask.parameters["allow"], ask.context) for who in ask.given["allow"]]
    answer: list[str] = ask("allow", f"{WHO.get(kind, 'Who may log in')}, separated by spaces", Items(item))
    return answer


def _identity_provider(entity_id: str, claim: str | None) -> dict[str, Any]:
    """Return the settings of one of CILogon's identity providers. GitHub accounts have a name of their own."""
    usual = "preferred_username" if entity_id == _GITHUB else "email"
    return {"username_claim": claim or usual, "allow_all": True}


def _home(ask: Questions, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return `home` of the community's file, and `home` of staging if it differs."""
    ask.only(_HOME_OF, "home", kind, lambda other, option: _HOME_OF[option] == other)
    if kind == "nfs":
        server, path = ask("server", "NFS server"), ask("path", "Exported directory")
        return {"nfs": {"server": server, "path": path}}, {"nfs": {"path": f"{path}-staging"}}
    if kind == "disk":
        other = ask.given["staging_volume_id"]
        staging = {"disk": {"volume_id": other}} if other else {"volume": {"size": "1Gi"}}
        return {"disk": {"volume_id": ask("volume_id", "Id of the disk")}}, staging
    return {"volume": {"size": "10Gi"}}, {}


_TEXTS = {
    "location": "Region of the registry, such as us-central1",
    "organization": "Organization on quay.io",
    "host": "Host of the registry",
    "authorize_url": "Authorization endpoint of the provider",
    "token_url": "Token endpoint of the provider",
}
"""Questions for settings that a kind requires. Others are asked for by name."""
