"""Names of the robot accounts that are created at quay, one for each hub."""

from __future__ import annotations

import re
from collections.abc import Iterable

QUAY = "https://quay.io"
TEAM = "image_builders"
"""The team that the robots of an organization share; never deleted, since without members it grants nothing."""
CREATOR = "creator"
SUFFIX = "image_builder"
LONGEST_ROBOT = 255
"""Characters of `<organization>+<robot>`, which quay stores as one user name (quay: data/database.py, `User`)."""
ROBOT_NAME = re.compile(r"^(?=.{2,255}$)[a-z][a-z0-9]*(_[a-z0-9]+)*$")
"""Names that both quay's web page (`^[a-z][a-z0-9_]{1,254}$`) and its API (`^[a-z0-9]+(?:[._-][a-z0-9]+)*$`) accept."""


def robot_name(cluster: str, community: str, hub: str) -> str:
    """Return `<cluster>_<community>_<hub>_image_builder`, in characters that quay accepts.

    Upper case becomes lower case, each run of characters other than letters and digits becomes one underscore, and a
    name that would start with a digit gets the prefix `r_`. Raises ValueError if a part has no usable character or the
    name is too long.
    """
    parts = [re.sub(r"[^a-z0-9]+", "_", part.lower()).strip("_") for part in (cluster, community, hub)]
    for part, given in zip(parts, (cluster, community, hub), strict=True):
        if not part:
            raise ValueError(f"{given!r} has no letter or digit to use in the name of a quay robot")
    name = "_".join([*parts, SUFFIX])
    if not name[0].isalpha():
        name = f"r_{name}"
    if not ROBOT_NAME.match(name):
        raise ValueError(
            f"the name of the quay robot for {community}/{hub} on {cluster} would have {len(name)} characters; "
            "at most 255 are allowed"
        )
    return name


def robot_names(cluster: str, hubs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the robot's name of each (community, hub) of a cluster. Raises ValueError if two would share a robot."""
    names: dict[tuple[str, str], str] = {}
    owners: dict[str, tuple[str, str]] = {}
    for community, hub in hubs:
        name = robot_name(cluster, community, hub)
        if name in owners:
            other = "/".join(owners[name])
            raise ValueError(f"{other} and {community}/{hub} would share the quay robot {name}: rename one of them")
        owners[name] = (community, hub)
        names[community, hub] = name
    return names
