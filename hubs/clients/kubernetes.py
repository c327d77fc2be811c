"""A client of a cluster. It uses the stack's context of the kubeconfig, never the current context.

It only reads, except for `create` and `delete`.
"""

from __future__ import annotations

import json
import threading
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from hubs.clients.errors import ClientError

CONNECT_SECONDS, READ_SECONDS = 5.0, 20.0
PAGE = 500
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
"""Requests names and labels of objects without their content, so no secrets of Secrets."""


class ClusterError(ClientError):
    """The cluster does not answer, or the account may not read something."""


class Cluster:
    """A cluster's API, with one context of a kubeconfig. Connects at the first request. Safe for several threads.

    `kubeconfig`: its content (YAML or JSON), or None for the user's own file (`KUBECONFIG`, `~/.kube/config`).
    Every method raises ClusterError.
    """

    def __init__(self, context: str | None, kubeconfig: str | None = None) -> None:
        self._context = context
        self._kubeconfig = kubeconfig
        self._lock = threading.Lock()
        self._client: Any = None
        self._unreachable: ClusterError | None = None
        self._known: dict[str, Any] = {}

    def get(self, path: str, accept: str = "application/json") -> Any:
        """Return the object or list at `path`, or None if there is none. Each path is read only once."""
        key = f"{accept} {path}"
        with self._lock:
            if key not in self._known:
                self._known[key] = self._get(path, accept)
            return self._known[key]

    def list(self, path: str, *, accept: str = "application/json", **query: str) -> list[dict[str, Any]]:
        """Return all items at `path`. Returns an empty list if the cluster does not have this kind of object."""
        items: list[dict[str, Any]] = []
        page: dict[str, str] = {**query, "limit": str(PAGE)}
        while True:
            answer = self.get(f"{path}?{urlencode(page)}", accept)
            if answer is None:
                return []
            items += answer.get("items") or []
            more = (answer.get("metadata") or {}).get("continue")
            if not more:
                return items
            page["continue"] = more

    def version(self) -> str:
        """Return the cluster's version, such as `v1.35.4`."""
        return str((self.get("/version") or {}).get("gitVersion", ""))

    def _get(self, path: str, accept: str) -> Any:
        status, body = self._send(path, accept)
        if status == HTTPStatus.NOT_FOUND:
            return None
        what = path.partition("?")[0]
        if status == HTTPStatus.FORBIDDEN:
            raise ClusterError(f"the kubeconfig's account may not read {what}")
        if status == HTTPStatus.UNAUTHORIZED:
            raise ClusterError("the cluster rejects the kubeconfig's credentials (401)", "log in to the cluster again")
        if status != HTTPStatus.OK:
            raise ClusterError(f"the cluster answers {status} to {what}")
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ClusterError(f"the cluster's answer to {what} can't be read")
        return answer

    def send(self, path: str) -> tuple[int, bytes]:
        """Return status and body of `GET path`, for a service behind the API server's proxy."""
        with self._lock:
            return self._send(path, "*/*")

    def read(self, path: str) -> Any:
        """Return the object at `path` as it is now, or None."""
        with self._lock:
            return self._get(path, "application/json")

    def create(self, path: str, manifest: dict[str, Any]) -> None:
        """Create an object in the collection `path`. Only the probe of network policies writes to a cluster."""
        self._write("POST", path, manifest, HTTPStatus.CREATED)

    def delete(self, path: str) -> None:
        """Delete the object at `path`, if there is one."""
        self._write("DELETE", path, None, HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NOT_FOUND)

    def _write(self, method: str, path: str, body: dict[str, Any] | None, *expected: int) -> None:
        with self._lock:
            status, _ = self._send(path, "application/json", method, body)
        if status not in expected:
            word = "create" if method == "POST" else "delete"
            raise ClusterError(
                f"the account may not {word} {path}"
                if status == HTTPStatus.FORBIDDEN
                else f"the cluster answers {status} to {method} {path}"
            )

    def _send(
        self, path: str, accept: str, method: str = "GET", body: dict[str, Any] | None = None
    ) -> tuple[int, bytes]:
        import urllib3

        client = self._connected()
        settings = client.configuration
        headers = {"Accept": accept}
        for setting in settings.auth_settings().values():
            if setting["in"] == "header" and setting["value"]:
                headers[setting["key"]] = setting["value"]
        try:
            answer = client.rest_client.pool_manager.request(
                method,
                f"{settings.host.rstrip('/')}{path}",
                headers=headers if body is None else {**headers, "Content-Type": "application/json"},
                body=None if body is None else json.dumps(body),
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
                retries=False,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            # The text of these errors contains host and reason, but not the headers with the token.
            reason = f"the cluster can't be reached ({type(error).__name__})"
            self._unreachable = ClusterError(reason, f"check that `kubectl --context {self._context} version` works")
            raise self._unreachable from None
        return int(answer.status), bytes(answer.data)

    def _connected(self) -> Any:
        if self._unreachable:
            raise self._unreachable
        if self._client is None:
            try:
                self._client = self._connect()
            except ClusterError as error:
                self._unreachable = error
                raise
        return self._client

    def _connect(self) -> Any:
        import urllib3

        from hubs.settings.errors import SettingsError
        from hubs.settings.layers import plain
        from hubs.settings.yaml_file import parse

        try:
            from kubernetes import config
        except ImportError:
            raise ClusterError(
                "Python's kubernetes client is not installed", "run `make setup`, which installs it"
            ) from None
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the kubeconfig says whether to verify
        try:
            if self._kubeconfig is None:
                return config.new_client_from_config(context=self._context)  # type: ignore[no-untyped-call]
            data = plain(parse(self._kubeconfig, "kubeconfig"))
            return config.new_client_from_config_dict(  # type: ignore[no-untyped-call]
                data, context=self._context, persist_config=False
            )
        except config.ConfigException as error:
            # The text quotes the kubeconfig's path, names and what is missing, never its credentials.
            raise ClusterError(f"no cluster: {error}", f"add the context {self._context} to your kubeconfig") from None
        except (OSError, ValueError, TypeError, AttributeError, SettingsError) as error:
            raise ClusterError(f"no cluster: the kubeconfig can't be used ({type(error).__name__})") from None
