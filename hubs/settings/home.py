"""Where people's files are. `home` and `shared_directories` of a community or hub."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from hubs.settings.base import AbsolutePath, Quantity, Strict


class Nfs(Strict):
    """A directory on an NFS server that exists already; each user has a folder in it."""

    server: str
    """Host name or address that the nodes reach."""
    path: AbsolutePath
    """Exported directory that holds the users' folders."""
    mount_options: list[str] = ["soft", "noatime", "vers=4.2"]


class Volume(Strict):
    """One volume for each user, made when they first start a server."""

    size: Quantity = "10Gi"
    storage_class: str | None = None
    """Default: the cluster's."""


class Disk(Strict):
    """A disk of the cloud that exists already, served to the hub by an NFS server inside the cluster
    (chart jupyterhub-home-nfs), which can limit each user."""

    volume_id: str
    """EBS volume (vol-...) or GCE persistent disk (projects/P/zones/Z/disks/D)."""
    size: Quantity = "1M"
    """Shown on the volume; the disk's own size is what counts."""
    path: str | None = None
    """Folder on the disk that holds the users' folders. Default: the hub's own name."""
    quota: Annotated[int | float, Field(gt=0)] = 10
    """GiB for each user."""
    mount_options: list[str] = ["soft", "noatime", "vers=4.2"]


class Home(Strict):
    """Home directories: exactly one of `nfs`, `volume` and `disk`, or the word `none` instead of all this."""

    nfs: Nfs | None = None
    volume: Volume | None = None
    disk: Disk | None = None
    none: Literal[True] | None = None
    """Nothing is kept: files are gone when a server stops."""
    mount_path: AbsolutePath = "/home/jovyan"
    extra_mount_paths: list[AbsolutePath] = []
    """Where the same directory is mounted too, such as /home/rstudio for images made by Rocker."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"none": True} if value == "none" else value

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(kind is not None for kind in (self.nfs, self.volume, self.disk, self.none)) != 1:
            kinds = [name for name in ("nfs", "volume", "disk", "none") if getattr(self, name) is not None]
            found = f"has {' and '.join(kinds)}: remove one with an explicit null" if kinds else "has none of them"
            raise ValueError(f"needs exactly one of nfs, volume, disk and none; {found}")
        return self

    @property
    def place(self) -> str:
        """Where the files are, in a few words that change when they would be elsewhere."""
        if self.nfs is not None:
            return f"nfs {self.nfs.server}:{self.nfs.path}"
        if self.disk is not None:
            return f"disk {self.disk.volume_id}" + (f":{self.disk.path}" if self.disk.path else "")
        return "none" if self.none else "volume"

    @property
    def shared(self) -> bool:
        """Whether all home directories are folders of one share, so that parts of it can be mounted for others."""
        return self.nfs is not None or self.disk is not None


class SharedDirectory(Strict):
    """A directory that more than one person sees, or any other volume in people's servers."""

    sub_path: str | None = None
    """Folder of the home share, such as _shared. Default: the whole share (or the whole `volume`)."""
    read_only: bool = True
    groups: list[str] = []
    """Only for members of these JupyterHub groups (`org:team` with GitHub). Default: everyone."""
    admins: bool = False
    """Only for admins."""
    volume: Annotated[dict[str, Any], Field(min_length=1, max_length=1)] | None = None
    """A Kubernetes volume source instead of the home share, such as {persistentVolumeClaim: {claimName: data}}
    or, for scratch space, {emptyDir: {sizeLimit: 20Gi}}."""

    @model_validator(mode="after")
    def _for_whom(self) -> Self:
        if self.groups and self.admins:
            raise ValueError("is either for groups or for admins: write two entries")
        return self
