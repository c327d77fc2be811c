"""What values of the jupyterhub chart touch that are about people's servers."""

from __future__ import annotations

from dataclasses import replace

from hubs.preview.diff.rules import directions as d
from hubs.preview.diff.rules.rule import Rule, as_setting, rule
from hubs.settings.cluster import Cluster
from hubs.settings.home import Home, Volume
from hubs.settings.hub import Hub
from hubs.settings.touches import Touches

_OTHER_HOMES = "people find other home directories, or empty ones; nothing is copied"
_CLOSED = "what needs the closed connections fails"
_TAG = "another version of the same program"

_BLOCK = as_setting("singleuser.cloudMetadata.blockWithIptables", Cluster, "block_cloud_metadata", d.unless_off)
_OPEN = Rule(
    ("singleuser.networkPolicy.egressAllowRules.cloudMetadataServer",),
    replace(_BLOCK.mark, restricts=d.unless_on, gained=_BLOCK.mark.lost, lost=_BLOCK.mark.gained),
    of_setting=True,
)
"""The opposite of the setting."""

SINGLEUSER = (
    _BLOCK,
    _OPEN,
    rule(
        "singleuser.cloudMetadata.ip",
        Touches.NETWORK,
        "another address is blocked: that of the cloud may be open",
        subject="address of cloud metadata",
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
    as_setting("singleuser.storage.homeMountPath", Home, "mount_path"),
    rule(
        "singleuser.storage.dynamic.storageAccessModes",
        Touches.COST,
        "only new volumes of people follow",
        subject="people's volumes",
    ),
    as_setting("singleuser.storage.dynamic.storageClass", Volume, "storage_class"),
    as_setting("singleuser.storage.capacity", Volume, "size"),
    rule("singleuser.storage", Touches.FILES, _OTHER_HOMES, subject="home directories"),
    as_setting("singleuser.image.name", Hub, "image", harmless=d.same_repository),
    as_setting("singleuser.image.tag", Hub, "image", harmless=d.always),
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
        d.narrower,
        subject="groups that may use a profile",
        otherwise="fewer people may use the profile",
    ),
    rule("singleuser.profileList", Touches.APPEARANCE, "people choose from another list", subject="profiles"),
)
