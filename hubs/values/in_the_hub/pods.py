# What only some people get mounted, and what runs before every server.
from kubernetes_asyncio.client.models import V1Container, V1VolumeMount
from kubespawner.utils import get_k8s_model
from z2jh import get_config


def _pods(earlier_hook):
    restricted = get_config("custom.imagebuilding.mounts", [])
    own = get_config("custom.imagebuilding.own", [])
    init_containers = get_config("custom.imagebuilding.init_containers", [])

    def may_have(item, user):
        wanted = {group.casefold() for group in item["groups"]}
        return (item["admins"] and user.admin) or not wanted.isdisjoint(group.name.casefold() for group in user.groups)

    def init_container(container, mounts):
        if container["name"] == "own-home":
            paths = [mount["mountPath"] for mount in mounts]
            container = {**container, "command": [*container["command"], *paths], "volumeMounts": mounts}
        return container

    async def modify_pod_hook(spawner, pod):
        if earlier_hook:
            pod = earlier_hook(spawner, pod)
            if hasattr(pod, "__await__"):
                pod = await pod
        server = next(container for container in pod.spec.containers if container.name == "notebook")
        mounts = [item["mount"] for item in restricted if may_have(item, spawner.user)]
        owned = own + [mount for mount in mounts if not mount["readOnly"] and "subPath" in mount]
        mounts, owned = spawner._expand_all(mounts), spawner._expand_all(owned)
        for mount in mounts:
            server.volume_mounts = [*(server.volume_mounts or []), get_k8s_model(V1VolumeMount, mount)]
        # In the network of its node, such a pod would block NFS for the node, and with it for all pods there.
        added = [one for one in init_containers if not (pod.spec.host_network and one["name"] == "block-network")]
        names = [container["name"] for container in init_containers]
        others = [container for container in pod.spec.init_containers or [] if container.name not in names]
        ours = [get_k8s_model(V1Container, init_container(container, owned)) for container in added]
        pod.spec.init_containers = others + ours
        return pod

    return modify_pod_hook


c.KubeSpawner.modify_pod_hook = _pods(c.KubeSpawner.get("modify_pod_hook"))
