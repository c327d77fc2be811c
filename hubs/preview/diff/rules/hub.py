"""What values of the jupyterhub chart touch that are about the hub, its proxy and its ingress."""

from __future__ import annotations

from hubs.preview.diff.rules import directions as d
from hubs.preview.diff.rules.rule import as_setting, rule
from hubs.settings.branding import Branding
from hubs.settings.cluster import Cluster, Ingress
from hubs.settings.hub import Hub, NamedServers
from hubs.settings.touches import Touches

_DATABASE = "the hub starts with another database: other users, servers, groups and tokens"
_OPEN = "it can be reached from outside the cluster"
_GATE = "annotations decide who gets in, and where requests go"
_TAG = "another version of the same program"

HUB = (
    rule(
        "hub.extraConfig hub.extraConfig.*",
        Touches.CODE,
        "this code runs in the hub, with its rights",
        d.gone,
        subject="code of the hub",
        otherwise="this code no longer runs in the hub: what it enforced no longer holds",
    ),
    rule(
        "hub.extraConfig.imagebuilding*",
        Touches.CODE,
        "the program's own code in the hub is another one, or gone: what it enforces may no longer hold",
        subject="code of the hub",
    ),
    rule(
        "hub.extraFiles hub.extraFiles.*",
        Touches.CODE,
        "the hub reads it: it can change who logs in and what runs",
        d.gone,
        subject="files of the hub",
        otherwise="the hub no longer reads it",
    ),
    rule(
        "hub.extraEnv",
        Touches.CODE,
        "the hub reads it: it can change who logs in and what runs",
        d.plain_variables,
        subject="variables of the hub",
        otherwise="the hub restarts with other variables",
    ),
    rule(
        "hub.extraContainers hub.initContainers",
        Touches.CODE,
        "another program runs in the hub's pod, with its network and what it mounts",
        d.fewer_containers,
        subject="further containers of the hub",
        otherwise="a container is no longer there, or another version",
    ),
    as_setting("hub.image.name", Hub, "hub_image", d.same_repository),
    as_setting("hub.image.tag", Hub, "hub_image", d.always),
    rule(
        "hub.db.type hub.db.url hub.db.password hub.db.pvc.subPath hub.db.pvc.selector",
        Touches.FILES,
        _DATABASE,
        subject="the hub's database",
        together=True,
    ),
    rule(
        "hub.db.pvc.annotations",
        Touches.FILES,
        "the hub's database may be deleted with its release",
        d.more,
        subject="keeping the hub's database",
        otherwise="the volume of the hub's database gets annotations",
    ),
    rule(
        "hub.db hub.db.* hub.db.pvc.*",
        Touches.AVAILABILITY,
        "an existing volume can't be changed in every way: the update may fail",
        subject="volume of the hub's database",
    ),
    as_setting("hub.db.pvc.storageClassName", Cluster, "storage_class"),
    rule(
        "hub.existingSecret",
        Touches.IDENTITY,
        "tokens and keys of the hub come from another Secret",
        subject="Secret of the hub",
    ),
    rule(
        "hub.loadRoles.*.scopes hub.loadRoles.*.users hub.loadRoles.*.groups hub.loadRoles.*.services",
        Touches.LOGIN,
        "people or services may do more on the hub",
        d.fewer,
        subject="role",
        otherwise="people or services may do less on the hub",
    ),
    rule("hub.loadRoles hub.loadRoles.*", Touches.APPEARANCE, subject="role"),
    rule("hub.loadRoles.*.name hub.loadRoles.*.description", Touches.NOTHING, subject="name of a role"),
    rule(
        "hub.services.*.admin",
        Touches.LOGIN,
        "the service administers the hub",
        d.unless_on,
        subject="rights of a service",
    ),
    rule(
        "hub.services.*.command hub.services.*.environment hub.services.*.cwd hub.services.*.user",
        Touches.CODE,
        "this command runs in the hub's pod, with its rights",
        d.gone,
        subject="command of a service",
        otherwise="the service no longer runs",
    ),
    rule(
        "hub.services.*.apiToken hub.services.*.api_token",
        Touches.LOGIN,
        "whoever has this token acts as the service",
        d.gone,
        subject="token of a service",
    ),
    rule(
        "hub.services.*.oauth_redirect_uri hub.services.*.oauth_no_confirm hub.services.*.oauth_client_allowed_scopes "
        "hub.services.*.oauth_roles",
        Touches.LOGIN,
        "people's logins go to this service",
        d.gone,
        subject="login at a service",
        otherwise="people can't log in at the service",
    ),
    rule(
        "hub.services.*.url",
        Touches.NETWORK,
        "people reach this address through the hub",
        d.gone,
        subject="address of a service",
        otherwise="people can no longer reach the service",
    ),
    rule("hub.services hub.services.*", Touches.APPEARANCE, subject="a service of the hub"),
    as_setting("hub.allowNamedServers", NamedServers, "enabled"),
    as_setting("hub.namedServerLimitPerUser", NamedServers, "limit"),
    rule(
        "hub.authenticatePrometheus",
        Touches.LOGIN,
        "everyone can read the hub's metrics, with people's names",
        d.unless_off,
        subject="login for metrics",
    ),
    rule(
        "hub.cookieSecret hub.shutdownOnLogout", Touches.AVAILABILITY, "everyone has to log in again", subject="logins"
    ),
    rule(
        "hub.baseUrl",
        Touches.AVAILABILITY,
        "all addresses change: builds and the login provider have to know",
        subject="base URL of the hub",
    ),
    rule(
        "hub.concurrentSpawnLimit hub.consecutiveFailureLimit hub.activeServerLimit",
        Touches.AVAILABILITY,
        "how many servers start, and when",
        subject="limits of the hub",
    ),
    rule("hub.redirectToServer hub.templatePaths hub.templateVars", Touches.APPEARANCE, subject="pages of the hub"),
    as_setting("hub.templateVars.announcement", Branding, "announcement"),
    rule("hub.fsGid", Touches.FILES, "the hub may not be able to read its database", subject="group of the hub"),
)

PROXY = (
    rule(
        "proxy.chp.extraCommandLineFlags proxy.chp.defaultTarget proxy.chp.errorTarget proxy.chp.extraEnv",
        Touches.NETWORK,
        "all requests of people pass through it",
        d.gone,
        subject="options of the proxy",
    ),
    rule(
        "proxy.traefik.extraStaticConfig proxy.traefik.extraDynamicConfig proxy.traefik.extraPorts "
        "proxy.traefik.extraEnv",
        Touches.NETWORK,
        "all requests of people pass through it",
        d.gone,
        subject="options of Traefik",
    ),
    rule(
        "proxy.traefik.hsts",
        Touches.NETWORK,
        "browsers may use the hub without encryption",
        d.always,
        subject="browsers' memory of HTTPS",
        otherwise="browsers remember it for a long time",
    ),
    rule(
        "proxy.https.enabled",
        Touches.NETWORK,
        "passwords and cookies are no longer encrypted on their way",
        lambda old, new: bool(new) or not old,
        subject="HTTPS of the proxy",
    ),
    rule(
        "proxy.https.letsencrypt.acmeServer proxy.https.manual proxy.https.secret proxy.https.type proxy.https.hosts",
        Touches.AVAILABILITY,
        "without the right certificate, browsers refuse the hub",
        subject="certificate of the proxy",
    ),
    rule("proxy.https", Touches.AVAILABILITY, subject="certificate of the proxy"),
    rule(
        "proxy.secretToken",
        Touches.AVAILABILITY,
        "proxy and hub restart, open connections drop",
        subject="token of the proxy",
    ),
    rule(
        "ingress.enabled httpRoute.enabled",
        Touches.NETWORK,
        _OPEN,
        lambda old, new: not new or bool(old),
        subject="address outside the cluster",
        otherwise="people can no longer reach the hub through it",
    ),
    rule(
        "ingress.hosts httpRoute.hostnames",
        Touches.LOGIN,
        "people need the new address; register the new callback URL with the login provider",
        lambda old, new: not old,
        subject="domain",
        otherwise="people reach the hub there",
    ),
    rule(
        "ingress.annotations httpRoute.annotations",
        Touches.NETWORK,
        _GATE,
        d.plain_annotations,
        subject="annotations of the ingress",
        otherwise="how requests are handled",
    ),
    rule(
        "ingress.tls",
        Touches.NETWORK,
        "passwords and cookies are no longer encrypted on their way",
        lambda old, new: bool(new) or not old,
        subject="HTTPS of the ingress",
        otherwise="without the right certificate, browsers refuse the hub",
    ),
    rule(
        "ingress.extraPaths",
        Touches.NETWORK,
        "other services can be reached at the hub's address",
        d.fewer,
        subject="further paths",
        otherwise="other services can no longer be reached there",
    ),
    rule(
        "ingress.pathSuffix ingress.pathType httpRoute.gateway",
        Touches.AVAILABILITY,
        "if it does not fit the cluster, nobody can reach the hub",
        subject="ingress",
    ),
    as_setting("ingress.ingressClassName", Ingress, "class_name"),
)
