"""API versions that Kubernetes no longer has, by the minor version that removed them.

Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
"""

from __future__ import annotations

import re
from collections.abc import Mapping

REMOVED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "1.16": {
        "extensions/v1beta1": ("DaemonSet", "Deployment", "NetworkPolicy", "PodSecurityPolicy", "ReplicaSet"),
        "apps/v1beta1": ("Deployment", "ReplicaSet", "StatefulSet"),
        "apps/v1beta2": ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    },
    "1.22": {
        "admissionregistration.k8s.io/v1beta1": ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
        "apiextensions.k8s.io/v1beta1": ("CustomResourceDefinition",),
        "apiregistration.k8s.io/v1beta1": ("APIService",),
        "authentication.k8s.io/v1beta1": ("TokenReview",),
        "authorization.k8s.io/v1beta1": ("LocalSubjectAccessReview", "SelfSubjectAccessReview", "SubjectAccessReview"),
        "certificates.k8s.io/v1beta1": ("CertificateSigningRequest",),
        "coordination.k8s.io/v1beta1": ("Lease",),
        "extensions/v1beta1": ("Ingress",),
        "networking.k8s.io/v1beta1": ("Ingress", "IngressClass"),
        "rbac.authorization.k8s.io/v1beta1": ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
        "scheduling.k8s.io/v1beta1": ("PriorityClass",),
        "storage.k8s.io/v1beta1": ("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"),
    },
    "1.25": {
        "autoscaling/v2beta1": ("HorizontalPodAutoscaler",),
        "batch/v1beta1": ("CronJob",),
        "discovery.k8s.io/v1beta1": ("EndpointSlice",),
        "events.k8s.io/v1beta1": ("Event",),
        "node.k8s.io/v1beta1": ("RuntimeClass",),
        "policy/v1beta1": ("PodDisruptionBudget", "PodSecurityPolicy"),
    },
    "1.26": {
        "autoscaling/v2beta2": ("HorizontalPodAutoscaler",),
        "flowcontrol.apiserver.k8s.io/v1beta1": ("FlowSchema", "PriorityLevelConfiguration"),
    },
    "1.27": {"storage.k8s.io/v1beta1": ("CSIStorageCapacity",)},
    "1.29": {"flowcontrol.apiserver.k8s.io/v1beta2": ("FlowSchema", "PriorityLevelConfiguration")},
    "1.32": {"flowcontrol.apiserver.k8s.io/v1beta3": ("FlowSchema", "PriorityLevelConfiguration")},
}

_MINOR = re.compile(r"v?(\d+)\.(\d+)")


def removed_in(api_version: str, kind: str, kubernetes: str) -> str:
    """Return the version of Kubernetes that removed this API, or an empty text if a cluster of this version has it.

    `kubernetes`: such as 1.33.4. Without a version that can be read, nothing is known to be removed.
    """
    found = _MINOR.match(kubernetes)
    if found is None:
        return ""
    for version, kinds in REMOVED.items():
        removed = tuple(map(int, version.split(".")))
        if removed <= (int(found[1]), int(found[2])) and kind in kinds.get(api_version, ()):
            return version
    return ""
