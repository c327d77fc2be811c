"""The NFS share with all home directories of a hub."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import PersistentVolume, PersistentVolumeClaim, Service

from components.kept import kept, kept_metadata
from components.release import install
from hubs.settings.hub import Hub
from hubs.values.home import claim_name
from hubs.values.home_nfs import folder
from hubs.values.release import Release

PORTS = {"nfs": 2049, "mountd": 20048, "rpcbind": 111}
"""Ports of the server of the chart jupyterhub-home-nfs, whose pods have the label app=nfs-server."""


class HomeDirectories(pulumi.ComponentResource):
    """A volume for an NFS share and its claim in the hub's namespace. Both are kept when the hub is removed.

    With `home.disk`, the chart jupyterhub-home-nfs serves the share inside the cluster, with a quota per user. Does not
    create the NFS server or the disk, and does not back them up.
    """

    def __init__(
        self,
        hub: Hub,
        server: tuple[Release, dict[str, Any]] | None,
        *,
        namespace: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
        depends_on: list[pulumi.Resource],
    ) -> None:
        """`server` is the release that serves `home.disk`, and its values. `depends_on` must exist before."""
        super().__init__("imagebuilding:hub:HomeDirectories", hub.slug, None, opts)
        self._hub, self._namespace = hub, namespace
        self._before = depends_on
        if hub.home.disk is not None and server is not None:
            options = hub.home.disk.mount_options
            self.claim = self._claim(self._serve(*server), folder(hub), options)
        elif hub.home.nfs is not None:
            self.claim = self._claim(hub.home.nfs.server, hub.home.nfs.path, hub.home.nfs.mount_options)
        self.register_outputs({})

    def _claim(self, server: pulumi.Input[str], path: str, mount_options: list[str]) -> PersistentVolumeClaim:
        hub, namespace = self._hub, self._namespace
        opts = kept(hub, self, self._before)
        claim = claim_name(hub)
        # NFS ignores the size, but Kubernetes requires one.
        size = {"storage": "1Mi"}
        volume = PersistentVolume(
            f"{hub.slug}-{claim}",
            metadata=kept_metadata(f"{hub.slug}-{claim}"),
            spec={
                "capacity": size,
                "access_modes": ["ReadWriteMany"],
                "persistent_volume_reclaim_policy": "Retain",
                "storage_class_name": "",
                "mount_options": mount_options,
                "nfs": {"server": server, "path": path},
                "claim_ref": {"namespace": namespace, "name": claim},
            },
            opts=opts,
        )
        return PersistentVolumeClaim(
            f"{hub.slug}-{claim}",
            metadata=kept_metadata(claim, namespace=namespace),
            spec={
                "access_modes": ["ReadWriteMany"],
                "storage_class_name": "",
                "volume_name": volume.metadata["name"],
                "resources": {"requests": size},
            },
            opts=opts,
        )

    def _serve(self, server: Release, values: dict[str, Any]) -> pulumi.Output[str]:
        """Install the NFS server and return its address. Nodes mount by address: they can't resolve Service names.

        The Service does not belong to the chart. It is kept together with the volume that contains its address, so that
        the address stays the same if the release is removed and installed again.
        """
        hub, namespace = self._hub, self._namespace
        opts = pulumi.ResourceOptions(parent=self, depends_on=self._before, delete_before_replace=True)
        install(server, values, namespace=namespace, opts=opts)
        service = Service(
            server.name,
            metadata=kept_metadata("home", namespace=namespace),
            spec={
                "selector": {"app": "nfs-server"},
                "ports": [{"name": port, "port": number} for port, number in PORTS.items()],
            },
            opts=kept(hub, self, self._before),
        )
        return service.spec.apply(lambda spec: str(spec.cluster_ip))
