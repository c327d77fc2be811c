"""A resource in a few words: what a person wants to see of each."""

from __future__ import annotations

from typing import Any

from hubs.preview.program import Registration
from hubs.preview.releases import RELEASE_TYPE


def title(resource: Registration) -> str:
    """The last part of the type, and the name."""
    return f"{resource.type.split(':')[-1]} {resource.name}"


def details(resource: Registration) -> list[str]:
    """What matters of the inputs, most telling first, and whether the resource is kept when it leaves the config."""
    found: list[str] = _DETAILS.get(resource.type, lambda _: [])(resource.inputs)
    if resource.retain_on_delete:
        found.append("kept when removed from the config")
    if resource.protect:
        found.append("protected")
    return found


def _release(inputs: dict[str, Any]) -> list[str]:
    chart = f"{inputs['chart']} {inputs.get('version', '')}".rstrip()
    origin = inputs.get("repositoryOpts", {}).get("repo")
    return [
        chart + (f" from {origin}" if origin else ""),
        f"in {inputs['namespace']}",
        *_release_values(inputs["values"]),
    ]


def _release_values(values: dict[str, Any]) -> list[str]:
    found: list[str] = []
    config = values.get("hub", {}).get("config", {})
    if authenticator := config.get("JupyterHub", {}).get("authenticator_class"):
        found.append(f"login: {authenticator}")
    if hosts := values.get("ingress", {}).get("hosts"):
        found.append(f"at {', '.join(hosts)}")
    if "storage" in values.get("singleuser", {}):
        found.append(f"homes: {values['singleuser']['storage']['type']}")
    profiles = values.get("singleuser", {}).get("profileList", [])
    if profiles:
        found.append(f"{len(profiles)} profile{'s' if len(profiles) > 1 else ''}")
    if prefix := values.get("config", {}).get("BinderHub", {}).get("image_prefix"):
        found.append(f"pushes to {prefix}")
    return found


def _volume(inputs: dict[str, Any]) -> list[str]:
    nfs = inputs["spec"].get("nfs", {})
    return [f"{nfs.get('server')}:{nfs.get('path')}"]


_DETAILS: dict[str, Any] = {
    RELEASE_TYPE: _release,
    "kubernetes:core/v1:Namespace": lambda inputs: [inputs["metadata"]["name"]],
    "kubernetes:core/v1:PersistentVolume": _volume,
    "kubernetes:core/v1:PersistentVolumeClaim": lambda inputs: [inputs["metadata"]["name"]],
    "pulumi:providers:kubernetes": lambda inputs: [
        f"context {inputs['context']}" if "context" in inputs else "kubeconfig"
    ],
    "gcp:artifactregistry/repository:Repository": lambda inputs: [
        f"{inputs['format']} in {inputs['location']}, {inputs['project']}"
    ],
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": lambda inputs: [
        inputs["role"],
        str(inputs["member"]),
    ],
    "gcp:serviceaccount/account:Account": lambda inputs: [inputs["accountId"]],
    "gcp:projects/service:Service": lambda inputs: [inputs["service"]],
}
