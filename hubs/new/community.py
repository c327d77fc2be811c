"""The file of a new community: `hubs new community NAME --cluster CLUSTER`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubs.new.cluster import as_steps
from hubs.new.file import check_name, create, quoted, refuse_existing_file
from hubs.new.kinds import WHO
from hubs.preview.values import load_with_placeholders
from hubs.settings.hub import USER_IMAGE
from hubs.settings.missing import auth_secrets, secret_path, where_to_register
from hubs.settings.schema import COMMUNITY_FILE
from hubs.settings.secrets import how_to_set


@dataclass(frozen=True)
class Community:
    """The answers that describe a new community."""

    name: str
    display_name: str
    auth: dict[str, Any]
    """`type` and the settings that this type needs, as in the file."""
    home: dict[str, Any]
    staging_home: dict[str, Any]
    """Empty if it is the same as `home`."""
    domain: str
    staging_domain: str


def new_community(root: Path, stack: str, community: Community) -> str:
    """Write `stacks/<stack>/<name>.yaml`, and return the next steps as text. Raises UserError, see `create`."""
    check_name("community", community.name)
    name = _file(root, stack, community.name)
    create(root, name, text(community), stack)
    settings = load_with_placeholders(stack, root)
    hubs = [hub for hub in settings.hubs if hub.community == community.name]
    steps: list[tuple[str, list[str]]] = []
    keys = auth_secrets(community.auth["type"])
    if "client_id" in keys:
        where = where_to_register(community.auth["type"])
        steps.append(
            (f"Register an OAuth client for each callback URL at {where}", [hub.oauth_callback_url for hub in hubs])
        )
    if "nfs" in community.staging_home:
        path = community.staging_home["nfs"]["path"]
        steps.append(("Create the folder for the staging hub on the NFS server", [path]))
    commands = [how_to_set(stack, secret_path(hub, "auth", key)) for hub in hubs for key in keys]
    steps += [("Set the secrets; Pulumi asks for each value", commands)]
    steps += [("See what an update would create", [f"hubs plan {stack}"])]
    steps += [("Run the page that people will see, on this machine", [f"hubs page {stack} {hubs[-1].key}"])]
    return f"Created {name}.\n\n{as_steps(steps)}"


def refuse_existing(root: Path, stack: str, name: str) -> None:
    """Refuse the name of a community that has a file, and a stack that can't be loaded. Raises UserError."""
    refuse_existing_file(root, _file(root, stack, name))


def _file(root: Path, stack: str, name: str) -> str:
    load_with_placeholders(stack, root)  # raises UserError if it can't be loaded
    return f"stacks/{stack}/{name}.yaml"


def text(community: Community) -> str:
    """Return the file's content."""
    auth = {key: value for key, value in community.auth.items() if key != "type"}
    lines = [
        f"# yaml-language-server: $schema=../{COMMUNITY_FILE}",
        f"# The community {community.name}. `hubs settings` explains every setting.",
        f"display_name: {quoted(community.display_name)}",
        "",
        "# Who may log in, and who administers the hubs.",
        "auth:",
        f"  type: {community.auth['type']}",
        *(line for key, value in auth.items() for line in _setting(community.auth["type"], key, value)),
        "",
        f"# Where people's files are: {_HOMES[next(iter(community.home))]}.",
        f"home: {quoted(community.home)}",
        "",
        "# What people can choose before their server starts. Default: current images of Jupyter and Pangeo.",
        "# profiles:",
        "#   - display_name: CPU",
        f'#     images: {{scipy: "{USER_IMAGE}"}}',
        "",
        "# One hub for each domain. staging is deployed first: if it fails, prod is not updated.",
        "hubs:",
        "  staging:",
        f"    domain: {quoted(community.staging_domain)}",
        *([f"    home: {quoted(community.staging_home)}"] if community.staging_home else []),
        "  prod:",
        f"    domain: {quoted(community.domain)}",
    ]
    return "\n".join(lines) + "\n"


_HOMES = {
    "volume": "a volume for each user",
    "nfs": "a folder for each user on an existing NFS server",
    "disk": "a folder for each user on an existing cloud disk",
}
_ABOUT = {
    "allow_all": "Everyone with an account at the login provider may log in",
    "admins": "User names of admins: they see all servers and manage users",
    "identity_providers": "Entity ids from https://cilogon.org/idplist/, and the claim that becomes the user name",
    "groups_claim": "Where the provider puts the groups of a user, and which groups may log in",
}


def _setting(auth: str, key: str, value: Any) -> list[str]:
    about = WHO.get(auth) if key == "allow" else _ABOUT.get(key)
    return [*([f"  # {about}."] if about else []), f"  {key}: {quoted(value)}"]
