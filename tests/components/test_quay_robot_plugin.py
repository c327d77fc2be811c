"""The managed robot in the process that the engine starts for it, with the engine's protocol."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped, unused-ignore]
import pytest
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped, unused-ignore]
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from components.registry.quay_robot_provider import QuayRobotProvider
from tests.doubles.quay import QuayDouble

ROOT = Path(__file__).parents[2]
TOKEN = "MARKER-api-token-8c3e"
URN = "urn:pulumi:earth::imagebuilding::pulumi-python:dynamic/imagebuilding:QuayRobotAccount::robot"


@pytest.fixture
def plugin() -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    command = [sys.executable, "-u", "-m", "pulumi.dynamic"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        process.kill()
        _, errors = process.communicate()
        assert b"MARKER" not in errors


def struct(**values: Any) -> Struct:
    result = Struct()
    result.update(values)
    return result


def configure(plugin: Any, token: str) -> None:
    secrets = json.dumps({"registry": {"token": token}})
    plugin.Configure(provider_pb2.ConfigureRequest(args=struct(**{"imagebuilding:secrets": secrets})))


def inputs(quay: QuayDouble, **changes: str) -> Struct:
    return struct(
        **{
            "__provider": serialize_provider(QuayRobotProvider()),
            "server": quay.url,
            "organization": "ocean",
            "robot": "earth_ocean_prod_image_builder",
            "owner": "earth/ocean/prod",
            "rotation": "2026-11",
            **changes,
        }
    )


def test_a_life(plugin: Any) -> None:
    with QuayDouble(token=TOKEN) as quay:
        configure(plugin, TOKEN)
        checked = plugin.Check(provider_pb2.CheckRequest(urn=URN, olds=struct(), news=inputs(quay)))
        assert not checked.failures
        created = plugin.Create(provider_pb2.CreateRequest(urn=URN, properties=checked.inputs))
        outs = created.properties
        assert created.id == "ocean+earth_ocean_prod_image_builder"
        assert outs["password"] == quay.robots["earth_ocean_prod_image_builder"]["token"]
        assert TOKEN not in str(outs)
        news = inputs(quay, rotation="2026-12")
        diff = plugin.Diff(provider_pb2.DiffRequest(id=created.id, urn=URN, olds=outs, news=news))
        assert diff.changes == provider_pb2.DiffResponse.DIFF_SOME
        updated = plugin.Update(provider_pb2.UpdateRequest(id=created.id, urn=URN, olds=outs, news=news)).properties
        assert updated["password"] != outs["password"]
        read = plugin.Read(provider_pb2.ReadRequest(id=created.id, urn=URN, properties=updated))
        assert read.properties == updated
        plugin.Delete(provider_pb2.DeleteRequest(id=created.id, urn=URN, properties=updated))
        assert quay.robots == {}
        assert plugin.Read(provider_pb2.ReadRequest(id=created.id, urn=URN, properties=updated)).id == ""


def test_an_error_is_one_line_without_the_token(plugin: Any) -> None:
    with QuayDouble(token="MARKER-another") as quay:
        configure(plugin, TOKEN)
        with pytest.raises(grpc.RpcError) as caught:
            plugin.Create(provider_pb2.CreateRequest(urn=URN, properties=inputs(quay)))
    details = caught.value.details()
    assert details.startswith("127.0.0.1 refuses the API token (401")
    assert "\n" not in details
    assert "MARKER" not in details
