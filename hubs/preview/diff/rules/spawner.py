"""What each trait of KubeSpawner touches: in `hub.config`, in `singleuser`, and in the overrides of profiles.

A test compares the names with hubs.settings.kubespawner, and so with the class itself.
"""

from __future__ import annotations

from hubs.preview.diff.rules import directions as d
from hubs.preview.diff.rules.rule import as_setting, by_name, rule
from hubs.settings.hub import CpuResources, Hub, HubNodes, MemoryResources
from hubs.settings.touches import Touches

_RULES = (
    # What a server may do on its node and in the cluster.
    rule(
        "privileged",
        Touches.ISOLATION,
        "servers have all rights on their node, and reach everyone's files there",
        d.unless_on,
        subject="privileged servers",
    ),
    rule(
        "allow_privilege_escalation",
        Touches.ISOLATION,
        "programs in servers can become root in their container",
        d.unless(True, None),
        subject="privilege escalation in servers",
    ),
    rule(
        "container_security_context pod_security_context",
        Touches.ISOLATION,
        "servers get rights that the others on their node do not have",
        d.fewer_rights,
        subject="security context of servers",
    ),
    rule(
        "extra_container_config extra_pod_config",
        Touches.ISOLATION,
        "servers get rights on their node or in the cluster",
        d.fewer_rights,
        subject="further configuration of servers' pods",
    ),
    rule(
        "extra_containers init_containers",
        Touches.ISOLATION,
        "another program runs in each server's pod, with what it mounts there",
        d.fewer_containers,
        subject="further containers of servers",
    ),
    rule(
        "enable_user_namespaces namespace user_namespace_template user_namespace_labels user_namespace_annotations",
        Touches.ISOLATION,
        "servers run in other namespaces: volumes, network policies and secrets of the hub's namespace are not there",
        subject="namespaces of servers",
    ),
    rule(
        "env_keep",
        Touches.ISOLATION,
        "servers get these variables of the hub's own process, which may be secrets",
        d.fewer,
        subject="variables of the hub that servers get",
    ),
    rule(
        "apply_user_options",
        Touches.ISOLATION,
        "people set these options of their servers themselves",
        d.fewer,
        subject="options that people set themselves",
    ),
    rule(
        "disable_user_config",
        Touches.ISOLATION,
        "servers load the configuration in people's own files",
        d.unless(False, None),
        subject="ignoring people's own server configuration",
    ),
    rule(
        "uid",
        Touches.ISOLATION,
        "servers run as root in their container",
        d.unless(0),
        subject="user of servers' processes",
        otherwise="people may not be able to change their older files",
    ),
    # Who people and servers are.
    rule(
        "service_account",
        Touches.IDENTITY,
        "servers get the rights of another account, in the cluster and in the cloud",
        d.gone,
        subject="service account of servers",
        otherwise="servers lose the rights of their account",
    ),
    rule(
        "automount_service_account_token",
        Touches.IDENTITY,
        "servers get a token for Kubernetes' own API",
        d.unless_on,
        subject="Kubernetes token in servers",
    ),
    rule(
        "oauth_client_allowed_scopes oauth_roles server_token_scopes",
        Touches.LOGIN,
        "each server's token may do more on the hub",
        d.fewer,
        subject="rights of servers' tokens",
        otherwise="servers' tokens may do less on the hub",
    ),
    # People's files.
    rule(
        "volumes",
        Touches.FILES,
        "servers can reach what is in these volumes",
        d.fewer_volumes,
        subject="volumes of servers",
        otherwise="what was mounted may no longer be there",
    ),
    rule(
        "volume_mounts",
        Touches.FILES,
        "servers see, or may change, other files",
        d.fewer_mounts,
        subject="directories that servers mount",
        otherwise="what was mounted may no longer be there",
    ),
    rule(
        "pvc_name_template slug_scheme handle_legacy_names remember_pvc_name",
        Touches.FILES,
        "people's volumes get other names: their servers start with an empty home directory",
        subject="names of people's volumes",
    ),
    rule(
        "delete_pvc",
        Touches.FILES,
        "the files of people who are deleted from the hub are deleted",
        d.unless(True, None),
        subject="deleting volumes with their people",
    ),
    rule(
        "fs_gid gid supplemental_gids",
        Touches.FILES,
        "another group decides which files servers can read and change",
        subject="groups of servers' processes",
    ),
    rule(
        "lifecycle_hooks",
        Touches.FILES,
        "commands run in everyone's server, with that person's files",
        d.gone,
        subject="commands at the start or end of servers",
        otherwise="commands no longer run at the start or end of servers",
    ),
    rule(
        "storage_access_modes storage_selector",
        Touches.FILES,
        "new volumes of people are bound in another way",
        subject="kind of people's volumes",
    ),
    rule(
        "storage_capacity storage_class storage_pvc_ensure storage_extra_labels storage_extra_annotations",
        Touches.COST,
        "only new volumes of people follow",
        subject="people's volumes",
    ),
    # Network.
    rule(
        "extra_labels common_labels component_label",
        Touches.NETWORK,
        "network policies select servers by their labels",
        d.fewer_labels,
        subject="labels of servers",
    ),
    rule(
        "k8s_api_host k8s_api_ssl_ca_cert",
        Touches.NETWORK,
        "the hub gives its token to another Kubernetes API",
        subject="address of the Kubernetes API",
    ),
    rule(
        "k8s_api_verify_ssl",
        Touches.NETWORK,
        "whoever is between hub and Kubernetes API can read the hub's token",
        d.unless_off,
        subject="checking the certificate of the Kubernetes API",
    ),
    rule(
        "dns_name_template hub_connect_ip hub_connect_port hub_connect_url ip pod_connect_ip port services_enabled "
        "ssl_alt_names ssl_alt_names_include_local secret_mount_path secret_name_template pod_name_template",
        Touches.AVAILABILITY,
        "if hub and servers don't find each other, no server starts",
        subject="how hub and servers find each other",
    ),
    # Code in the hub.
    rule(
        "after_pod_created_hook auth_state_hook get_pod_url modify_pod_hook post_stop_hook pre_spawn_hook "
        "progress_ready_hook options_from_form",
        Touches.CODE,
        "other code runs in the hub",
        subject="hook of the hub",
    ),
    # What people start.
    as_setting("image", Hub, "image"),
    rule(
        "environment",
        Touches.FILES,
        "it can decide which programs run in people's servers, where what they send goes, or give people a Secret",
        harmless=d.usual_variables,
        subject="environment variables",
        otherwise="servers that start from now on get it",
    ),
    rule(
        "cmd",
        Touches.FILES,
        "a script runs in everyone's server, with that person's files",
        d.usual_command,
        subject="command of servers",
        otherwise="servers start with another command",
    ),
    rule(
        "args",
        Touches.FILES,
        "other sites or people may act in everyone's server, or a script runs there",
        d.usual_options,
        subject="options of servers",
        otherwise="servers start with other options",
    ),
    rule(
        "notebook_dir additional_profile_form_template_paths options_form profile_form_template slow_spawn_message",
        Touches.APPEARANCE,
        subject="what people see",
    ),
    as_setting("default_url", Hub, "default_url"),
    as_setting("working_dir", Hub, "working_directory"),
    rule("profile_list", Touches.APPEARANCE, "people choose from another list", subject="list of profiles"),
    # Where, how large, for how long.
    as_setting("cpu_guarantee", CpuResources, "guarantee"),
    as_setting("cpu_limit", CpuResources, "limit"),
    as_setting("mem_guarantee", MemoryResources, "guarantee"),
    as_setting("mem_limit", MemoryResources, "limit"),
    as_setting("node_selector", Hub, "node_selector"),
    as_setting("tolerations", HubNodes, "tolerations"),
    rule(
        "extra_resource_guarantees extra_resource_limits",
        Touches.COST,
        "servers that start from now on get it",
        subject="size of servers",
    ),
    rule(
        "node_affinity_preferred node_affinity_required pod_affinity_preferred "
        "pod_affinity_required pod_anti_affinity_preferred pod_anti_affinity_required scheduler_name "
        "priority_class_name",
        Touches.AVAILABILITY,
        "servers that start from now on run on other nodes, or find none",
        subject="nodes of servers",
    ),
    rule(
        "image_pull_policy image_pull_secrets start_timeout http_timeout consecutive_failure_limit "
        "delete_grace_period delete_stopped_pods k8s_api_request_retry_timeout k8s_api_request_timeout "
        "k8s_api_threadpool_workers poll_interval poll_jitter events_enabled",
        Touches.AVAILABILITY,
        "how servers start and stop changes",
        subject="start and stop of servers",
    ),
    rule(
        "extra_annotations",
        Touches.IDENTITY,
        "annotations can give servers another role in the cloud",
        d.plain_annotations,
        subject="annotations of servers",
        otherwise="servers that start from now on get it",
    ),
    rule("debug slow_spawn_message_frequency slow_spawn_message_threshold", Touches.NOTHING),
)

SPAWNER = by_name(_RULES)
"""The rules by the names of traits. `group_overrides` contains traits again."""
