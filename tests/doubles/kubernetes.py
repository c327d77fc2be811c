"""A stand-in for a Kubernetes API server that returns objects of the test in the format of the real server."""

from __future__ import annotations

import json
from typing import Any

from tests.doubles.server import Double, Reply, Request

CLUSTER_WIDE = {
    "nodes",
    "namespaces",
    "persistentvolumes",
    "storageclasses",
    "ingressclasses",
    "priorityclasses",
    "clusterroles",
    "clusterrolebindings",
    "clusterissuers",
}


class KubernetesDouble(Double):
    def __init__(self, token: str = "kube-token", version: str = "v1.33.5") -> None:
        super().__init__()
        self.token, self.version = token, version
        self.objects: dict[tuple[str, str, str], dict[str, Any]] = {}
        """Objects by collection (`/api/v1/secrets`), namespace ("" for none) and name."""
        self.forbidden: set[str] = set()
        """Collections that the account may not read."""

    def kubeconfig(self, context: str = "rig", *, token: str | None = None) -> str:
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": {"server": self.url}}],
                "users": [{"name": "u", "user": {"token": token or self.token}}],
                "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
                # The current context has no server, because it must not be used.
                "current-context": "",
            }
        )

    def create(self, collection: str, item: dict[str, Any]) -> None:
        metadata = item["metadata"]
        self.objects[collection, metadata.get("namespace", ""), metadata["name"]] = item

    def answer(self, request: Request) -> Reply:
        if request.method != "GET":
            raise AssertionError(f"something wrote: {request.method} {request.path}")
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return status(401, "Unauthorized")
        if request.path == "/version":
            return Reply(200, {"gitVersion": self.version, "major": "1", "minor": "33"})
        collection, namespace, name = self._parse(request.path)
        if collection in self.forbidden:
            return status(403, "Forbidden")
        if name:
            item = self.objects.get((collection, namespace, name))
            return Reply(200, item) if item else status(404, "NotFound")
        found = [item for (c, n, _), item in sorted(self.objects.items()) if c == collection and namespace in ("", n)]
        if "cert-manager" in collection and not any(c.startswith(collection) for c, _, _ in self.objects):
            return status(404, "NotFound")  # an API group that is not installed; other groups always are
        return self._list(request, found)

    def _parse(self, path: str) -> tuple[str, str, str]:
        parts = path.strip("/").split("/")
        base = 2 if parts[0] == "api" else 3
        rest, namespace = parts[base:], ""
        if rest[:1] == ["namespaces"] and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        kind = rest[0] if rest else ""
        name = rest[1] if len(rest) > 1 else ""
        return "/" + "/".join([*parts[:base], kind]).rstrip("/"), namespace, name

    def _list(self, request: Request, found: list[dict[str, Any]]) -> Reply:
        if "labelSelector" in request.query:
            key, _, value = request.query["labelSelector"][0].partition("=")
            found = [item for item in found if (item["metadata"].get("labels") or {}).get(key) == value]
        if "PartialObjectMetadataList" in request.headers.get("accept", ""):
            found = [{"metadata": item["metadata"]} for item in found]
        start = int(request.query.get("continue", ["0"])[0])
        # Return fewer items than requested, as a busy server does.
        end = start + min(2, int(request.query.get("limit", ["500"])[0]))
        metadata = {"continue": str(end)} if end < len(found) else {}
        return Reply(200, {"kind": "List", "metadata": metadata, "items": found[start:end]})


def status(code: int, reason: str) -> Reply:
    return Reply(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code})
