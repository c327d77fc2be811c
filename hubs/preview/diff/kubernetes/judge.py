"""Judge all objects of a hub together: what their changes mean for people and for security."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hubs.preview.diff.judged import Judgement, Level, Origin, level_of
from hubs.preview.diff.kubernetes import exposure, immutable, network, permissions, presence, privileges
from hubs.preview.diff.kubernetes.boxes import Box, Numbers
from hubs.preview.diff.kubernetes.removed_apis import removed_in
from hubs.preview.manifests import Document, identity, pod_template
from hubs.settings.layers import mapping
from hubs.settings.touches import Touches

JUDGED = frozenset(
    {"ClusterRole", "ClusterRoleBinding", "ConfigMap", "CronJob", "DaemonSet", "Deployment", "Endpoints"}
    | {"HorizontalPodAutoscaler", "Ingress", "Job", "LimitRange", "Namespace", "NetworkPolicy", "PersistentVolume"}
    | {"PersistentVolumeClaim", "PodDisruptionBudget", "PriorityClass", "ResourceQuota", "Role", "RoleBinding"}
    | {"Secret", "Service", "ServiceAccount", "StatefulSet", "StorageClass"}
)
"""Kinds whose changes are judged here, or mean nothing by themselves. Others are said to be not judged."""

_WHO = {
    "component=singleuser-server": "people's servers",
    "component=binderhub-build": "builds",
    "app.kubernetes.io/component=docker-api": "the Docker daemon of builds",
}
"""Pods that have a name of their own in sentences, by a label."""

_EVERYWHERE = "every address: no network policy limits them any more"
_METADATA = "169.254.169.254/32"
_ALL_PORTS = "all ports"
_MOST = 4


@dataclass(frozen=True)
class Objects:
    """The objects of a hub on one side: rendered ones of its releases, and those that Pulumi manages.

    `kubernetes`: the version of the cluster. `managed`: what Pulumi manages. It replaces an object where Helm fails.
    """

    rendered: Sequence[Document]
    managed: Sequence[Document]
    kubernetes: str

    @property
    def every(self) -> list[Document]:
        """All objects."""
        return [*self.rendered, *self.managed]


def judge_objects(old: Objects, new: Objects, namespace: str) -> list[Judgement]:
    """Return the judgements of all objects of a hub that exists on both sides. `namespace`: that of the hub."""
    return list(dict.fromkeys(_Judge(namespace).all(old, new)))


class _Judge:
    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def all(self, old: Objects, new: Objects) -> Iterator[Judgement]:
        yield from self._apis(old, new)
        yield from self._refused(old, new)
        before, after = (_by_identity(side.every) for side in (old, new))
        for key in sorted({*before, *after}):
            was, now = before.get(key), after.get(key)
            if was != now:
                yield from self._presence(was, now, new.every)
        yield from self._pods(before, after)
        yield from self._permissions(old, new)
        yield from self._network(old, new)
        yield from self._exposure(before, after)

    def _apis(self, old: Objects, new: Objects) -> Iterator[Judgement]:
        unchanged = {identity(document): document for document in old.rendered}
        for document in new.every:
            version, kind = str(document.get("apiVersion")), str(document.get("kind"))
            if not (release := removed_in(version, kind, new.kubernetes)):
                continue
            if document == unchanged.get(identity(document)) and removed_in(version, kind, old.kubernetes):
                continue
            yield self._fails(
                document,
                f"the update fails: Kubernetes {release} and newer have no {version} {kind}, and the cluster has"
                f" {new.kubernetes} (cluster.kubernetes_version): use a chart that supports it",
            )

    def _refused(self, old: Objects, new: Objects) -> Iterator[Judgement]:
        before = _by_identity(old.rendered)
        for document in new.rendered:
            was = before.get(identity(document))
            if was is None or was == document:
                continue
            for field, _, _, what in immutable.refusals(was, document):
                text = f"the update fails: Kubernetes refuses another {field} of {_path(document)}: {what}"
                yield self._fails(document, text)

    def _fails(self, document: Document, sentence: str) -> Judgement:
        return Judgement(
            Level.DANGEROUS,
            Touches.AVAILABILITY,
            _path(document),
            _path(document),
            effect="the update fails",
            origin=Origin.OBJECT,
            sentence=sentence,
        )

    def _presence(self, was: Document | None, now: Document | None, new: Iterable[Document]) -> Iterator[Judgement]:
        document = now or was or {}
        if was is not None and now is not None:
            found = presence.changed(was, now)
        elif now is not None:
            found = presence.added(now)
        else:
            found = presence.removed(document, new)
        for level, touches, effect in found:
            yield self._judgement(document, touches, effect, level)
        if document.get("kind") not in JUDGED:
            verb = "is added" if was is None else "is deleted" if now is None else "changes"
            yield self._judgement(document, None, f"{verb}: not judged, the effect of this kind of object is not known")

    def _pods(self, before: dict[Key, Document], after: dict[Key, Document]) -> Iterator[Judgement]:
        accounts = privileges.accounts_of(before.values()), privileges.accounts_of(after.values())
        used = {privileges.account_of(spec) for side in after.values() if (spec := _pod_spec(side))}
        for key, now in after.items():
            was = before.get(key)
            for level, words in privileges.more_privileges(was, now, accounts):
                yield self._judgement(now, Touches.ISOLATION, words, level)
            unused = now.get("kind") == "ServiceAccount" and key[2] not in used  # by servers, which are not rendered
            if unused and was is not None and _mounts(now) and not _mounts(was):
                yield self._judgement(now, Touches.ISOLATION, "gives its pods a token for the Kubernetes API")

    def _permissions(self, old: Objects, new: Objects) -> Iterator[Judgement]:
        for (kind, _, name), boxes in permissions.more_permissions(old.every, new.every, self._namespace):
            words = list(dict.fromkeys(map(permissions.in_words, boxes)))
            more = f" and {len(words) - _MOST} more permissions" if len(words) > _MOST else ""
            subject = {"kind": kind, "metadata": {"name": name}}
            effect = f"gets more rights in Kubernetes: {'; '.join(words[:_MOST])}{more}"
            yield self._judgement(
                subject, Touches.CODE, effect.replace(f"the namespace {self._namespace}", "its namespace")
            )

    def _network(self, old: Objects, new: Objects) -> Iterator[Judgement]:
        for one in network.opened(old.every, new.every, self._namespace):
            who = _who(one.pods)
            verb = "may reach" if one.direction == "Egress" else "accept connections from"
            addresses = [a for box in one.traffic if isinstance(a := box.get("address"), Numbers)]
            found = {item for numbers in addresses for item in network.networks(numbers)}
            metadata = one.direction == "Egress" and found & {_METADATA, "169.254.0.0/16", "0.0.0.0/0"}
            effect = f"{who} {verb} {_EVERYWHERE if one.unlimited else f'more: {self._traffic(one.traffic)}'}"
            if metadata:
                effect += ", with the cloud's metadata server: they can get the credentials of their node"
            yield _judged(
                Level.DANGEROUS, Touches.NETWORK, f"NetworkPolicy of {one.pods.name}", "network policies", effect
            )

    def _traffic(self, boxes: Iterable[Box]) -> str:
        found: dict[str, list[str]] = {}
        for box in boxes:
            numbers = box["port"]
            named = network.ports(numbers) if isinstance(numbers, Numbers) else []
            found.setdefault(network.peer(box), []).extend(named or [_ALL_PORTS])
        if "every address" in found:  # the most that can be opened, which the pods of the cluster only repeat
            found = {"every address": found["every address"]}
        words = [f"{peer}{_on(ports)}" for peer, ports in found.items()]
        text = "; ".join(words[:_MOST]) + (f" and {len(words) - _MOST} more" if len(words) > _MOST else "")
        return text.replace(f"the namespace {self._namespace}", "its namespace")

    def _exposure(self, before: dict[Key, Document], after: dict[Key, Document]) -> Iterator[Judgement]:
        for key, now in after.items():
            if now.get("kind") == "Service":
                for words in exposure.more_exposed(before.get(key), now):
                    yield self._judgement(now, Touches.NETWORK, words)
        was, now_ = (exposure.hosts(side.values()) for side in (before, after))
        ingress = {"kind": "Ingress", "metadata": {"name": ""}}
        for host, secure in was.items():
            if host not in now_:
                yield self._judgement(
                    ingress, Touches.LOGIN, f"the hub is no longer reached at {host}", Level.DANGEROUS
                )
            elif secure and not now_[host]:
                yield self._judgement(
                    ingress,
                    Touches.NETWORK,
                    f"{host} has no TLS any more: passwords and cookies are sent in plain text",
                )

    def _judgement(
        self, document: Document, touches: Touches | None, effect: str, level: Level | None = None
    ) -> Judgement:
        level = level_of(touches) if level is None else level
        return _judged(level, touches, _path(document), _path(document), effect)


Key = tuple[str, str, str]


def _who(pods: network.Pods) -> str:
    """Return pods in words: what they are for, or the name of their workload, or their labels."""
    labels = [f"{key}={value}" for key, value in pods.labels[1].items()] if pods.labels else pods.name.split(", ")
    return next((words for label, words in _WHO.items() if label in labels), pods.name)


def _pod_spec(document: Document) -> Document:
    return mapping(pod_template(document), "spec")


def _judged(level: Level, touches: Touches | None, path: str, what: str, effect: str) -> Judgement:
    """Return a judgement whose subject says in a few words what happens, for the headline."""
    words, _, more = effect.partition(": ")
    return Judgement(level, touches, path, f"{what}: {words}", effect=more, origin=Origin.OBJECT)


def _by_identity(documents: Iterable[Document]) -> dict[Key, Document]:
    return {identity(document): document for document in documents}


def _path(document: Document) -> str:
    return " ".join(identity(document)[::2]).strip()


def _on(ports: Sequence[str]) -> str:
    """Return ports as the end of a sentence; nothing for all ports."""
    if _ALL_PORTS in ports:
        return ""
    names = list(dict.fromkeys(ports))
    return f" (port{'s' if len(names) > 1 else ''} {', '.join(names)})"


def _mounts(account: Document) -> bool:
    return account.get("automountServiceAccountToken") is not False
