"""Where people's files are: `home` and `shared_directories` of a community or hub."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema, model_validator

from hubs.settings.base import Short, Strict, example, matching
from hubs.settings.kubernetes import ExportPath, Host, MountPath, ObjectName, SubPath
from hubs.settings.pod_parts import VolumeSource
from hubs.settings.sizes import Quantity
from hubs.settings.touches import Touches, becomes, higher, more, narrower, touches

MountOptions = Annotated[
    list[Annotated[str, matching(r"[^\s]+", "an option such as vers=4.2, without blanks")]],
    example(["soft", "noatime", "vers=4.2"]),
]

_SMALLEST_QUOTA, _LARGEST_QUOTA = 0.001, 1_000_000  # GiB

HOME_VOLUME = "home"
"""Name of the volume with home directories, if they are on a share."""
USER_VOLUME = "volume-{user_server}"
"""Name of the volume with one user's home directory. This is the chart's default."""
SHM_VOLUME = "dev-shm"
SHARED_VOLUME = "shared-"
"""Prefix of the names of volumes for shared directories."""
FILES_VOLUME = "files"
"""Name of the chart's volume for `files`."""


def is_own_volume(name: str) -> bool:
    """Return whether the program or the chart adds a volume of this name to people's servers."""
    own = (HOME_VOLUME, USER_VOLUME, SHM_VOLUME, FILES_VOLUME)
    return name in own or (name.startswith(SHARED_VOLUME) and name.removeprefix(SHARED_VOLUME).isdigit())


_PLACE = touches(Touches.FILES, "home directories move: people find other files, or none; nothing is copied")
_OPTIONS = touches(
    Touches.AVAILABILITY, "nodes mount home directories in another way", subject="mount options of homes"
)


class Nfs(Strict):
    """A directory of an existing NFS server; each user has a folder in it."""

    server: Annotated[Host, _PLACE, example("10.0.0.7")]
    """Host name or address of the server, as the cluster's nodes reach it."""
    path: Annotated[ExportPath, _PLACE, example("/export/ocean")]
    """Exported directory that holds the users' folders. It must exist."""
    mount_options: Annotated[MountOptions, _OPTIONS] = ["soft", "noatime", "vers=4.2"]
    """NFS mount options of the nodes."""


class Volume(Strict):
    """One volume for each user, created when they start a server for the first time."""

    size: Annotated[
        Quantity,
        touches(Touches.COST, "only new volumes get this size", subject="size of people's volumes"),
        example("20Gi"),
    ] = "10Gi"
    """Size of each user's volume, with Mi, Gi or Ti (1024-based). Volumes that exist keep their size."""
    storage_class: Annotated[
        ObjectName | None,
        touches(
            Touches.AVAILABILITY, "only new volumes are of this class", subject="storage class of people's volumes"
        ),
        example("premium-rwo"),
    ] = None
    """StorageClass of the volumes. Default: the cluster's `storage_class`."""


def _quota(value: float) -> float:
    # The quota enforcer sets whole KiB, and takes 0 as no limit.
    if not _SMALLEST_QUOTA <= value <= _LARGEST_QUOTA:
        raise ValueError(f"must be from {_SMALLEST_QUOTA} to {_LARGEST_QUOTA} GiB, or null for no limit")
    return value


def _gibibytes(value: object) -> object:
    if isinstance(value, str):
        number = value.strip().rstrip("GiB ")
        hint = f"; write {number}" if number.replace(".", "", 1).isdigit() else ""
        raise ValueError(f"must be a number of GiB such as 20, without a unit{hint}")
    return value


_Quota = Annotated[
    int | float,
    BeforeValidator(_gibibytes),
    AfterValidator(_quota),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]


class Disk(Strict):
    """An existing disk of the cloud that an NFS server inside the cluster serves to the hub (chart
    jupyterhub-home-nfs). It can limit how much each user stores."""

    volume_id: Annotated[
        str,
        _PLACE,
        matching(
            r"vol-[0-9a-f]+|projects/[^\s/]+/(zones|regions)/[^\s/]+/disks/[^\s/]+",
            "vol-... of an EBS volume, or projects/P/zones/Z/disks/D of a persistent disk",
        ),
        example("vol-0123456789abcdef0", "projects/earth-hubs/zones/us-central1-b/disks/ocean"),
    ]
    """ID of an EBS volume (vol-...) or of a persistent disk on Google Cloud (projects/P/zones/Z/disks/D)."""
    size: Annotated[Quantity, touches(Touches.NOTHING, subject="reported size of the disk"), example("500Gi")] = "1M"
    """Size that the Kubernetes volume reports. It limits nothing: the size of the disk itself does."""
    path: Annotated[SubPath | None, _PLACE, example("ocean")] = None
    """Folder of the disk that holds the users' folders. Default: the hub's name."""
    quota: Annotated[
        _Quota | None,
        touches(
            Touches.AVAILABILITY,
            "whoever stores more can't save files any more",
            restricts=higher,
            otherwise="people can store more",
            subject="storage for each person",
        ),
        example(20),
    ] = 10
    """How much each user can store, in GiB. null: no limit. Folders of `shared_directories` have no limit: the chart's
    `quota_overrides` can set one (https://github.com/2i2c-org/jupyterhub-home-nfs)."""
    mount_options: Annotated[MountOptions, _OPTIONS] = ["soft", "noatime", "vers=4.2"]
    """NFS mount options of the nodes."""

    @property
    def cloud(self) -> Literal["aws", "gcp"]:
        """The cloud whose disk it is, as in `cluster.provider`."""
        return "aws" if self.volume_id.startswith("vol-") else "gcp"


class Home(Short):
    """Home directories: exactly one of `nfs`, `volume` and `disk`; or `home: none`, which keeps no files."""

    short_key = "none"

    nfs: Annotated[Nfs | None, example({"server": "10.0.0.7", "path": "/export/ocean"})] = None
    """A directory of an existing NFS server; each user has a folder in it."""
    volume: Annotated[Volume | None, example({"size": "20Gi"})] = None
    """One volume for each user, created when they start a server for the first time."""
    disk: Annotated[Disk | None, example({"volume_id": "vol-0123456789abcdef0", "quota": 20})] = None
    """An existing disk of the cloud that an NFS server inside the cluster serves to the hub (chart
    jupyterhub-home-nfs). It can limit how much each user stores."""
    none: Annotated[Literal[True] | None, _PLACE] = None
    """No files are kept: a user's files are deleted when the server stops. Also written as `home: none`."""
    mount_path: Annotated[
        MountPath,
        touches(
            Touches.FILES,
            "what servers save at the old path is lost when they stop",
            subject="path of the home directory in servers",
        ),
        example("/home/rstudio"),
    ] = "/home/jovyan"
    """Where a server mounts the user's home directory."""
    extra_mount_paths: Annotated[
        list[MountPath],
        touches(
            Touches.FILES,
            restricts=more,
            subject="further paths of the home directory in servers",
            gained="the home directory is also at {}",
            lost="what servers save at {} is lost when they stop",
        ),
        example(["/home/rstudio"]),
    ] = []
    """Further places where a server mounts the same directory, such as /home/rstudio for Rocker's images."""

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if value == "none":
            return {"none": True}
        if isinstance(value, str):
            raise ValueError("must be none, or a mapping with nfs, volume or disk")
        return value

    @classmethod
    def _short_schema(cls, setting: dict[str, Any]) -> dict[str, Any]:
        return {"const": "none"}

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(kind is not None for kind in (self.nfs, self.volume, self.disk, self.none)) != 1:
            kinds = [name for name in ("nfs", "volume", "disk", "none") if getattr(self, name) is not None]
            found = f"has {' and '.join(kinds)}: remove one with an explicit null" if kinds else "has none of them"
            raise ValueError(f"needs exactly one of nfs, volume, disk and none; {found}")
        return self

    @property
    def place(self) -> str:
        """The location of the files, as a short text that changes if the location changes."""
        if self.nfs is not None:
            return f"nfs {self.nfs.server}:{self.nfs.path}"
        if self.disk is not None:
            return f"disk {self.disk.volume_id}" + (f":{self.disk.path}" if self.disk.path else "")
        return "none" if self.none else "volume"

    def places(self, path: str) -> list[str]:
        """Return where servers mount the shared directory `path`: there, or below each place of the home directory."""
        if path.startswith("/"):
            return [path]
        return [f"{home.rstrip('/')}/{path}" for home in (self.mount_path, *self.extra_mount_paths)]

    @property
    def shared(self) -> bool:
        """Whether all home directories are folders of one share, so that parts of it can be mounted for others."""
        return self.nfs is not None or self.disk is not None


class SharedDirectory(Strict):
    """A directory in people's servers that several people share, or any other Kubernetes volume."""

    sub_path: Annotated[SubPath | None, touches(Touches.FILES, "people see other files there"), example("_shared")] = (
        None
    )
    """Folder of the share that holds the home directories (or of `volume`), such as _shared. Default: all of it."""
    read_only: Annotated[bool, touches(Touches.FILES, restricts=becomes(True))] = True
    """People can read the files, but not change them."""
    groups: Annotated[
        list[str], touches(Touches.FILES, restricts=narrower), example(["ocean-observatory:modelling"])
    ] = []
    """Only members of these JupyterHub groups (`org:team` with GitHub) get the directory. Default: everyone."""
    admins: Annotated[bool, touches(Touches.FILES, restricts=becomes(True))] = False
    """Only admins get the directory."""
    everyone: Annotated[bool, touches(Touches.NOTHING)] = False
    """Confirms that everyone gets the whole share, with the home directories of all others. Needed for a directory of
    the share that has no `sub_path`, `groups` or `admins`."""
    volume: Annotated[
        VolumeSource | None,
        touches(Touches.FILES, "people see other files there"),
        example({"persistentVolumeClaim": {"claimName": "data"}}, {"emptyDir": {"sizeLimit": "20Gi"}}),
    ] = None
    """A Kubernetes volume source to mount in place of the share with the home directories, such as
    {emptyDir: {sizeLimit: 20Gi}} for scratch space that is always writable and deleted when the server stops."""

    @property
    def whole_share(self) -> bool:
        """Whether this is the share with all home directories, and not a folder of it."""
        return self.volume is None and not (self.sub_path or "").strip("./")

    @model_validator(mode="after")
    def _for_whom(self) -> Self:
        if self.groups and self.admins:
            raise ValueError("must have either groups or admins, not both: write two entries")
        if self.everyone and (self.groups or self.admins):
            raise ValueError("everyone contradicts groups and admins: remove one of them")
        return self
