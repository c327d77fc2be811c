"""What each trait of BinderHub touches, in `config.<Class>.<trait>` of the chart binderhub-service, and those of the
quota of home directories, in `quotaEnforcer.config` of the chart jupyterhub-home-nfs.

Source: BinderHub's classes (https://github.com/jupyterhub/binderhub, at b9fad995), jupyterhub-home-nfs 1.2.
"""

from __future__ import annotations

from collections.abc import Mapping

from hubs.preview.diff.rules import directions as d
from hubs.preview.diff.rules.rule import Rule, as_setting, by_name, rule
from hubs.settings.build import Build
from hubs.settings.home import Disk
from hubs.settings.hub import HubNodes
from hubs.settings.touches import Touches

_WHERE = "built images are pushed to and looked up in another place: images that exist are built again"
_REGISTRY = "image registry of builds"
_NEXT = "builds that start from now on use it"

_BUILDS = (
    as_setting("build_image", Build, "image"),
    rule(
        "docker_host build_docker_host",
        Touches.ISOLATION,
        "builds use another Docker daemon",
        subject="Docker daemon of builds",
    ),
    rule(
        "extra_envs", Touches.ISOLATION, "every build can read these variables", d.fewer, subject="variables of builds"
    ),
    rule(
        "repo2docker_extra_args appendix",
        Touches.ISOLATION,
        "every image is built with it",
        d.gone,
        subject="how images are built",
        otherwise=_NEXT,
    ),
    rule(
        "git_credentials",
        Touches.ISOLATION,
        "builds can read other repositories",
        d.gone,
        subject="credentials for repositories",
        otherwise="private repositories can no longer be built",
    ),
    rule(
        "push_secret registry_credentials",
        Touches.IDENTITY,
        "builds push images with other credentials",
        subject="credentials of builds for the registry",
    ),
    rule(
        "namespace build_namespace",
        Touches.ISOLATION,
        "builds run in another namespace: network policies of the hub's namespace do not apply there",
        subject="namespace of builds",
    ),
    rule(
        "memory_limit memory_request build_memory_limit build_memory_request resources",
        Touches.COST,
        _NEXT,
        subject="size of builds",
    ),
    as_setting("node_selector build_node_selector", Build, "node_selector"),
    as_setting("tolerations", HubNodes, "tolerations"),
    rule(
        "image_pull_secrets sticky_builds log_tail_lines builder_info",
        Touches.AVAILABILITY,
        _NEXT,
        subject="how builds run",
    ),
)
_BY_NAME = by_name(_BUILDS)


def _of(names: str) -> dict[str, Rule]:
    return {name: _BY_NAME[name] for name in names.split()}


_BINDERHUB = (
    rule(
        "auth_enabled",
        Touches.LOGIN,
        "everyone who reaches the build service may build images",
        d.unless(False, None),
        subject="login for builds",
    ),
    rule(
        "enable_api_only_mode",
        Touches.NETWORK,
        "BinderHub has pages of its own, and starts servers",
        d.unless_off,
        subject="BinderHub without pages",
    ),
    rule("image_prefix", Touches.FILES, _WHERE, subject="prefix of built images"),
    rule(
        "use_registry",
        Touches.AVAILABILITY,
        "built images are only on the node that built them",
        subject="pushing built images",
    ),
    rule(
        "build_class build_cleaner_class registry_class health_handler_class launch_quota_class",
        Touches.CODE,
        "other code runs in the build service",
        subject="code of the build service",
    ),
    rule(
        "repo_providers",
        Touches.ISOLATION,
        "people can build from more places",
        d.fewer,
        subject="where repositories may be",
        otherwise="people can build from fewer places",
    ),
    rule(
        "cors_allow_origin",
        Touches.NETWORK,
        "pages of other sites can build images as the person who opens them",
        d.gone,
        subject="sites that may use the build service",
    ),
    rule(
        "build_token_check_origin",
        Touches.NETWORK,
        "pages of other sites can build images",
        d.unless_off,
        subject="checking the origin of builds",
    ),
    rule("ban_networks", Touches.NETWORK, "more networks may build", d.more, subject="networks that may not build"),
    rule(
        "hub_url hub_url_local hub_api_token base_url port normalized_origin badge_base_url build_token_secret "
        "build_token_expires_seconds",
        Touches.AVAILABILITY,
        "if hub and build service don't agree, nobody can build",
        subject="how hub and build service find each other",
    ),
    rule(
        "tornado_settings",
        Touches.NETWORK,
        "browsers or other sites may be trusted more",
        d.gone,
        subject="settings of the build service's web server",
    ),
    rule(
        "config_file template_path extra_static_path",
        Touches.CODE,
        "other files are loaded by the build service",
        subject="files of the build service",
    ),
    rule(
        "extra_footer_scripts extra_header_html",
        Touches.CODE,
        "scripts run on BinderHub's pages",
        d.gone,
        subject="scripts of the build service",
    ),
    rule(
        "executor_threads build_cleanup_interval build_max_age builder_required "
        "build_docker_config per_repo_quota per_repo_quota_higher pod_quota",
        Touches.COST,
        "how many builds run, and for how long",
        subject="limits of builds",
    ),
    rule(
        "about_message banner_message default_opengraph_title extra_static_url_prefix google_analytics_code "
        "google_analytics_domain template_variables",
        Touches.APPEARANCE,
        subject="BinderHub's pages",
    ),
    as_setting("concurrent_build_limit", Build, "concurrent_build_limit"),
    rule("debug", Touches.NOTHING),
)

_PROVIDER = (
    as_setting("allowed_specs", Build, "allowed_specs"),
    as_setting("banned_specs", Build, "banned_specs"),
    rule(
        "git_credentials",
        Touches.ISOLATION,
        "people can build private repositories that they can't read",
        d.gone,
        subject="credentials for repositories",
        otherwise="private repositories can no longer be built",
    ),
    rule(
        "high_quota_specs spec_config",
        Touches.COST,
        "how many builds of a repository run",
        subject="limits of repositories",
    ),
)
_TOKENS = (
    rule(
        "hostname api_base_path",
        Touches.ISOLATION,
        "repositories come from another server",
        subject="server of repositories",
    ),
    rule(
        "access_token private_token client_id client_secret",
        Touches.ISOLATION,
        "people can build private repositories that this account can read",
        d.gone,
        subject="account that reads repositories",
        otherwise="private repositories can no longer be built",
    ),
)

_QUOTA = by_name(
    (
        as_setting("hard_quota", Disk, "quota"),
        rule(
            "quota_overrides",
            Touches.AVAILABILITY,
            "these people may store more or less: with less than they have, they can't write files any more",
            subject="quota of some home directories",
        ),
        rule(
            "paths exclude", Touches.AVAILABILITY, "the quota applies to other folders", subject="folders with a quota"
        ),
        rule(
            "uid gid", Touches.FILES, "new home directories belong to another user", subject="owner of home directories"
        ),
        rule("min_projid projects_file projid_file wait_time", Touches.NOTHING),
    )
)

TRAITS: Mapping[str, dict[str, Rule]] = {
    "BinderHub": by_name(_BINDERHUB)
    | _of(
        "appendix push_secret build_docker_host build_namespace build_image build_node_selector build_memory_limit "
        "build_memory_request sticky_builds log_tail_lines"
    ),
    "BuildExecutor": _of(
        "git_credentials push_secret registry_credentials memory_limit appendix builder_info repo2docker_extra_args"
    ),
    "KubernetesBuildExecutor": _of(
        "namespace build_image image_pull_secrets docker_host resources memory_request "
        "node_selector tolerations extra_envs log_tail_lines sticky_builds"
    ),
    "KubernetesCleaner": by_name((as_setting("max_age", Build, "max_age"),)),
    "DockerRegistry": by_name(
        (
            rule(
                "url auth_config_url token_url",
                Touches.IDENTITY,
                "the registry's password is sent to another address",
                subject=f"address of the {_REGISTRY}",
            ),
            rule(
                "username password docker_config_path",
                Touches.AVAILABILITY,
                "images that exist are found only if the account can read them",
                subject=f"account at the {_REGISTRY}",
            ),
            rule("not_found_401", Touches.AVAILABILITY, "whether images that exist are found", subject=_REGISTRY),
        )
    ),
    "ExternalRegistryHelper": by_name(
        (
            rule(
                "service_url auth_token",
                Touches.IDENTITY,
                "the registry's password is sent to another address",
                subject=f"address of the {_REGISTRY}",
            ),
        )
    ),
    "RepoProvider": by_name(_PROVIDER),
    "GitRepoProvider": by_name(
        (
            rule(
                "allowed_protocols",
                Touches.ISOLATION,
                "repositories are read with more protocols",
                d.fewer,
                subject="protocols of repositories",
            ),
        )
    ),
    "GitHubRepoProvider": by_name(_TOKENS),
    "GitLabRepoProvider": by_name(_TOKENS),
    "GistRepoProvider": by_name(
        (
            rule(
                "allow_secret_gist",
                Touches.ISOLATION,
                "people can build secret gists",
                d.unless_on,
                subject="secret gists",
            ),
        )
    ),
    "Launcher": by_name(
        (
            rule(
                "allow_named_servers launch_timeout named_server_limit_per_user retries retry_delay",
                Touches.AVAILABILITY,
                subject="servers that BinderHub starts",
            ),
            rule(
                "pre_launch_hook",
                Touches.CODE,
                "other code runs in the build service",
                subject="code of the build service",
            ),
        )
    ),
    "LaunchQuota": by_name((rule("total_quota", Touches.COST, subject="limits of builds"),)),
    "KubernetesLaunchQuota": by_name((rule("namespace", Touches.COST, subject="limits of builds"),)),
    "RateLimiter": by_name(
        (
            rule(
                "clean_seconds limit period_seconds",
                Touches.COST,
                "how often a person may build",
                subject="limits of builds",
            ),
        )
    ),
    "EventLog": by_name(
        (
            rule(
                "handlers_maker",
                Touches.CODE,
                "other code runs in the build service",
                subject="code of the build service",
            ),
        )
    ),
    "QuotaManager": _QUOTA,
    "BinderSpawnerMixin": by_name(
        (
            rule(
                "auth_enabled", Touches.LOGIN, "servers start without login", d.unless_off, subject="login of servers"
            ),
            rule(
                "cors_allow_origin",
                Touches.NETWORK,
                "pages of other sites can act in people's servers",
                d.gone,
                subject="sites that may use servers",
            ),
        )
    ),
}
"""The rules by class and trait."""

PARENTS = {
    "KubernetesBuildExecutor": "BuildExecutor",
    "ExternalRegistryHelper": "DockerRegistry",
    "GitRepoProvider": "RepoProvider",
    "GitHubRepoProvider": "RepoProvider",
    "GitLabRepoProvider": "RepoProvider",
    "GistRepoProvider": "GitHubRepoProvider",
    **{f"{name}Provider": "RepoProvider" for name in ("CKAN", "Dataverse", "Fake", "Figshare", "Hydroshare", "Zenodo")},
    "KubernetesLaunchQuota": "LaunchQuota",
}
"""The parents of classes."""
