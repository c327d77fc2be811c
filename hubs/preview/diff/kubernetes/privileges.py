"""What pods may do on their node: https://kubernetes.io/docs/concepts/security/pod-security-standards/."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hubs.preview.diff.judged import Level
from hubs.preview.manifests import Document, identity, pod_template

_DEFAULT_CAPABILITIES = frozenset(
    # Those of containerd: https://github.com/containerd/containerd/blob/main/pkg/oci/spec.go
    (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
_CAPABILITY = "capability "
_HOST = {
    "hostNetwork": "uses the network of its node: network policies do not apply to it",
    "hostPID": "sees and can stop all processes of its node",
    "hostIPC": "reaches the shared memory of other processes of its node",
}


@dataclass(frozen=True)
class Privilege:
    """Something that a container or pod may do. `weak`: it comes from a missing restriction, not from a grant.

    `key` identifies it: containers that have the same privilege have equal keys. Without `words`, another one says it.
    """

    key: str
    words: str
    weak: bool = False
    level: Level = Level.DANGEROUS


def more_privileges(
    old: Document | None, new: Document, accounts: tuple[Mapping[str, Document], Mapping[str, Document]]
) -> Iterator[tuple[Level, str]]:
    """Yield what the pods of an object may do in addition, in words. `old` is None for a new object.

    `accounts`: the hub's ServiceAccounts by name, before and after. A new object or a new container is judged by what
    it is granted, an existing container also by restrictions that are removed.
    """
    before, after = ((pod_template(side) or {}).get("spec") or {} if side else {} for side in (old, new))
    yield from _said(_of_pod(after, accounts[1]), {one.key for one in _of_pod(before, accounts[0])}, old is None)
    known = {name: {one.key for one in _of_container(c, before)} for name, c in _containers(before)}
    anywhere = {key for keys in known.values() for key in keys}
    for name, container in _containers(after):
        found = _said(_of_container(container, after), known.get(name, anywhere), name not in known)
        yield from ((level, f"its container {name} {words}") for level, words in found)


def _said(privileges: Iterable[Privilege], known: set[str], new: bool) -> Iterator[tuple[Level, str]]:
    more = [one for one in privileges if one.key not in known and not (one.weak and new)]
    kept = [one.key.removeprefix(_CAPABILITY) for one in more if one.weak and one.key.startswith(_CAPABILITY)]
    if kept:
        yield Level.DANGEROUS, f"keeps Linux capabilities: {', '.join(kept)}"
    yield from ((one.level, one.words) for one in more if one.words)


def account_of(spec: Mapping[str, Any]) -> str:
    """Return the ServiceAccount of a pod."""
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")


def _token(spec: Mapping[str, Any], accounts: Mapping[str, Document]) -> bool:
    account = accounts.get(account_of(spec), {})
    for setting in (spec.get("automountServiceAccountToken"), account.get("automountServiceAccountToken")):
        if setting is not None:
            return bool(setting)
    return True


def _of_pod(spec: Mapping[str, Any], accounts: Mapping[str, Document]) -> Iterator[Privilege]:
    for key, words in _HOST.items():
        if spec.get(key):
            yield Privilege(key, words)
    if spec.get("shareProcessNamespace"):
        yield Privilege("shareProcessNamespace", "lets its containers see each other's processes", level=Level.CAREFUL)
    for path in _host_paths(spec).values():
        yield Privilege(f"hostPath {path}", f"mounts {path} of its node")
    if _token(spec, accounts):
        yield Privilege("token", "gets a token for the Kubernetes API", weak=True)


def _of_container(container: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[Privilege]:
    own, pod = container.get("securityContext") or {}, spec.get("securityContext") or {}
    effective = {**pod, **{key: value for key, value in own.items() if value is not None}}
    if own.get("privileged"):
        yield Privilege("privileged", "is privileged: it can do everything on its node")
    if own.get("privileged") or own.get("allowPrivilegeEscalation") is not False:
        words = "may get more privileges than it starts with (allowPrivilegeEscalation)"
        yield Privilege("escalation", "" if own.get("privileged") else words, weak=True)
    if own.get("procMount") == "Unmasked":
        yield Privilege("procMount", "sees all of /proc (procMount: Unmasked)")
    if not own.get("readOnlyRootFilesystem"):
        words = "may write to its own file system (readOnlyRootFilesystem)"
        yield Privilege("writable", words, weak=True, level=Level.CAREFUL)
    yield from _user(effective)
    yield from _capabilities(own.get("capabilities") or {})
    yield from _confinement(effective)
    for port in container.get("ports") or []:
        if number := port.get("hostPort"):
            yield Privilege(f"hostPort {number}", f"is reached on port {number} of its node")
    paths = _host_paths(spec)
    for mount in container.get("volumeMounts") or []:
        if mount.get("name") in paths and not mount.get("readOnly"):
            path = paths[mount["name"]]
            yield Privilege(f"writes {path}", f"may write to {path} of its node")


def _user(context: Mapping[str, Any]) -> Iterator[Privilege]:
    user = context.get("runAsUser")
    if user == 0:
        yield Privilege("root", "runs as root (runAsUser: 0)")
    if user == 0 or (user is None and not context.get("runAsNonRoot")):
        words = "may run as root (neither runAsUser nor runAsNonRoot is set)"
        yield Privilege("maybe root", "" if user == 0 else words, weak=True)


def _capabilities(capabilities: Mapping[str, Any]) -> Iterator[Privilege]:
    added, dropped = _names(capabilities.get("add")), _names(capabilities.get("drop"))
    for name in sorted(added):
        words = "has all Linux capabilities" if name == "ALL" else f"has the Linux capability {name}"
        yield Privilege(_CAPABILITY + name, words)
    if "ALL" not in dropped:
        for name in sorted(_DEFAULT_CAPABILITIES - dropped - added):
            yield Privilege(_CAPABILITY + name, "", weak=True)


def _confinement(context: Mapping[str, Any]) -> Iterator[Privilege]:
    for key in ("seccompProfile", "appArmorProfile"):
        if (context.get(key) or {}).get("type") == "Unconfined":
            yield Privilege(key, f"is not confined ({key}: Unconfined)")
    seccomp = (context.get("seccompProfile") or {}).get("type")
    if seccomp in (None, "Unconfined"):
        words = "may make every system call (seccompProfile)"
        yield Privilege("all system calls", "" if seccomp else words, weak=True)


def _host_paths(spec: Mapping[str, Any]) -> dict[str, str]:
    """Return the volumes of a pod that are folders of its node: names and paths."""
    return {
        str(volume.get("name")): str(volume["hostPath"].get("path"))
        for volume in spec.get("volumes") or []
        if volume.get("hostPath")
    }


def _containers(spec: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for part in ("initContainers", "containers"):
        yield from ((str(container.get("name")), container) for container in spec.get(part) or [])


def _names(items: Any) -> frozenset[str]:
    return frozenset(str(item).removeprefix("CAP_").upper() for item in items or [])


def accounts_of(documents: Iterable[Document]) -> dict[str, Document]:
    """Return the ServiceAccounts among the objects, by name."""
    return {identity(document)[2]: document for document in documents if document.get("kind") == "ServiceAccount"}
