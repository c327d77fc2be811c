"""A real Kubernetes API server with etcd on the loopback interface for a test session, without nodes or controllers."""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import httpx

from tests.doubles.server import wait_until

CERT_MANAGER = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "clusterissuers.cert-manager.io"},
    "spec": {
        "group": "cert-manager.io",
        "names": {"kind": "ClusterIssuer", "plural": "clusterissuers", "singular": "clusterissuer"},
        "scope": "Cluster",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}


def missing() -> str:
    """Return a message on programs that are not on PATH, or an empty text."""
    return " and ".join(name for name in ("etcd", "kube-apiserver") if not shutil.which(name))


class ApiServer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ends = ExitStack()
        self._created: list[str] = []
        self.token = secrets.token_hex(16)
        self.version = ""

    def __enter__(self) -> Self:
        etcd, peer, self._port = _free_port(), _free_port(), _free_port()
        self._openssl("genrsa", "-out", "sa.key", "2048")
        self._openssl("rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub")
        (self._folder / "tokens.csv").write_text(f"{self.token},admin,admin,system:masters\n")
        self._start(
            "etcd",
            "--data-dir=etcd",
            f"--listen-client-urls=http://127.0.0.1:{etcd}",
            f"--advertise-client-urls=http://127.0.0.1:{etcd}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-cluster=default=http://127.0.0.1:{peer}",
            "--log-level=error",
        )
        self._start(
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self._port}",
            "--cert-dir=certificates",
            "--service-account-key-file=sa.pub",
            "--service-account-signing-key-file=sa.key",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--token-auth-file=tokens.csv",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/16",
            # The second one taints nodes, and there is no controller that removes the taint.
            "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
        )
        self._http = self._ends.enter_context(
            httpx.Client(
                base_url=f"https://127.0.0.1:{self._port}",
                headers={"Authorization": f"Bearer {self.token}"},
                verify=False,
                timeout=30,
            )
        )
        wait_until(self._ready, 90, "kube-apiserver")
        self.version = self._http.get("/version").json()["gitVersion"]
        self._http.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=CERT_MANAGER).raise_for_status()
        wait_until(
            lambda: self._http.get("/apis/cert-manager.io/v1/clusterissuers").status_code == 200, 30, "the issuers' API"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def kubeconfig(self, context: str = "rig", *, token: str | None = None) -> str:
        cluster = {"server": f"https://127.0.0.1:{self._port}", "insecure-skip-tls-verify": True}
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": cluster}],
                "users": [{"name": "u", "user": {"token": token or self.token}}],
                "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
                "current-context": "",
            }
        )

    def create(self, collection: str, item: dict[str, Any]) -> None:
        """Create an object in `collection` (`/api/v1/secrets`), with its status if it has one."""
        metadata = item["metadata"]
        if "namespace" in metadata:
            base, _, kind = collection.rpartition("/")
            collection = f"{base}/namespaces/{metadata['namespace']}/{kind}"
        created = self._http.post(collection, json=item)
        assert created.status_code in (200, 201), created.text
        path = f"{collection}/{metadata['name']}"
        self._created.append(path)
        if "status" in item and "cert-manager" not in path:
            whole = {**created.json(), "status": item["status"]}
            answer = self._http.put(f"{path}/status", json=whole)
            assert answer.status_code == 200, answer.text

    def forget(self) -> None:
        """Delete created objects. Namespaces stay in deletion, because no controller finishes it."""
        for path in reversed(self._created):
            self._http.delete(path, params={"gracePeriodSeconds": 0})
        self._created.clear()

    def _ready(self) -> bool:
        try:
            return self._http.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True)

    def _start(self, *command: str) -> None:
        log = self._ends.enter_context((self._folder / f"{command[0]}.log").open("wb"))
        process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log)
        self._ends.callback(process.wait, 20)
        self._ends.callback(process.kill)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
