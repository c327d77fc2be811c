"""What each trait of JupyterHub, its proxy and its keys touches, in `hub.config.<Class>.<trait>`.

A test compares the names with the installed classes.
"""

from __future__ import annotations

from collections.abc import Mapping

from hubs.preview.diff.rules import directions as d
from hubs.preview.diff.rules.login import AUTHENTICATORS
from hubs.preview.diff.rules.rule import Rule, as_setting, by_name, rule
from hubs.settings.auth import Auth
from hubs.settings.hub import NamedServers
from hubs.settings.touches import Touches

_JUPYTERHUB = (
    rule(
        "authenticator_class",
        Touches.LOGIN,
        "everyone may get another user name, and so another home directory",
        subject="authenticator",
    ),
    as_setting("admin_users", Auth, "admins"),
    rule(
        "admin_access",
        Touches.LOGIN,
        "administrators can enter everyone's server",
        d.unless(True, None),
        subject="administrators' access to servers",
        otherwise="administrators can no longer enter people's servers",
    ),
    rule(
        "load_roles load_groups custom_scopes extra_user_scopes",
        Touches.LOGIN,
        "people or services may do more on the hub",
        d.fewer,
        subject="roles and groups",
        otherwise="people or services may do less on the hub",
    ),
    rule(
        "services",
        Touches.LOGIN,
        "a service acts on the hub with rights of its own",
        d.fewer,
        subject="services of the hub",
        otherwise="a service is no longer there",
    ),
    rule(
        "api_tokens service_tokens",
        Touches.LOGIN,
        "whoever has the token acts on the hub as its owner",
        d.fewer,
        subject="tokens for the hub's API",
        otherwise="a token is no longer valid",
    ),
    rule(
        "trust_user_provided_tokens",
        Touches.LOGIN,
        "people choose their own tokens, which can be guessed",
        d.unless_on,
        subject="trusting people's own tokens",
    ),
    rule(
        "authenticate_prometheus",
        Touches.LOGIN,
        "everyone can read the hub's metrics, with people's names",
        d.unless_off,
        subject="login for metrics",
    ),
    rule(
        "cookie_max_age_days oauth_token_expires_in token_expires_in_max_seconds oauth_require_pkce "
        "cookie_host_prefix_enabled cookie_secret cookie_secret_file shutdown_on_logout",
        Touches.AVAILABILITY,
        "people may have to log in again",
        subject="how long logins last",
    ),
    rule(
        "db_url db_kwargs",
        Touches.FILES,
        "the hub starts with another database: other users, servers, groups and tokens",
        subject="the hub's database",
    ),
    rule(
        "reset_db",
        Touches.FILES,
        "the hub's database is deleted at its start",
        d.unless_on,
        subject="deleting the hub's database",
    ),
    rule("upgrade_db", Touches.AVAILABILITY, "the database can't go back to an older version", subject="upgrades"),
    rule(
        "spawner_class proxy_class proxy_cmd config_file data_files_path extra_handlers extra_log_handlers "
        "user_redirect_hook jinja_environment_options subdomain_hook",
        Touches.CODE,
        "other code runs in the hub",
        subject="code of the hub",
    ),
    rule(
        "tornado_settings",
        Touches.NETWORK,
        "browsers or other sites may be trusted more",
        d.gone,
        subject="settings of the hub's web server",
    ),
    rule(
        "trusted_downstream_ips forwarded_host_header trusted_alt_names external_ssl_authorities",
        Touches.NETWORK,
        "the hub trusts what others say about requests",
        d.fewer,
        subject="whom the hub trusts about requests",
    ),
    rule(
        "internal_ssl",
        Touches.NETWORK,
        "traffic between hub, proxy and servers is no longer encrypted",
        d.unless(False),
        subject="encryption inside the cluster",
    ),
    rule(
        "subdomain_host",
        Touches.ISOLATION,
        "people's servers share one domain: a page of one server can act in another one",
        lambda old, new: bool(new) or not old,
        subject="a domain for each server",
        otherwise="addresses of servers change: DNS and certificate need them",
    ),
    rule(
        "bind_url hub_bind_url hub_ip hub_port ip port hub_connect_ip hub_connect_port hub_connect_url hub_routespec "
        "hub_socket_mode proxy_api_ip proxy_api_port proxy_auth_token base_url public_url ssl_cert ssl_key "
        "confirm_no_ssl generate_certs internal_certs_location recreate_internal_certs cleanup_proxy cleanup_servers",
        Touches.AVAILABILITY,
        "if proxy, hub and servers don't find each other, nobody can work",
        subject="how proxy, hub and servers find each other",
    ),
    rule(
        "active_server_limit concurrent_spawn_limit init_spawners_timeout implicit_spawn_seconds "
        "allow_existing_invalid_named_servers last_activity_interval proxy_check_interval service_check_interval "
        "active_user_window activity_resolution api_page_default_limit api_page_max_limit default_server_name "
        "use_legacy_stopped_server_status_code",
        Touches.AVAILABILITY,
        "how many servers start, and when",
        subject="limits of the hub",
    ),
    as_setting("allow_named_servers", NamedServers, "enabled"),
    as_setting("named_server_limit_per_user", NamedServers, "limit"),
    rule(
        "default_url logo_file redirect_to_server template_paths template_vars",
        Touches.APPEARANCE,
        subject="what people see",
    ),
    rule(
        "answer_yes debug_db debug_proxy extra_log_file generate_config pid_file",
        Touches.NOTHING,
    ),
)

TRAITS: Mapping[str, Mapping[str, Rule]] = {
    "JupyterHub": by_name(_JUPYTERHUB),
    **AUTHENTICATORS,
    "ConfigurableHTTPProxy": by_name(
        (
            rule("command", Touches.CODE, "other code runs beside the hub", subject="command of the proxy"),
            rule(
                "api_url auth_token",
                Touches.AVAILABILITY,
                "if the hub does not find its proxy, nobody can work",
                subject="how the hub finds its proxy",
            ),
            rule(
                "extra_routes",
                Touches.NETWORK,
                "people reach other addresses in the cluster",
                d.fewer,
                subject="routes of the proxy",
            ),
            rule(
                "should_start check_running_interval command_umask concurrency",
                Touches.AVAILABILITY,
                subject="the proxy",
            ),
            rule("debug log_level pid_file", Touches.NOTHING),
        )
    ),
    "CryptKeeper": by_name(
        (
            rule(
                "keys",
                Touches.AVAILABILITY,
                "saved login state can't be decrypted: people have to log in again",
                subject="keys of saved login state",
            ),
            rule("n_threads", Touches.NOTHING),
        )
    ),
}
"""The rules by class and trait."""
