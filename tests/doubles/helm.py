"""A stand-in for a Helm repository, with two charts."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from typing import Any

import yaml

from tests.doubles.server import Double, Reply, Request


def archive(name: str, version: str, kube_version: str = ">=1.28.0-0") -> bytes:
    """Return a chart archive like that of `helm package`, with the files that the checks read."""
    text = yaml.safe_dump({"apiVersion": "v2", "name": name, "version": version, "kubeVersion": kube_version}).encode()
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for path, content in ((f"{name}/charts/other/Chart.yaml", b"kubeVersion: wrong"), (f"{name}/Chart.yaml", text)):
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


JUPYTERHUB, BINDERHUB = archive("jupyterhub", "4.3.3"), archive("binderhub-service", "0.1.0", "")


def pin(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class HelmRepository(Double):
    """A Helm repository with an index and archives."""

    def __init__(self) -> None:
        super().__init__()
        entries = {
            "jupyterhub": [
                {"version": "4.4.0", "urls": ["jupyterhub-4.4.0.tgz"]},
                {"version": "4.3.3", "urls": ["archives/jupyterhub-4.3.3.tgz"], "kubeVersion": ">=1.28.0-0"},
            ],
            "binderhub-service": [{"version": "0.1.0", "urls": [f"{self.url}/elsewhere/binderhub-service-0.1.0.tgz"]}],
        }
        self.files = {
            "/charts/index.yaml": yaml.safe_dump({"apiVersion": "v1", "entries": entries}).encode(),
            "/charts/archives/jupyterhub-4.3.3.tgz": JUPYTERHUB,
            "/elsewhere/binderhub-service-0.1.0.tgz": BINDERHUB,
        }

    def answer(self, request: Request) -> Reply:
        content = self.files.get(request.path)
        return Reply(200, content) if content is not None else Reply(404, b"")

    def charts(self, **digests: str) -> dict[str, Any]:
        place = {"repository": f"{self.url}/charts/"}
        jupyterhub = {"name": "jupyterhub", "version": "4.3.3", **place, **digests}
        return {
            "jupyterhub": jupyterhub,
            "binderhub-service": {"name": "binderhub-service", "version": "0.1.0", **place},
        }
