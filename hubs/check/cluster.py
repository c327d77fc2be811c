"""Check that the cluster has what the hubs need, and that no other objects conflict with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from functools import partial
from typing import Any

from hubs.check.findings import Check, Result, failed, ok, unchecked, warning
from hubs.check.nodes import build_cache, selects
from hubs.check.versions import accepts
from hubs.clients.charts import Charts, NoChartError
from hubs.clients.errors import ClientError
from hubs.clients.kubernetes import METADATA, Cluster
from hubs.settings.hub import Hub
from hubs.settings.kubernetes import Toleration
from hubs.settings.stack import Stack
from hubs.values.home import claim_name
from hubs.values.namespace import KEY, LABEL
from hubs.values.releases import releases

AREA = "cluster"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
CORE = "/api/v1"
RBAC = "/apis/rbac.authorization.k8s.io/v1"


def checks(stack: Stack, cluster: Cluster, charts: Charts) -> list[Check]:
    """Return the checks of the cluster, then those of each hub's namespace and names."""
    settings = stack.cluster
    found: list[tuple[str, Callable[[], Result | Iterable[Result]]]] = [
        ("version", partial(_version, stack, cluster, charts)),
        (
            "core nodes",
            partial(_nodes, cluster, settings.core_nodes.selector, settings.core_nodes.tolerations, core=True),
        ),
    ]
    for selector, tolerations, hubs in _user_nodes(stack):
        found.append((f"user nodes of {hubs}", partial(_nodes, cluster, selector, tolerations, core=False)))
    if settings.build_cache is not None:
        found.append(("build cache", partial(build_cache, stack, cluster)))
    found.append(("storage class", partial(_storage, stack, cluster)))
    if settings.ingress is not None:
        name, issuer = settings.ingress.class_name, settings.ingress.cluster_issuer
        found.append((f"ingress class {name}", partial(_ingress_class, cluster, name)))
        if issuer:
            found.append((f"issuer {issuer}", partial(_issuer, cluster, issuer)))
    found.append(("namespaces of removed hubs", partial(_removed_hubs, stack, cluster)))
    for hub in stack.hubs:
        if hub.decommission:
            found.append((f"decommissioning {hub.key}", partial(_decommissioned, cluster, hub)))
        found.append((f"namespace {hub.namespace}", partial(_namespace, cluster, hub)))
        found.append((f"releases of {hub.key}", partial(_releases, cluster, stack, hub)))
        found.append((f"names of {hub.key}", partial(_cluster_wide, cluster, hub)))
    return [Check(AREA, subject, check) for subject, check in found]


def _version(stack: Stack, cluster: Cluster, charts: Charts) -> Iterator[Result]:
    version = cluster.version()
    done = set()
    for hub in stack.hubs:
        for chart in (release.chart for release in releases(stack, hub)):
            if chart in done:
                continue
            done.add(chart)
            name = charts.label(chart)
            try:
                wanted = charts.archive(chart).kube_version
                fits = not wanted or accepts(wanted, version)
            except (NoChartError, ClientError):
                yield unchecked(f"whether {name} supports Kubernetes {version}: the chart is not available")
            except ValueError as error:
                yield unchecked(f"whether {name} supports Kubernetes {version}: {error}")
            else:
                if fits:
                    yield ok(f"{name} supports Kubernetes {version}" + (f" ({wanted})" if wanted else ""))
                else:
                    todo = "upgrade the cluster, or use another version of the chart"
                    yield failed(f"{name} needs Kubernetes {wanted}, but the cluster has {version}", todo)


def _user_nodes(stack: Stack) -> list[tuple[dict[str, str], list[Toleration], str]]:
    """Return each distinct node selector of servers or builds with its tolerations, and the hubs that use it."""
    found: dict[tuple[tuple[str, str], ...], tuple[dict[str, str], list[Toleration], list[str]]] = {}
    for hub in stack.hubs:
        nodes = stack.user_nodes(hub)
        for extra in ({}, hub.build.node_selector):
            selector = {**nodes.selector, **extra}
            entry = found.setdefault(tuple(sorted(selector.items())), (selector, nodes.tolerations, []))
            if hub.key not in entry[2]:
                entry[2].append(hub.key)
    return [(selector, tolerations, ", ".join(hubs)) for selector, tolerations, hubs in found.values()]


def _nodes(cluster: Cluster, selector: Mapping[str, str], tolerations: list[Toleration], *, core: bool) -> Result:
    labels = ", ".join(f"{key}={value}" for key, value in sorted(selector.items())) or "any label"
    matching = [node for node in cluster.list(f"{CORE}/nodes") if selects(selector, node)]
    usable = [node for node in matching if _usable(node, tolerations)]
    if usable:
        return ok(f"{_count(usable, 'node')} with {labels}")
    if matching:
        return failed(
            f"none of the {len(matching)} nodes with {labels} is usable: "
            "they are not ready, are cordoned, or have a taint that is not tolerated",
            "see `kubectl describe node`, and check the tolerations",
        )
    if core:
        return failed(f"no node has {labels}: hub and proxy stay pending", "label nodes, or correct `core_nodes`")
    return warning(
        f"no node has {labels} at the moment",
        "ignore this if nodes scale up on demand; otherwise label nodes, "
        "or correct `user_nodes` and `build.node_selector`",
    )


def _usable(node: dict[str, Any], tolerations: list[Toleration]) -> bool:
    spec = node.get("spec") or {}
    conditions = {c["type"]: c["status"] for c in (node.get("status") or {}).get("conditions") or []}
    taints = [t for t in spec.get("taints") or [] if t["effect"] in ("NoSchedule", "NoExecute")]
    return (
        not spec.get("unschedulable")
        and conditions.get("Ready", "True") == "True"
        and all(any(_tolerates(toleration, taint) for toleration in tolerations) for taint in taints)
    )


def _tolerates(toleration: Toleration, taint: dict[str, Any]) -> bool:
    if toleration.effect and toleration.effect != taint["effect"]:
        return False
    if toleration.key and toleration.key != taint["key"]:
        return False
    return toleration.operator == "Exists" or (toleration.value or "") == (taint.get("value") or "")


def _storage(stack: Stack, cluster: Cluster) -> Iterator[Result]:
    classes = {item["metadata"]["name"]: item for item in cluster.list("/apis/storage.k8s.io/v1/storageclasses")}
    wanted: set[str | None] = {stack.cluster.storage_class}
    wanted |= {hub.home.volume.storage_class or stack.cluster.storage_class for hub in stack.hubs if hub.home.volume}
    for name in sorted(wanted, key=str):
        if name is None:
            yield _default_class(classes, cluster)
        elif name in classes:
            yield ok(f"{name} exists")
        else:
            known = ", ".join(sorted(classes)) or "none"
            yield failed(f"{name} does not exist; the cluster has: {known}", "correct `storage_class`")


def _default_class(classes: dict[str, Any], cluster: Cluster) -> Result:
    defaults = [
        name
        for name, item in classes.items()
        if (item["metadata"].get("annotations") or {}).get(DEFAULT_CLASS) == "true"
    ]
    if defaults:
        return ok(f"the default is {', '.join(sorted(defaults))}")
    free = [
        volume
        for volume in cluster.list(f"{CORE}/persistentvolumes")
        if not volume["spec"].get("storageClassName") and (volume.get("status") or {}).get("phase") == "Available"
    ]
    todo = "set `storage_class` of the cluster, or mark a class as the default"
    if free:
        available = f"{_count(free, 'volume')} without a class {'is' if len(free) == 1 else 'are'} available"
        return warning(f"the cluster has no default storage class; {available}", todo)
    return failed("the cluster has no default storage class: the hub's database gets no volume", todo)


def _ingress_class(cluster: Cluster, name: str) -> Result:
    classes = [item["metadata"]["name"] for item in cluster.list("/apis/networking.k8s.io/v1/ingressclasses")]
    if name in classes:
        return ok("exists")
    known = ", ".join(sorted(classes)) or "none"
    todo = "install an ingress controller, or correct `ingress.class_name`"
    return failed(f"does not exist; the cluster has: {known}", todo)


def _issuer(cluster: Cluster, name: str) -> Result:
    group = "/apis/cert-manager.io/v1"
    if cluster.get(group) is None:
        return failed("cert-manager is not installed: hubs get no certificates", "install cert-manager first")
    issuer = cluster.get(f"{group}/clusterissuers/{name}")
    if issuer is None:
        known = ", ".join(item["metadata"]["name"] for item in cluster.list(f"{group}/clusterissuers")) or "none"
        todo = "create it, or correct `ingress.cluster_issuer`"
        return failed(f"does not exist; the cluster has: {known}", todo)
    conditions = (issuer.get("status") or {}).get("conditions") or []
    ready = next((c for c in conditions if c["type"] == "Ready"), None)
    if ready is None or ready["status"] != "True":
        why = (ready or {}).get("message") or "it reports no Ready condition"
        return failed(f"is not ready: {why}", f"see `kubectl describe clusterissuer {name}`")
    return ok("is ready")


def _namespace(cluster: Cluster, hub: Hub) -> Result:
    namespace = cluster.get(f"{CORE}/namespaces/{hub.namespace}")
    if namespace is None:
        return ok("will be created")
    if (namespace.get("status") or {}).get("phase") == "Terminating":
        todo = "wait until it is deleted, or see what blocks the deletion: `kubectl describe namespace`"
        return failed("is being deleted", todo)
    owner = (namespace["metadata"].get("labels") or {}).get(LABEL)
    if owner == hub.slug:
        return ok(f"belongs to {hub.key}")
    if owner:
        name = (namespace["metadata"].get("annotations") or {}).get(KEY, owner)
        todo = f"set another `namespace` for the hub; if it is that hub with a new name, write `renamed_from: {name}`"
        return failed(f"belongs to another hub, {name}", todo)
    return failed(
        "already exists and was not created for this hub: `pulumi up` would take it over with its contents",
        f"set another `namespace` for the hub; to use this one, label it {LABEL}={hub.slug}",
    )


def _removed_hubs(stack: Stack, cluster: Cluster) -> Iterator[Result]:
    """Report namespaces of hubs that were removed from the config. They are kept, and may contain people's files."""
    slugs = {hub.slug for hub in stack.hubs}
    found = False
    for namespace in cluster.list(f"{CORE}/namespaces"):
        name, slug = namespace["metadata"]["name"], (namespace["metadata"].get("labels") or {}).get(LABEL)
        if slug and slug not in slugs:
            found = True
            yield warning(
                f"the namespace {name} belongs to the hub {slug}, which is not in this stack: it was removed, and its "
                f"namespace is kept, or it belongs to another stack. It has {_contents(cluster, name)}",
                "to delete a removed hub, add it again with `decommission: true`, "
                f"run `hubs up {stack.name}`, and then remove it",
            )
    if not found:
        yield ok("none")


def _decommissioned(cluster: Cluster, hub: Hub) -> Result:
    if cluster.get(f"{CORE}/namespaces/{hub.namespace}") is None:
        return ok("its namespace is already deleted")
    contents = _contents(cluster, hub.namespace)
    return warning(
        f"`decommission: true` allows the deletion of the namespace {hub.namespace}, with {contents}, "
        "and of the hub's images",
        "back up everything that you need first",
    )


def _contents(cluster: Cluster, namespace: str) -> str:
    """Return what is deleted with a namespace: the number of volumes and of running servers."""
    claims = cluster.list(f"{CORE}/namespaces/{namespace}/persistentvolumeclaims")
    label = "component=singleuser-server"
    servers = cluster.list(f"{CORE}/namespaces/{namespace}/pods", labelSelector=label)
    return f"{_count(claims, 'volume')} and {_count(servers, 'running server')}"


def _count(items: Sized, word: str) -> str:
    return f"{len(items)} {word}{'' if len(items) == 1 else 's'}"


def _releases(cluster: Cluster, stack: Stack, hub: Hub) -> Iterator[Result]:
    """Check the state of the hub's releases. Helm stores each revision in a Secret with labels for name and state."""
    newest: dict[tuple[str, str], tuple[int, str]] = {}
    for secret in cluster.list(f"{CORE}/secrets", accept=METADATA, labelSelector="owner=helm"):
        labels = secret["metadata"].get("labels") or {}
        place = (labels.get("name", ""), secret["metadata"]["namespace"])
        revision = int(labels.get("version") or 0)
        newest[place] = max(newest.get(place, (0, "")), (revision, labels.get("status", "")))
    for name in (release.helm_name for release in releases(stack, hub)):
        elsewhere = sorted(namespace for other, namespace in newest if other == name and namespace != hub.namespace)
        if elsewhere:
            yield failed(
                f"the namespace {', '.join(elsewhere)} has a release with the same name, {name}: "
                "the names of cluster-wide objects conflict",
                "rename the community or hub, or remove the other release",
            )
        state = newest.get((name, hub.namespace), (0, ""))[1]
        if state.startswith("pending"):
            todo = f"if no update is running: `helm rollback {name} -n {hub.namespace}`, then `pulumi refresh`"
            yield failed(f"{name} is {state}: an update is running, or was interrupted", todo)
        elif state == "failed":
            yield warning(f"the last update of {name} failed", f"see `helm history {name} -n {hub.namespace}`")
        elif state:
            yield ok(f"{name} is {state}")
        elif not elsewhere:
            yield ok(f"{name} will be installed")


def _cluster_wide(cluster: Cluster, hub: Hub) -> Iterator[Result]:
    """Check that the names of the cluster-wide objects of the hub's charts are free."""
    slug = hub.slug
    wanted = [
        *(
            (kind, f"{RBAC}/{kind.lower()}s", f"{slug}-user-scheduler")
            for kind in ("ClusterRole", "ClusterRoleBinding")
        ),
        *(
            ("PriorityClass", "/apis/scheduling.k8s.io/v1/priorityclasses", f"{slug}-{suffix}")
            for suffix in ("default-priority", "user-placeholder-priority", "image-puller-priority")
        ),
    ]
    taken = False
    for kind, path, name in wanted:
        found = cluster.get(f"{path}/{name}")
        if found is None:
            continue
        notes = found["metadata"].get("annotations") or {}
        owner = (notes.get("meta.helm.sh/release-namespace"), notes.get("meta.helm.sh/release-name"))
        if owner != (hub.namespace, slug):
            taken = True
            whose = f"belongs to the release {owner[1]} in {owner[0]}" if owner[1] else "belongs to no Helm release"
            yield failed(f"the {kind} {name} already exists and {whose}", "rename the hub, or delete the object")
    if hub.home.shared:
        name = f"{slug}-{claim_name(hub)}"
        volume = cluster.get(f"{CORE}/persistentvolumes/{name}")
        claim = ((volume or {}).get("spec") or {}).get("claimRef") or {}
        if volume is not None and claim.get("namespace") != hub.namespace:
            taken = True
            holder = f"is claimed from {claim['namespace']}" if claim else "is not claimed"
            todo = "rename the hub, or delete the volume"
            yield failed(f"the PersistentVolume {name} already exists and {holder}", todo)
    if not taken:
        yield ok("no conflicts")
