# What only some people get mounted, and what runs before every server whatever its profile says: profiles replace
# volume_mounts and init_containers as a whole, a pod's hook comes after them.
from kubernetes_asyncio.client.models import V1Container, V1VolumeMount
from kubespawner.utils import get_k8s_model
from z2jh import get_config


def _pods(earlier_hook):
    mounts = get_config("custom.imagebuilding.mounts", [])
    init_containers = get_config("custom.imagebuilding.init_containers", [])

    async def modify_pod_hook(spawner, pod):
        if earlier_hook:
            pod = earlier_hook(spawner, pod)
            if hasattr(pod, "__await__"):
                pod = await pod
        groups = {group.name.casefold() for group in spawner.user.groups}
        server = next(container for container in pod.spec.containers if container.name == "notebook")
        for item in mounts:
            wanted = {group.casefold() for group in item["groups"]}
            if (item["admins"] and spawner.user.admin) or wanted & groups:
                mount = get_k8s_model(V1VolumeMount, spawner._expand_all(item["mount"]))
                server.volume_mounts = [*(server.volume_mounts or []), mount]
        for container in init_containers:
            expanded = get_k8s_model(V1Container, spawner._expand_all(container))
            pod.spec.init_containers = [*(pod.spec.init_containers or []), expanded]
        return pod

    return modify_pod_hook


c.KubeSpawner.modify_pod_hook = _pods(c.KubeSpawner.get("modify_pod_hook"))
