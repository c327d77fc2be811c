"""The chart binderhub-service: BinderHub as a service of the hub, and the Docker daemon that builds images."""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values import binder_service, build_limits, jupyterhub, placement, registry
from hubs.values.nulls import without_list_nulls
from hubs.values.provenance import Layer, layer, reads
from hubs.values.release import HubChart, Inputs, Restart
from hubs.values.safety import block_network

DOCKER_IMAGE = (
    "docker.io/library/docker:27.5.1-dind@sha256:aa3df78ecf320f5fafdce71c659f1629e96e9de0968305fe1de670e0ca9176ce"
)
"""The version that binderhub-service 0.1.0-0.dev.git.336 installs. The digest is the one of all platforms, as public
repositories pin it for this tag."""


def _layers(inputs: Inputs) -> list[Layer]:
    stack, hub, access = inputs.stack, inputs.hub, inputs.access
    return [
        layer(binder_service.binderhub_side, hub),
        layer(isolation, stack),
        layer(docker_daemon),
        layer(build_image, hub),
        layer(build_cache, stack),
        layer(build_limits.docker_arguments, stack),
        layer(build_limits.resources, stack, hub),
        layer(build_limits.how_many, hub),
        layer(build_limits.repositories, hub),
        layer(build_limits.closed),
        layer(placement.binderhub_pods, stack),
        layer(placement.builds, stack, hub),
        layer(registry.binderhub_side, access),
    ]


@reads("cluster.build_egress")
def isolation(stack: Stack) -> dict[str, Any]:
    """Network restrictions of builds. The chart's own policies allow more than `hubs.values.network_policies`."""
    block = block_network(metadata=True, opened=stack.cluster.build_egress)
    return {"networkPolicy": {"enabled": False}, "dockerApi": {"initContainers": [block]}}


def docker_daemon() -> dict[str, Any]:
    """The image of the Docker daemon. It is privileged, so it is pinned by its digest."""
    repository, _, tag = DOCKER_IMAGE.partition(":")
    return {"dockerApi": {"image": {"repository": repository, "tag": tag}}}


@reads("build.image")
def build_image(hub: Hub) -> dict[str, Any]:
    """The image of repo2docker."""
    return {"config": {"KubernetesBuildExecutor": {"build_image": hub.build.image}}}


@reads("cluster.build_cache")
def build_cache(stack: Stack) -> dict[str, Any]:
    """Limit of the Docker daemon's cache."""
    if stack.cluster.build_cache is None:
        return {}
    return {"dockerApi": {"storage": {"emptyDir": {"sizeLimit": stack.cluster.build_cache}}}}


CHART = HubChart(
    key="binderhub-service",
    component="imagebuilding:hub:BinderHub",
    name=lambda hub: f"{hub.slug}-binderhub",
    layers=_layers,
    secrets=lambda inputs: [
        layer(registry.binderhub_password, inputs.access),
        layer(build_limits.github_token, inputs.hub),
    ],
    after=(jupyterhub.CHART.key,),  # its pod reads the Secret `hub` that the jupyterhub release creates
    finish=lambda values: without_list_nulls(values)[0],
    restarts={
        "binderhub": Restart("build service restarts (running builds lose their log)"),
        "docker-api": Restart("build Docker daemon restarts (running builds fail)", disturbs=True),
    },
)
