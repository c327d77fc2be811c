"""What each trait of the authenticators touches, in `hub.config.<Class>.<trait>`.

A test compares the names with the installed classes. A class inherits the traits of its parents.
"""

from __future__ import annotations

from collections.abc import Mapping

from hubs.preview.diff.rules import directions as d
from hubs.preview.diff.rules.rule import Rule, as_setting, by_name, rule
from hubs.settings.auth import OIDC, Auth, GitHub, Google, OAuth
from hubs.settings.touches import Touches

_NAMES = "everyone gets another user name, and so another home directory"
_SOURCE = "another provider says who people are: who runs it decides who logs in and who administers the hub"
_ALLOW = "more people may log in"
_ALLOW_NOT = "some people may no longer log in"
_ADMIN = "administrators see and stop all servers, and can enter them"
_ADMIN_NOT = "some people no longer administer the hub"
_AGAIN = "nobody can log in unless the login provider knows it"

_AUTHENTICATOR = (
    as_setting("admin_users", Auth, "admins"),
    as_setting("allow_all any_allow_config", Auth, "allow_all", d.unless_on),
    rule(
        "allow_existing_users",
        Touches.LOGIN,
        "everyone who ever logged in may log in again",
        d.unless_on,
        subject="login for former users",
        otherwise=_ALLOW_NOT,
    ),
    as_setting("allowed_users whitelist", Auth, "users"),
    rule("blocked_users", Touches.LOGIN, _ALLOW, d.more, subject="people who may not log in", otherwise=_ALLOW_NOT),
    rule(
        "username_map",
        Touches.LOGIN,
        "the people in it get another user name, and so another home directory",
        subject="replaced user names",
    ),
    rule("username_pattern", Touches.LOGIN, _ALLOW, d.only(), subject="names of people who may log in"),
    rule(
        "post_auth_hook reconcile_auth_state_hook",
        Touches.CODE,
        "other code decides who may log in",
        subject="hook of the login",
    ),
    rule(
        "manage_groups manage_roles reset_managed_roles_on_startup",
        Touches.LOGIN,
        "the login provider decides about groups and roles",
        d.unless_on,
        subject="groups and roles from the provider",
        otherwise="groups or roles no longer come from the login provider",
    ),
    rule(
        "delete_invalid_users",
        Touches.LOGIN,
        "users whom the authenticator no longer accepts are deleted from the hub",
        d.unless_on,
        subject="deleting users who may not log in",
    ),
    rule(
        "enable_auth_state",
        Touches.AVAILABILITY,
        "the hub stores what the login provider says about people",
        subject="saved login state",
    ),
    rule(
        "request_otp",
        Touches.LOGIN,
        "a one-time password is no longer asked for",
        d.unless(False, None),
        subject="one-time password",
    ),
    rule(
        "auth_refresh_age auth_refresh_strict refresh_pre_spawn refresh_pre_stop",
        Touches.AVAILABILITY,
        "people may have to log in again, or lose rights later",
        subject="refreshing logins",
    ),
    rule("auto_login auto_login_oauth2_authorize otp_prompt", Touches.APPEARANCE, subject="login page"),
)

_OAUTH = (
    as_setting("authorize_url token_url userdata_url", OIDC, "authorize_url"),
    rule("username_claim", Touches.LOGIN, _NAMES, subject="claim for user names"),
    rule(
        "userdata_from_id_token userdata_params userdata_token_method token_params extra_authorize_params scope",
        Touches.LOGIN,
        "the login provider says other things about people",
        subject="questions to the login provider",
    ),
    as_setting("allowed_groups", OAuth, "allow_groups"),
    as_setting("admin_groups", OAuth, "admin_groups"),
    as_setting("allowed_scopes", OIDC, "allowed_scopes"),
    as_setting("auth_state_groups_key", OAuth, "groups_claim"),
    rule(
        "modify_auth_state_hook refresh_user_hook",
        Touches.CODE,
        "other code decides who may log in",
        subject="hook of the login",
    ),
    rule(
        "validate_server_cert",
        Touches.LOGIN,
        "anyone on the network can pretend to be the login provider",
        d.unless_off,
        subject="checking the login provider's certificate",
    ),
    rule("enable_pkce", Touches.LOGIN, "stolen login codes can be used", d.unless_off, subject="PKCE at login"),
    rule(
        "http_request_kwargs",
        Touches.LOGIN,
        "requests to the login provider take another way",
        subject="requests to the login provider",
    ),
    rule(
        "oauth_callback_url",
        Touches.AVAILABILITY,
        "nobody can log in unless the login provider knows it: register it there",
        subject="callback URL",
    ),
    rule("client_id client_secret basic_auth", Touches.AVAILABILITY, _AGAIN, subject="OAuth client"),
    rule("custom_403_message", Touches.APPEARANCE, subject="login page"),
    as_setting("login_service", OAuth, "login_service"),
    as_setting("logout_redirect_url", OAuth, "logout_redirect_url"),
)

AUTHENTICATORS: Mapping[str, Mapping[str, Rule]] = {
    "Authenticator": by_name(_AUTHENTICATOR),
    "OAuthenticator": by_name(_OAUTH),
    "LocalAuthenticator": by_name(
        (
            rule(
                "allowed_groups group_whitelist",
                Touches.LOGIN,
                _ALLOW,
                d.fewer,
                subject="groups that may log in",
                otherwise=_ALLOW_NOT,
            ),
            rule(
                "add_user_cmd create_system_users uids",
                Touches.CODE,
                "the hub runs commands as root",
                subject="users of the system",
            ),
        )
    ),
    "PAMAuthenticator": by_name(
        (
            rule(
                "admin_groups", Touches.LOGIN, _ADMIN, d.fewer, subject="groups of administrators", otherwise=_ADMIN_NOT
            ),
            rule(
                "service check_account pam_normalize_username",
                Touches.LOGIN,
                "other accounts may log in",
                subject="accounts of the system",
            ),
            rule("encoding executor_threads open_sessions", Touches.AVAILABILITY, subject="logins with PAM"),
        )
    ),
    "DummyAuthenticator": by_name(
        (
            rule(
                "password",
                Touches.LOGIN,
                "everyone may log in under any name who knows it",
                d.unless(None, ""),
                subject="the password for all",
                otherwise="people need the new password",
            ),
        )
    ),
    "SharedPasswordAuthenticator": by_name(
        (
            rule(
                "user_password admin_password password_groups",
                Touches.AVAILABILITY,
                "people need the new password",
                subject="the password for all",
            ),
        )
    ),
    "Auth0OAuthenticator": by_name(
        (
            rule("auth0_domain auth0_subdomain", Touches.LOGIN, _SOURCE, subject="address of the login provider"),
            rule("username_key", Touches.LOGIN, _NAMES, subject="claim for user names"),
            rule(
                "allow_unverified_email",
                Touches.LOGIN,
                "people can take the name of somebody else, with a mail address that is not theirs",
                d.unless_on,
                subject="unverified mail addresses",
            ),
        )
    ),
    "AzureAdOAuthenticator": by_name(
        (
            rule("tenant_id graph_url", Touches.LOGIN, _SOURCE, subject="address of the login provider"),
            rule(
                "user_groups_claim", Touches.LOGIN, "other groups decide what people may do", subject="claim for groups"
            ),
        )
    ),
    "BitbucketOAuthenticator": by_name(
        (
            rule(
                "allowed_teams team_whitelist",
                Touches.LOGIN,
                _ALLOW,
                d.fewer,
                subject="teams that may log in",
                otherwise=_ALLOW_NOT,
            ),
        )
    ),
    "CILogonOAuthenticator": by_name(
        (
            rule(
                "allowed_idps idps idp_whitelist",
                Touches.LOGIN,
                "more people may log in, or under other names",
                d.fewer,
                subject="identity providers",
                otherwise=_ALLOW_NOT,
            ),
            rule("cilogon_host", Touches.LOGIN, _SOURCE, subject="address of the login provider"),
            rule("strip_idp_domain additional_username_claims", Touches.LOGIN, _NAMES, subject="user names"),
            rule("idp shown_idps skin", Touches.APPEARANCE, subject="login page"),
        )
    ),
    "GenericOAuthenticator": by_name(
        (
            as_setting("scope", OIDC, "scope"),
            as_setting("extra_authorize_params", OIDC, "extra_authorize_params"),
            rule("username_key", Touches.LOGIN, _NAMES, subject="claim for user names"),
            rule(
                "claim_groups_key", Touches.LOGIN, "other groups decide what people may do", subject="claim for groups"
            ),
            rule(
                "tls_verify",
                Touches.LOGIN,
                "anyone on the network can pretend to be the login provider",
                d.unless_off,
                subject="checking the login provider's certificate",
            ),
            rule(
                "extra_params",
                Touches.LOGIN,
                "the login provider says other things about people",
                subject="questions to the login provider",
            ),
        )
    ),
    "GitHubOAuthenticator": by_name(
        (
            as_setting("allowed_organizations github_organization_whitelist", GitHub, "allow"),
            as_setting("scope", GitHub, "scope"),
            rule("github_url github_api", Touches.LOGIN, _SOURCE, subject="address of the login provider"),
            rule("github_client_id github_client_secret", Touches.AVAILABILITY, _AGAIN, subject="OAuth client"),
            rule(
                "populate_teams_in_auth_state",
                Touches.LOGIN,
                "groups of people who log in come from their teams or not",
                d.unless_on,
                subject="teams as groups",
                otherwise="teams are no longer groups",
            ),
        )
    ),
    "GitLabOAuthenticator": by_name(
        (
            rule(
                "allowed_gitlab_groups allowed_project_ids gitlab_group_whitelist gitlab_project_id_whitelist",
                Touches.LOGIN,
                _ALLOW,
                d.fewer,
                subject="groups and projects that may log in",
                otherwise=_ALLOW_NOT,
            ),
            rule("gitlab_url gitlab_api", Touches.LOGIN, _SOURCE, subject="address of the login provider"),
            rule("gitlab_api_version", Touches.AVAILABILITY, subject="API of GitLab"),
        )
    ),
    "GlobusOAuthenticator": by_name(
        (
            rule(
                "admin_globus_groups",
                Touches.LOGIN,
                _ADMIN,
                d.fewer,
                subject="groups of administrators",
                otherwise=_ADMIN_NOT,
            ),
            rule(
                "allowed_globus_groups",
                Touches.LOGIN,
                _ALLOW,
                d.fewer,
                subject="groups that may log in",
                otherwise=_ALLOW_NOT,
            ),
            rule("identity_provider username_from_email", Touches.LOGIN, _NAMES, subject="user names"),
            rule("globus_groups_url revocation_url", Touches.LOGIN, _SOURCE, subject="address of the login provider"),
            rule(
                "exclude_tokens globus_local_endpoint revoke_tokens_on_logout",
                Touches.AVAILABILITY,
                subject="tokens of Globus",
            ),
        )
    ),
    "GoogleOAuthenticator": by_name(
        (
            as_setting("hosted_domain", Google, "allow", d.narrower),
            rule("strip_domain", Touches.LOGIN, _NAMES, subject="user names without their domain"),
            rule(
                "allowed_google_groups google_group_whitelist",
                Touches.LOGIN,
                _ALLOW,
                d.fewer,
                subject="groups that may log in",
                otherwise=_ALLOW_NOT,
            ),
            rule(
                "admin_google_groups",
                Touches.LOGIN,
                _ADMIN,
                d.fewer,
                subject="groups of administrators",
                otherwise=_ADMIN_NOT,
            ),
            rule("google_api_url", Touches.LOGIN, _SOURCE, subject="address of the login provider"),
            rule(
                "include_nested_groups",
                Touches.LOGIN,
                _ALLOW,
                d.unless_on,
                subject="members of nested groups",
                otherwise=_ALLOW_NOT,
            ),
            rule(
                "google_service_account_keys gsuite_administrator",
                Touches.LOGIN,
                "other groups are looked up",
                subject="account that looks up groups",
            ),
        )
    ),
    "OpenShiftOAuthenticator": by_name(
        (
            rule(
                "openshift_auth_api_url openshift_rest_api_url openshift_url",
                Touches.LOGIN,
                _SOURCE,
                subject="address of the login provider",
            ),
            rule(
                "ca_certs",
                Touches.LOGIN,
                "another authority says which login provider is the right one",
                subject="certificate authorities of the login provider",
            ),
            rule(
                "validate_cert",
                Touches.LOGIN,
                "anyone on the network can pretend to be the login provider",
                d.unless_off,
                subject="checking the login provider's certificate",
            ),
        )
    ),
}
"""The rules by class and trait."""

PARENTS = {
    "LocalAuthenticator": "Authenticator",
    "PAMAuthenticator": "LocalAuthenticator",
    "DummyAuthenticator": "Authenticator",
    "SharedPasswordAuthenticator": "Authenticator",
    "OAuthenticator": "Authenticator",
    **{
        f"{name}OAuthenticator": "OAuthenticator"
        for name in (
            *("Auth0", "AzureAd", "Bitbucket", "CILogon", "Generic", "GitHub", "GitLab", "Globus", "Google"),
            "OpenShift",
        )
    },
}
"""The parents of authenticators."""
