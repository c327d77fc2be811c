"""What KubeSpawner 7 accepts, as data, so that `hubs plan` need not import it.

Sources: the classes kubespawner.KubeSpawner and jupyterhub.spawner.Spawner, and the Kubernetes models that KubeSpawner
fills in. A test compares everything here with the installed classes.
"""

from __future__ import annotations

SECTIONS = ("KubeSpawner", "Spawner")
"""Sections of `hub.config` that set traits of KubeSpawner: its own, and that of its base class."""

TRAITS = {
    "additional_profile_form_template_paths": "list",
    "after_pod_created_hook": "python",
    "allow_privilege_escalation": "bool?",
    "apply_user_options": "mapping?",
    "args": "list",
    "auth_state_hook": "python",
    "automount_service_account_token": "bool?",
    "cmd": "texts?",
    "common_labels": "mapping",
    "component_label": "text",
    "consecutive_failure_limit": "int",
    "container_security_context": "mapping",
    "cpu_guarantee": "number?",
    "cpu_limit": "number?",
    "debug": "bool",
    "default_url": "text",
    "delete_grace_period": "int",
    "delete_pvc": "bool",
    "delete_stopped_pods": "bool",
    "disable_user_config": "bool",
    "dns_name_template": "text",
    "enable_user_namespaces": "bool",
    "env_keep": "list",
    "environment": "mapping",
    "events_enabled": "bool",
    "extra_annotations": "mapping",
    "extra_container_config": "mapping",
    "extra_containers": "list|mapping",
    "extra_labels": "mapping",
    "extra_pod_config": "mapping",
    "extra_resource_guarantees": "mapping",
    "extra_resource_limits": "mapping",
    "fs_gid": "int?",
    "get_pod_url": "python",
    "gid": "int?",
    "group_overrides": "mapping",
    "handle_legacy_names": "bool",
    "http_timeout": "int",
    "hub_connect_ip": "text?",
    "hub_connect_port": "int",
    "hub_connect_url": "text?",
    "image": "text",
    "image_pull_policy": "text?",
    "image_pull_secrets": "list|text",
    "init_containers": "list|mapping",
    "ip": "text",
    "k8s_api_host": "text",
    "k8s_api_request_retry_timeout": "int",
    "k8s_api_request_timeout": "int",
    "k8s_api_ssl_ca_cert": "text",
    "k8s_api_threadpool_workers": "int",
    "k8s_api_verify_ssl": "bool?",
    "lifecycle_hooks": "mapping",
    "mem_guarantee": "memory?",
    "mem_limit": "memory?",
    "modify_pod_hook": "python",
    "namespace": "text",
    "node_affinity_preferred": "list|mapping",
    "node_affinity_required": "list|mapping",
    "node_selector": "mapping",
    "notebook_dir": "text",
    "oauth_client_allowed_scopes": "list",
    "oauth_roles": "list",
    "options_form": "text",
    "options_from_form": "text",
    "pod_affinity_preferred": "list|mapping",
    "pod_affinity_required": "list|mapping",
    "pod_anti_affinity_preferred": "list|mapping",
    "pod_anti_affinity_required": "list|mapping",
    "pod_connect_ip": "text",
    "pod_name_template": "text",
    "pod_security_context": "mapping",
    "poll_interval": "int",
    "poll_jitter": "number",
    "port": "int",
    "post_stop_hook": "python",
    "pre_spawn_hook": "python",
    "priority_class_name": "text",
    "privileged": "bool",
    "profile_form_template": "text",
    "profile_list": "list|mapping",
    "progress_ready_hook": "python",
    "pvc_name_template": "text",
    "remember_pvc_name": "bool",
    "scheduler_name": "text?",
    "secret_mount_path": "text",
    "secret_name_template": "text",
    "server_token_scopes": "list",
    "service_account": "text?",
    "services_enabled": "bool",
    "slow_spawn_message": "text",
    "slow_spawn_message_frequency": "int",
    "slow_spawn_message_threshold": "int",
    "slug_scheme": "safe|escape",
    "ssl_alt_names": "list",
    "ssl_alt_names_include_local": "bool",
    "start_timeout": "int",
    "storage_access_modes": "list",
    "storage_capacity": "text?",
    "storage_class": "text?",
    "storage_extra_annotations": "mapping",
    "storage_extra_labels": "mapping",
    "storage_pvc_ensure": "bool",
    "storage_selector": "mapping",
    "supplemental_gids": "list",
    "tolerations": "list|mapping",
    "uid": "int?",
    "user_namespace_annotations": "mapping",
    "user_namespace_labels": "mapping",
    "user_namespace_template": "text",
    "volume_mounts": "list|mapping",
    "volumes": "list|mapping",
    "working_dir": "text?",
}
"""Traits that can be configured, with the values that they accept: `bool`, `int`, `number`, `memory` (see
hubs.settings.sizes), `text`, `texts` (a list of text, or text for a single one), `list`, `mapping`, or words. `|` means
or, `?` means that null is accepted too. `python` is what only Python can set."""

RENAMED = {
    "image_spec": "image",
    "singleuser_image_spec": "image",
    "singleuser_extra_annotations": "extra_annotations",
    "singleuser_extra_container_config": "extra_container_config",
    "singleuser_extra_containers": "extra_containers",
    "singleuser_extra_labels": "extra_labels",
    "singleuser_extra_pod_config": "extra_pod_config",
    "singleuser_fs_gid": "fs_gid",
    "singleuser_image_pull_policy": "image_pull_policy",
    "singleuser_image_pull_secrets": "image_pull_secrets",
    "singleuser_init_containers": "init_containers",
    "singleuser_node_selector": "node_selector",
    "singleuser_privileged": "privileged",
    "singleuser_service_account": "service_account",
    "singleuser_supplemental_gids": "supplemental_gids",
    "singleuser_uid": "uid",
    "singleuser_working_dir": "working_dir",
    "user_storage_access_modes": "storage_access_modes",
    "user_storage_capacity": "storage_capacity",
    "user_storage_class": "storage_class",
    "user_storage_extra_labels": "storage_extra_labels",
    "user_storage_pvc_ensure": "storage_pvc_ensure",
}
"""Old names that KubeSpawner still accepts, and what they are called now."""

BEFORE_THE_CHOICE = frozenset(
    {
        "dns_name_template",
        "enable_user_namespaces",
        "options_form",
        "options_from_form",
        "pod_name_template",
        "profile_form_template",
        "profile_list",
        "pvc_name_template",
        "secret_name_template",
        "user_namespace_template",
    }
)
"""Traits that KubeSpawner reads before it knows the selected profile, so a profile can't change them."""

EXPANDED = frozenset(
    {
        "environment",
        "extra_annotations",
        "extra_containers",
        "extra_labels",
        "extra_pod_config",
        "init_containers",
        "service_account",
        "storage_extra_annotations",
        "storage_extra_labels",
        "storage_selector",
        "user_namespace_annotations",
        "user_namespace_labels",
        "volume_mounts",
        "volumes",
    }
)
"""Traits in whose texts KubeSpawner replaces placeholders when a server starts, with Python's `str.format`."""

EXPANDED_AT_FIRST = frozenset({"pod_name_template", "pvc_name_template", "secret_name_template", "working_dir"}) | {
    "user_namespace_template"
}
"""Traits in which it does so before it knows the selected profile."""

FORMATTED_BY_JUPYTERHUB = frozenset({"default_url", "notebook_dir"})
"""Traits that JupyterHub formats when a server starts (`Spawner.format_string`)."""

JUPYTERHUB_PLACEHOLDERS = ("base_url", "username")
"""Names that can stand in braces in these (`Spawner.template_namespace`)."""

PLACEHOLDERS = (
    "escaped_servername",
    "escaped_user_server",
    "escaped_username",
    "hubnamespace",
    "namespace",
    "pod_name",
    "pvc_name",
    "safe_servername",
    "safe_user_server",
    "safe_username",
    "servername",
    "unescaped_servername",
    "unescaped_username",
    "user_server",
    "userid",
    "username",
)
"""Names that can stand in braces in these texts."""

PARTS = {
    "extra_container_config": "V1Container",
    "extra_containers": "V1Container",
    "extra_pod_config": "V1PodSpec",
    "init_containers": "V1Container",
    "lifecycle_hooks": "V1Lifecycle",
    "node_affinity_preferred": "V1PreferredSchedulingTerm",
    "node_affinity_required": "V1NodeSelectorTerm",
    "pod_affinity_preferred": "V1WeightedPodAffinityTerm",
    "pod_affinity_required": "V1PodAffinityTerm",
    "pod_anti_affinity_preferred": "V1WeightedPodAffinityTerm",
    "pod_anti_affinity_required": "V1PodAffinityTerm",
    "tolerations": "V1Toleration",
    "volume_mounts": "V1VolumeMount",
    "volumes": "V1Volume",
}
"""Traits that are parts of a pod, or lists of them, with the type in hubs.settings.kubernetes."""

CHART = {
    "allow_privilege_escalation": "allowPrivilegeEscalation",
    "cpu_guarantee": "cpu.guarantee",
    "cpu_limit": "cpu.limit",
    "environment": "extraEnv",
    "events_enabled": "events",
    "extra_annotations": "extraAnnotations",
    "extra_containers": "extraContainers",
    "extra_labels": "extraLabels",
    "extra_pod_config": "extraPodConfig",
    "extra_resource_guarantees": "extraResource.guarantees",
    "extra_resource_limits": "extraResource.limits",
    "fs_gid": "fsGid",
    "image_pull_policy": "image.pullPolicy",
    "init_containers": "initContainers",
    "lifecycle_hooks": "lifecycleHooks",
    "mem_guarantee": "memory.guarantee",
    "mem_limit": "memory.limit",
    "node_affinity_preferred": "extraNodeAffinity.preferred",
    "node_affinity_required": "extraNodeAffinity.required",
    "node_selector": "nodeSelector",
    "pod_affinity_preferred": "extraPodAffinity.preferred",
    "pod_affinity_required": "extraPodAffinity.required",
    "pod_anti_affinity_preferred": "extraPodAntiAffinity.preferred",
    "pod_anti_affinity_required": "extraPodAntiAffinity.required",
    "pod_name_template": "podNameTemplate",
    "profile_list": "profileList",
    "service_account": "serviceAccountName",
    "start_timeout": "startTimeout",
    "storage_extra_labels": "storage.extraLabels",
    "uid": "uid",
}
"""Traits that the jupyterhub chart sets from a value of `singleuser`, unchanged. Source: its jupyterhub_config.py."""
