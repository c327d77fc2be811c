# Teams on GitHub become groups of JupyterHub, named org:team.


def _github_groups(auth_state):
    return [f"{team['organization']['login']}:{team['slug']}" for team in auth_state.get("teams") or []]


c.GitHubOAuthenticator.auth_state_groups_key = _github_groups
