"""A provider plugin in place of Google Cloud's. The engine talks to it, and it remembers repositories.

As Google does, it refuses to create a repository that exists, reads one by its ID, and finds it by its name. Of other
types, inputs become outputs. Run it with a folder as argument: repositories are files in it.
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import _special_secret_sig, _special_sig_key

VERSION = "99.0.0"
REPOSITORY = "gcp:artifactregistry/repository:Repository"
REPLACE = {
    "repositoryId",
    "location",
    "accountId",
    "project",
    "serviceAccountId",
    "keepers",
    "role",
    "member",
    "service",
}


def struct(data: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(data, struct_pb2.Struct())


def plain(message: struct_pb2.Struct) -> dict[str, Any]:
    return dict(json_format.MessageToDict(message))


def unwrapped(value: Any) -> Any:
    """Return the value without marks of secrets."""
    if isinstance(value, dict):
        if value.get(_special_sig_key) == _special_secret_sig:
            return unwrapped(value["value"])
        return {key: unwrapped(item) for key, item in value.items()}
    return [unwrapped(item) for item in value] if isinstance(value, list) else value


def computed(kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs that Google computes."""
    project = inputs.get("project")
    if kind == REPOSITORY:
        return {"name": inputs["repositoryId"]}
    if kind.endswith(":Account"):
        email = f"{inputs['accountId']}@{project}.iam.gserviceaccount.com"
        account = {"name": f"projects/{project}/serviceAccounts/{email}", "email": email}
        return {**account, "member": f"serviceAccount:{email}"}
    if kind.endswith(":Key"):
        key = json.dumps({"private_key": f"RIG-KEY-{secrets.token_hex(8)}"}).encode()
        return {"privateKey": {_special_sig_key: _special_secret_sig, "value": base64.b64encode(key).decode()}}
    return {"etag": "1"}


class Gcp(provider_pb2_grpc.ResourceProviderServicer):
    """Answers as the real plugin, as far as the program needs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def Handshake(self, _request: Any, _context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, _request: Any, _context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "gcp", "version": VERSION}))

    def CheckConfig(self, request: Any, _context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, _request: Any, _context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, _request: Any, _context: Any) -> Any:
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True
        )

    def Check(self, request: Any, _context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, _context: Any) -> Any:
        old, new = unwrapped(plain(request.old_inputs)), unwrapped(plain(request.news))
        keys = sorted(key for key in {*old, *new} if not key.startswith("__") and old.get(key) != new.get(key))
        response = provider_pb2.DiffResponse
        return response(
            changes=response.DIFF_SOME if keys else response.DIFF_NONE,
            diffs=keys,
            replaces=[key for key in keys if key in REPLACE],
        )

    def Create(self, request: Any, context: Any) -> Any:
        kind, inputs = _kind(request.urn), plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        id_ = secrets.token_hex(6)
        if kind == REPOSITORY:
            id_ = _id(inputs)
            if self._file(id_).exists():
                context.abort(
                    grpc.StatusCode.ALREADY_EXISTS,
                    "Error creating Repository: googleapi: Error 409: the repository already exists.",
                )
            self._file(id_).write_text(json.dumps(unwrapped(inputs)))
        return provider_pb2.CreateResponse(id=id_, properties=struct({**inputs, **computed(kind, unwrapped(inputs))}))

    def Update(self, request: Any, _context: Any) -> Any:
        inputs = plain(request.news)
        if _kind(request.urn) == REPOSITORY and not request.preview:
            self._file(request.id).write_text(json.dumps(unwrapped(inputs)))
        return provider_pb2.UpdateResponse(properties=struct({**plain(request.olds), **inputs}))

    def Delete(self, request: Any, _context: Any) -> Any:
        if _kind(request.urn) == REPOSITORY:
            self._file(request.id).unlink()
        return empty_pb2.Empty()

    def Read(self, request: Any, _context: Any) -> Any:
        if _kind(request.urn) != REPOSITORY:
            return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
        if not self._file(request.id).exists():
            return provider_pb2.ReadResponse()
        stored = json.loads(self._file(request.id).read_text())
        outputs = struct({**stored, **computed(REPOSITORY, stored)})
        return provider_pb2.ReadResponse(id=request.id, properties=outputs, inputs=struct(stored))

    def Invoke(self, request: Any, context: Any) -> Any:
        arguments = plain(request.args)
        if request.tok == "gcp:artifactregistry/getRepository:getRepository":
            id_ = _id(arguments)
            if not self._file(id_).exists():
                context.abort(
                    grpc.StatusCode.UNKNOWN, f"invocation of {request.tok} returned an error: {id_} not found"
                )
            return provider_pb2.InvokeResponse(**{"return": struct({"id": id_, "name": arguments["repositoryId"]})})
        return provider_pb2.InvokeResponse(**{"return": struct({"number": "123456789012"})})

    def Cancel(self, _request: Any, _context: Any) -> Any:
        return empty_pb2.Empty()

    def Attach(self, _request: Any, _context: Any) -> Any:
        return empty_pb2.Empty()

    def _file(self, id_: str) -> Path:
        return self._folder / id_.replace("/", "+")


def _kind(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", maxsplit=1)[-1]


def _id(inputs: dict[str, Any]) -> str:
    return f"projects/{inputs['project']}/locations/{inputs['location']}/repositories/{inputs['repositoryId']}"


def main() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Gcp(Path(sys.argv[1])), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
