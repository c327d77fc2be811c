"""Run the program without an engine: `__main__.py` in this process, with a resource monitor that only records."""

from __future__ import annotations

import asyncio
import runpy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import mocks, rpc
from pulumi.runtime import resource as registering
from pulumi.runtime.proto import engine_pb2, provider_pb2, resource_pb2, source_pb2

from hubs.preview.configuration import configuration
from hubs.preview.releases import RELEASE_TYPE
from hubs.preview.secrets import UNKNOWN, Secret, named
from hubs.settings.errors import SettingsError
from hubs.settings.loader import PROJECT, ROOT
from hubs.settings.stack import Stack
from hubs.values.releases import CHARTS

# How special values are encoded for the engine
# (https://pulumi-developer-docs.readthedocs.io/latest/developer-docs/providers/wire-protocol.html).
_SIGNATURE = rpc._special_sig_key
_SECRET = rpc._special_secret_sig

# Random secrets become named placeholders, as secrets of the config do, so that two runs give the same plan.
_RANDOM = "random:index/randomBytes:RandomBytes"
_SERVICE = "kubernetes:core/v1:Service"


@dataclass(frozen=True)
class Registration:
    """A resource as the program registers it with the engine."""

    urn: str
    type: str
    name: str
    parent: str | None
    """URN."""
    inputs: dict[str, Any] = field(repr=False)
    """Keys are camelCase; secret leaves are `Secret`, values not known yet are UNKNOWN."""
    depends_on: list[str]
    """URNs, sorted: explicit dependencies, and resources whose outputs are inputs."""
    protect: bool
    retain_on_delete: bool


@dataclass(frozen=True)
class Program:
    """The resources that a run registered, parents first, with the stack's settings, its outputs and the run's
    warnings."""

    settings: Stack = field(repr=False)
    """Secrets are Pulumi outputs."""
    resources: list[Registration]
    outputs: dict[str, Any]
    warnings: list[str]


def run(stack: str, root: Path = ROOT) -> Program:
    """Run `__main__.py` of `root` with the stack's files. Needs no engine, passphrase, account or network.

    Raises SettingsError for mistakes in the files.
    """
    # The SDK records where in the code each resource is created. That takes an eighth of the time, and is unused here.
    if hasattr(registering, "_get_stack_trace"):
        registering._get_stack_trace = source_pb2.StackTrace
    monitor, log = _Monitor(), _Log()
    config = configuration(stack, root)
    settings = mocks.MockSettings(  # type: ignore[no-untyped-call]
        monitor=monitor,
        engine=log,
        project=PROJECT,
        stack=stack,
        dry_run=True,
        root_directory=str(root),
        organization="organization",
        monitor_features=set(),
        callbacks=None,
    )

    loaded: list[Stack] = []

    async def program() -> None:
        pulumi.runtime.settings.configure(settings)
        pulumi.runtime.set_all_config(config, [key for key, text in config.items() if "[secret " in text])
        await pulumi.runtime.run_in_stack(lambda: loaded.append(_main(root)))

    try:
        asyncio.run(program())
    except pulumi.RunError as error:
        if isinstance(error.__context__, SettingsError):
            raise error.__context__ from None
        raise
    return Program(loaded[0], _in_order(monitor.registered), monitor.outputs, log.warnings)


def _main(root: Path) -> Stack:
    """Run the program, and return the settings that it has loaded."""
    result = runpy.run_path(str(root / "__main__.py"), init_globals={"missing_secret": Secret}, run_name="__main__")
    settings: Stack = result["settings"]
    return settings


class _Monitor(mocks.MockMonitor):
    """Answers like an engine in a preview: inputs are known, outputs that a provider computes are not."""

    def __init__(self) -> None:
        self.registered: list[Registration] = []
        self.outputs: dict[str, Any] = {}
        self._stack_urn = ""

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn("" if request.parent == self._stack_urn else request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            self._stack_urn = urn
            return resource_pb2.RegisterResourceResponse(urn=urn)
        inputs = _plain(request.object)
        registration = Registration(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent or None,
            inputs=inputs,
            depends_on=sorted(request.dependencies),
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
        )
        self.registered.append(registration)
        state = struct_pb2.Struct()
        for key, value in request.object.fields.items():
            # The values of a release are large, and the program does not read them back.
            if not (key == "values" and request.type == RELEASE_TYPE):
                state.fields[key].CopyFrom(value)
        if request.type == _RANDOM:
            state["hex"] = {_SIGNATURE: _SECRET, "value": Secret(f"random {request.name}")}
        elif request.type == _SERVICE:
            del state["spec"]  # the cluster adds an address, so the output is not known
        return resource_pb2.RegisterResourceResponse(urn=urn, object=state)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        if request.urn == self._stack_urn:
            self.outputs = _plain(request.outputs)
        return empty_pb2.Empty()

    def ReadResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=request.properties)

    def Invoke(self, request: Any) -> Any:
        answer = struct_pb2.Struct()
        if request.tok == "pulumi:pulumi:readStackResourceOutputs":
            answer.update({"outputs": {}})  # what is deployed is not known
        elif request.tok == "gcp:artifactregistry/getRepository:getRepository":
            return resource_pb2.ResourceInvokeResponse(failures=[provider_pb2.CheckFailure(reason="not found")])
        else:
            answer.update({"number": UNKNOWN})  # the number of a project (gcp:organizations/getProject)
        return resource_pb2.ResourceInvokeResponse(**{"return": answer})


class _Log:
    """Receives log messages in place of the engine, and keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def Log(self, request: Any) -> Any:
        if request.severity >= engine_pb2.WARNING:
            self.warnings.append(request.message)
        return empty_pb2.Empty()


def _plain(struct: Any) -> dict[str, Any]:
    return {key: _value(value) for key, value in sorted(struct.fields.items())}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields:
            inner = _value(fields["value"]) if "value" in fields else UNKNOWN
            return named(inner) if _is_secret(fields) else inner
        return _plain(value.struct_value)
    if kind == "list_value":
        return [_value(item) for item in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value == rpc.UNKNOWN else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def _is_secret(fields: Any) -> bool:
    return bool(fields[_SIGNATURE].string_value == _SECRET)


_ORDER = (
    "pulumi:providers:kubernetes",
    "kubernetes:core/v1:Namespace",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "kubernetes:core/v1:ServiceAccount",
    "imagebuilding:hub:HomeDirectories",
    "imagebuilding:registry",
    "imagebuilding:hub:HubTokens",
    *(chart.component for chart in CHARTS),
)
_RANK = {kind: rank for rank, kind in enumerate(dict.fromkeys(_ORDER))}
"""The order in which the parts of a hub are created: types, or the beginning of types."""


def _rank(kind: str) -> int:
    return _RANK.get(kind, _RANK.get(kind.rpartition(":")[0], len(_RANK)))


def _in_order(resources: list[Registration]) -> list[Registration]:
    """Return parents before children, siblings by rank, type and name, so that the order is the same in every run."""
    children: dict[str | None, list[Registration]] = {}
    known = {resource.urn for resource in resources}
    for resource in sorted(resources, key=lambda item: (_rank(item.type), item.type, item.name)):
        children.setdefault(resource.parent if resource.parent in known else None, []).append(resource)
    result: list[Registration] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        resource = waiting.pop()
        result.append(resource)
        waiting.extend(reversed(children.get(resource.urn, [])))
    return result
