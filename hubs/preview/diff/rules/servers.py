"""What values of the jupyterhub chart touch that are about people's servers."""

from __future__ import annotations

from hubs.preview.diff.rules import directions as d
from hubs.preview.diff.rules.rule import rule
from hubs.settings.touches import Touches

_OTHER_HOMES = "people find other home directories, or empty ones; nothing is copied"
_CLOSED = "what needs the closed connections fails"
_TAG = "another version of the same program"

SINGLEUSER = (
    rule(
        "singleuser.cloudMetadata.blockWithIptables",
        Touches.IDENTITY,
        "cloud metadata is no longer blocked: servers can get the credentials of their node",
        d.unless_off,
        subject="blocking of cloud metadata",
        otherwise="servers that need the metadata server for their cloud identity lose it",
    ),
    rule(
        "singleuser.cloudMetadata.ip",
        Touches.IDENTITY,
        "another address is blocked: that of the cloud may be open",
        subject="address of cloud metadata",
    ),
    rule(
        "singleuser.networkPolicy.egressAllowRules.cloudMetadataServer",
        Touches.IDENTITY,
        "servers can get the credentials of their node",
        d.unless_on,
        subject="access to cloud metadata",
        otherwise="servers that need the metadata server for their cloud identity lose it",
    ),
    rule(
        "singleuser.networkPolicy.egressAllowRules.privateIPs",
        Touches.NETWORK,
        "servers can reach private addresses: databases, other hubs, NFS servers",
        d.unless_on,
        subject="access of servers to private addresses",
        otherwise=_CLOSED,
    ),
    rule(
        "singleuser.networkPolicy.enabled",
        Touches.NETWORK,
        "servers can reach each other, and everything in the cluster and its network",
        d.unless_off,
        subject="network policy of servers",
        otherwise=_CLOSED,
    ),
    rule(
        "singleuser.storage.type singleuser.storage.static singleuser.storage.dynamic.pvcNameTemplate "
        "singleuser.storage.dynamic.volumeNameTemplate singleuser.storage.dynamic.subPath",
        Touches.FILES,
        _OTHER_HOMES,
        subject="home directories",
        together=True,
    ),
    rule(
        "singleuser.storage.homeMountPath",
        Touches.FILES,
        "people's files are at another path in their servers",
        subject="path of home directories",
    ),
    rule(
        "singleuser.storage.dynamic.storageAccessModes singleuser.storage.dynamic.storageClass "
        "singleuser.storage.capacity",
        Touches.COST,
        "only new volumes of people follow",
        subject="people's volumes",
    ),
    rule("singleuser.storage", Touches.FILES, _OTHER_HOMES, subject="home directories"),
    rule(
        "singleuser.image.name singleuser.image.tag",
        Touches.APPEARANCE,
        "servers that start from now on use it",
        subject="image of servers",
    ),
    rule(
        "singleuser.networkTools.image.name",
        Touches.ISOLATION,
        "other code with network rights runs in each server's pod, before the server starts",
        d.same_repository,
        subject="image that blocks cloud metadata",
        otherwise=_TAG,
    ),
    rule("singleuser.networkTools", Touches.AVAILABILITY, subject="image that blocks cloud metadata"),
    rule(
        "singleuser.extraFiles",
        Touches.FILES,
        "these files are in everyone's server, also over people's own",
        d.gone,
        subject="files in servers",
        otherwise="these files are no longer in servers",
    ),
    # A profile of the list.
    rule(
        "singleuser.profileList.*.allowed_groups singleuser.profileList.*.profile_options.*.choices.*.allowed_groups",
        Touches.LOGIN,
        "more people may use the profile",
        d.fewer_but_some,
        subject="groups that may use a profile",
        otherwise="fewer people may use the profile",
    ),
    rule("singleuser.profileList", Touches.APPEARANCE, "people choose from another list", subject="profiles"),
)
