# What the login provider says about a user becomes JupyterHub groups. The path to them is `auth_state_groups_key` of
# hub.config; GitHub's teams are groups named org:team.
#
# A group is found by the spelling in the config as well, where the provider's differs only in what has no meaning:
# names on GitHub have no case, and Keycloak may begin the name of a group with a slash (`Full group path`).
from tornado.log import app_log
from z2jh import get_config


def _written_groups(node):
    if isinstance(node, list):
        for item in node:
            yield from _written_groups(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("groups", "allowed_groups", "admin_groups") and isinstance(value, list):
                yield from (group for group in value if isinstance(group, str))
            else:
                yield from _written_groups(value)


_IN_CONFIG = {
    group
    for path in ("hub.config", "hub.loadRoles", "singleuser.profileList", "custom.imagebuilding")
    for group in _written_groups(get_config(path, {}))
}


def _github_groups(auth_state):
    teams = {f"{team['organization']['login']}:{team['slug']}" for team in auth_state.get("teams") or []}
    known = {team.casefold() for team in teams}
    return sorted(teams | {group for group in _IN_CONFIG if group.casefold() in known})


def _at(node, path):
    # A key may have dots itself, such as https://hub.example.org/groups.
    steps = path.split(".")
    for count in range(len(steps), 0, -1):
        key = ".".join(steps[:count])
        if isinstance(node, dict) and key in node:
            found = node[key] if count == len(steps) else _at(node[key], ".".join(steps[count:]))
            if found is not None:
                return found
    return None


def _claimed_groups(path):
    def groups(auth_state):
        found = _at(auth_state, path)
        if found is None:
            user = next((value for key, value in auth_state.items() if key.endswith("_user")), None) or {}
            app_log.warning("The login has no %s, so no groups. The user data has: %s", path, ", ".join(sorted(user)))
            return []
        names = {found} if isinstance(found, str) else {name for name in found if isinstance(name, str)}
        return sorted(names | {name[1:] for name in names if name.startswith("/") and name[1:] in _IN_CONFIG})

    return groups


if get_config("hub.config.GitHubOAuthenticator"):
    c.GitHubOAuthenticator.auth_state_groups_key = _github_groups
for _section in ("CILogonOAuthenticator", "GenericOAuthenticator", "GoogleOAuthenticator"):
    _path = c[_section].get("auth_state_groups_key")
    if isinstance(_path, str) and _path:
        c[_section].auth_state_groups_key = _claimed_groups(_path)
