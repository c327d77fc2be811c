"""A real registry (Debian's docker-registry) on loopback: without a login, with passwords, and with tokens.

The tests push images with the real protocol. The checks themselves only read.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from hubs.check.findings import Result, Status
from hubs.check.registry import Account, may_push
from hubs.clients.http import Http
from hubs.clients.oci import RefusedError, Registry
from tests.doubles.registry import RegistryDouble
from tests.doubles.server import wait_until

COMMAND = shutil.which("docker-registry") or shutil.which("docker-registry", path="/usr/bin:/usr/local/bin")
pytestmark = pytest.mark.skipif(COMMAND is None, reason="docker-registry not on PATH: the real registry is not asked")

USER, PASSWORD = "builder", "MARKER-builder-password"
# The output of `htpasswd -nbB` for the two
HTPASSWD = "builder:$2b$05$abcdefghijklmnopqrstuuhThJPcuJT/jliWUioreAgqnOsTAFUYC\n"
PREFIX = "ocean/earth-ocean-prod-"


@contextmanager
def started(folder: Path, auth: dict[str, Any]) -> Iterator[str]:
    """Run a registry on the loopback interface, and yield its host and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    config = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": host, "secret": "loopback"},
        **({"auth": auth} if auth else {}),
    }
    (folder / "config.yml").write_text(yaml.safe_dump(config))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(COMMAND), "serve", str(folder / "config.yml")], stdout=log, stderr=log)
        try:
            wait_until(lambda: answers(host) or process.poll() is not None, 20, "docker-registry")
            assert process.poll() is None, (folder / "log").read_text()
            yield host
        finally:
            process.kill()
            process.wait(10)


def answers(host: str) -> bool:
    try:
        return httpx.get(f"http://{host}/v2/").status_code in (200, 401)
    except httpx.HTTPError:
        return False


def push_image(host: str, name: str, tag: str, headers: dict[str, str]) -> str:
    """Push an image of one empty layer, with the protocol of `docker push`, and return its digest."""
    with httpx.Client(base_url=f"http://{host}", headers=headers) as client:
        content = b"{}"
        blob = f"sha256:{hashlib.sha256(content).hexdigest()}"
        begun = client.post(f"/v2/{name}/blobs/uploads/")
        assert begun.status_code == 202, begun.text
        place = httpx.URL(begun.headers["Location"]).copy_merge_params({"digest": blob})
        done = client.put(place, content=content)
        assert done.status_code == 201, done.text
        layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": blob, "size": len(content)}
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {**layer, "mediaType": "application/vnd.oci.image.config.v1+json"},
            "layers": [layer],
        }
        put = client.put(
            f"/v2/{name}/manifests/{tag}",
            content=json.dumps(manifest).encode(),
            headers={"Content-Type": str(manifest["mediaType"])},
        )
        assert put.status_code == 201, put.text
        return put.headers["Docker-Content-Digest"]


def last(host: str, http: Http, prefix: str = PREFIX, **account: Any) -> Result:
    results = list(may_push(Account(host, prefix, **account), http))
    assert "MARKER" not in str(results)
    return results[-1]


def test_without_a_login(tmp_path: Path, http: Http) -> None:
    with started(tmp_path, {}) as host:
        digest = push_image(host, "jupyter/scipy-notebook", "2026", {})
        registry = Registry(host, http)
        assert registry.head_manifest("jupyter/scipy-notebook", "2026") == digest
        assert registry.head_manifest("jupyter/scipy-notebook", digest) == digest
        assert registry.head_manifest("jupyter/scipy-notebook", "2027") is None
        assert registry.head_manifest("jupyter/none", "2026") is None
        assert "lets anyone push" in last(host, http, username=None, password=None).message


def test_with_passwords(tmp_path: Path, http: Http) -> None:
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    auth = {"htpasswd": {"realm": "loopback", "path": str(tmp_path / "htpasswd")}}
    with started(tmp_path, auth) as host:
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        digest = push_image(host, "ocean/built", "1", {"Authorization": f"Basic {basic}"})
        assert Registry(host, http, username=USER, password=PASSWORD).head_manifest("ocean/built", "1") == digest
        with pytest.raises(RefusedError, match="401"):
            Registry(host, http).head_manifest("ocean/built", "1")
        assert last(host, http, username=USER, password=PASSWORD).status is Status.OK
        wrong = last(host, http, username=USER, password="MARKER-wrong")
        assert (wrong.status, "wrong password" in wrong.message) == (Status.FAILED, True)


class SigningRealm(RegistryDouble):
    """The stand-in's realm, with tokens that a real registry accepts because it has the certificate."""

    def __init__(self, folder: Path, service: str) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        super().__init__()
        self._service = service
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .sign(self._key, hashes.SHA256())
        )
        (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self._x5c = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()

    @property
    def host(self) -> str:
        return self._service if self._serving else super().host

    _serving = False

    def answer(self, request: Any) -> Any:
        self._serving = True  # the service in the challenge is the registry, not this realm
        try:
            return super().answer(request)
        finally:
            self._serving = False

    def encode(self, access: list[dict[str, Any]]) -> str:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        now = int(datetime.datetime.now(datetime.UTC).timestamp())
        header = {"typ": "JWT", "alg": "ES256", "x5c": [self._x5c]}
        claims: dict[str, Any] = {"iss": "loopback", "sub": "builder", "aud": self._service, "access": access}
        claims |= {"exp": now + 300, "nbf": now - 10, "iat": now, "jti": "1"}
        text = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{part(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.fixture
def with_tokens(tmp_path: Path) -> Iterator[str]:
    pytest.importorskip("cryptography", reason="cryptography is not installed: no tokens can be signed")
    service = "registry.loopback"
    with SigningRealm(tmp_path, service) as realm:
        from tests.doubles.registry import Account as Known

        realm.organizations |= {"ocean", "land"}
        realm.accounts[USER] = Known(PASSWORD, push=["ocean/"], pull=["land/"])
        bundle = str(tmp_path / "certificate.pem")
        token = {
            "realm": f"{realm.url}/service/token",
            "service": service,
            "issuer": "loopback",
            "rootcertbundle": bundle,
        }
        with started(tmp_path, {"token": token}) as host:
            yield host


def test_with_tokens(with_tokens: str, http: Http) -> None:
    host = with_tokens
    account = {"username": USER, "password": PASSWORD}
    assert last(host, http, **account).status is Status.OK
    assert "wrong password" in last(host, http, username=USER, password="MARKER-wrong").message
    assert "there is no organization lake" in last(host, http, "lake/x-", **account).message
    assert "may not create images in land" in last(host, http, "land/x-", **account).message

    # The check was right: the same token allows one push, and another one does not.
    mine = Registry(host, http, username=USER, password=PASSWORD)
    token = mine.token(f"repository:{PREFIX}image:pull,push").value
    digest = push_image(host, f"{PREFIX}image", "1", {"Authorization": f"Bearer {token}"})
    assert mine.head_manifest(f"{PREFIX}image", "1") == digest
    refused = mine.token("repository:land/image:pull,push").value
    answer = httpx.post(f"http://{host}/v2/land/image/blobs/uploads/", headers={"Authorization": f"Bearer {refused}"})
    assert answer.status_code == 401
    with pytest.raises(RefusedError):
        Registry(host, http).head_manifest(f"{PREFIX}image", "1")
