# What every server has, whatever its profile says: home directories and other mounts, init containers, tolerations,
# pull secrets, nodes. In KubeSpawner, a list in a profile replaces the hub's list. Here it is added to it.
from kubernetes_asyncio.client.models import (
    V1Affinity,
    V1Container,
    V1LocalObjectReference,
    V1NodeAffinity,
    V1NodeSelector,
    V1NodeSelectorTerm,
    V1Toleration,
    V1Volume,
    V1VolumeMount,
)
from kubespawner.utils import get_k8s_model
from traitlets.config import LazyConfigValue


def _models(kind, items):
    return [get_k8s_model(kind, item) for item in items or []]


def _of_the_hub(spawner, trait):
    # The hub's own items. A mapping in a profile was merged with them, and may have removed some with null.
    found = spawner.config.KubeSpawner.get(trait) or []
    if isinstance(found, LazyConfigValue):
        found = found.get_value([])
    if isinstance(found, str):
        found = [found]
    if isinstance(found, dict):
        now = getattr(spawner, trait)
        found = [now[key] for key in found if key in now] if isinstance(now, dict) else list(found.values())
    return found


def _added(kind, hubs, pods, key):
    # The hub's items that the pod lacks, then those of the pod.
    pods = _models(kind, pods)
    present = [key(item) for item in pods]
    return [item for item in _models(kind, hubs) if key(item) not in present] + pods


def _first(kind, hubs, pods):
    # The hub's items, then those of the pod with other names.
    hubs = _models(kind, hubs)
    names = [item.name for item in hubs]
    return hubs + [item for item in _models(kind, pods) if item.name not in names]


def _mounts(hubs, pods):
    # One mount for each path. A profile's own comes before the hub's.
    hubs = _models(V1VolumeMount, hubs)
    others = [mount for mount in _models(V1VolumeMount, pods) if mount not in hubs]
    taken = {mount.mount_path.rstrip("/") for mount in others}
    return [mount for mount in hubs if mount.mount_path.rstrip("/") not in taken] + others


def _keep_nodes(spec, terms):
    # Terms of one affinity are alternatives, so each of the pod's terms gets the hub's expressions.
    if not terms:
        return
    spec.affinity = get_k8s_model(V1Affinity, spec.affinity or {})
    node = spec.affinity.node_affinity = get_k8s_model(V1NodeAffinity, spec.affinity.node_affinity or {})
    written = node.required_during_scheduling_ignored_during_execution or {"nodeSelectorTerms": []}
    selector = get_k8s_model(V1NodeSelector, written)
    hubs, pods = _models(V1NodeSelectorTerm, terms), _models(V1NodeSelectorTerm, selector.node_selector_terms)
    both = [pod if any(_includes(pod, one) for one in hubs) else _joined(hub, pod) for pod in pods for hub in hubs]
    selector.node_selector_terms = [term for index, term in enumerate(both) if term not in both[:index]] or hubs
    node.required_during_scheduling_ignored_during_execution = selector


def _includes(term, other):
    return all(
        expression in (getattr(term, name) or [])
        for name in ("match_expressions", "match_fields")
        for expression in getattr(other, name) or []
    )


def _joined(one, other):
    return V1NodeSelectorTerm(
        match_expressions=[*(one.match_expressions or []), *(other.match_expressions or [])] or None,
        match_fields=[*(one.match_fields or []), *(other.match_fields or [])] or None,
    )


def _keeping(later_hook):
    async def modify_pod_hook(spawner, pod):
        spec = pod.spec
        server = next(container for container in spec.containers if container.name == "notebook")

        def expanded(trait):
            return spawner._expand_all(_of_the_hub(spawner, trait))

        server.volume_mounts = _mounts(expanded("volume_mounts"), server.volume_mounts)
        # Volumes that only some people get mounted are the hub's, too.
        spec.volumes = _added(V1Volume, expanded("volumes"), spec.volumes, lambda volume: volume.name)
        spec.init_containers = _first(V1Container, expanded("init_containers"), spec.init_containers) or None
        # The server's own container must stay the first one.
        present = [container.name for container in spec.containers]
        spec.containers += [
            item for item in _models(V1Container, expanded("extra_containers")) if item.name not in present
        ]
        spec.tolerations = _added(V1Toleration, _of_the_hub(spawner, "tolerations"), spec.tolerations, str) or None
        secrets = _of_the_hub(spawner, "image_pull_secrets")
        secrets = [{"name": item} if isinstance(item, str) else item for item in secrets]
        kept = _added(V1LocalObjectReference, secrets, spec.image_pull_secrets, lambda item: item.name)
        spec.image_pull_secrets = kept or None
        _keep_nodes(spec, _of_the_hub(spawner, "node_affinity_required"))
        if later_hook:
            pod = later_hook(spawner, pod)
            if hasattr(pod, "__await__"):
                pod = await pod
        return pod

    return modify_pod_hook


c.KubeSpawner.modify_pod_hook = _keeping(c.KubeSpawner.get("modify_pod_hook"))
