"""A community that uses everything that a hub's page can show, through the real settings and values."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import yaml

from hubs.page.site import Target
from hubs.settings.loader import ROOT, load
from hubs.values.registry import RegistryAccess
from hubs.values.releases import releases
from hubs.values.tokens import Tokens

MARKER = "marker-secret-d41d8cd98f00b204e9800998ecf8427e"
"""Part of every secret. It must not appear anywhere."""
DOMAIN = "ocean.example.org"
GPU, BUILDERS, ADMINS = "ocean:gpu", "ocean:builders", "ocean:admins"
OCEAN = "ocean"
"""The organization whose members may log in."""

STACK = """
config:
  kubernetes:context: earth
  imagebuilding:cluster: {name: earth}
  imagebuilding:registry: {type: oci, host: registry.example.org, prefix: hubs}
  imagebuilding:secrets:
    ocean:
      auth: {client_id: {secure: v1}, client_secret: {secure: v1}}
      registry: {username: {secure: v1}, password: {secure: v1}}
"""
COMMUNITY = """
display_name: Ocean Observatory
domain: ocean.example.org
auth: {type: github, allow: [ocean, "ocean:gpu"], admins: [ada], admin_groups: ["ocean:admins"]}
build: {groups: ["ocean:builders"]}
branding:
  organization: {name: Ocean Observatory, url: "https://ocean.example.org/about"}
  announcement: Back at <b>nine</b>
environment: {SCRATCH: "gs://ocean/$(JUPYTERHUB_USER)"}
profiles:
  - display_name: Science
    description: Notebooks on CPUs
    slug: science
    images:
      scipy: {display_name: SciPy & friends, description: "Plots, <statistics>", image: "quay.io/jupyter/scipy:2026"}
      pangeo: {display_name: Pangeo, description: Dask, image: "pangeo/notebook:2026", default_url: /rstudio}
    profile_options:
      size:
        display_name: Size
        choices:
          small:
            display_name: Small
            description: 2 GB
            default: true
            kubespawner_override: {mem_limit: 2G, mem_guarantee: 1G, cpu_limit: 1}
          large:
            display_name: Large
            description: 16 GB
            kubespawner_override: {mem_limit: 16G, cpu_guarantee: 3.5, node_selector: {size: large}}
          huge:
            display_name: Huge
            description: For the group only
            allowed_groups: ["ocean:gpu"]
            kubespawner_override: {mem_limit: 128G}
  - display_name: Fixed
    description: No building, nothing to type in
    slug: fixed
    profile_options:
      image:
        display_name: Image
        dynamic_image_building: {enabled: false}
        unlisted_choice: {enabled: false}
        choices:
          one: {display_name: One, kubespawner_override: {image: "registry.example.org/one:1"}}
          two: {display_name: Two, kubespawner_override: {image: "registry.example.org/two:2"}}
  - display_name: GPU
    description: One T4
    slug: gpu
    allowed_groups: ["ocean:gpu"]
    kubespawner_override:
      image: registry.example.org/gpu:1
      extra_resource_limits: {nvidia.com/gpu: "1"}
      node_selector: {accelerator: t4}
hubs:
  prod: {}
"""


def target(directory: Path, community: str = COMMUNITY) -> Target:
    """Return the hub `ocean/prod` of a stack written to `directory`. All of its secrets contain the marker."""
    (directory / "stacks" / "earth").mkdir(parents=True, exist_ok=True)
    (directory / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (directory / "stacks" / "Pulumi.earth.yaml").write_text(textwrap.dedent(STACK))
    (directory / "stacks" / "earth" / "ocean.yaml").write_text(community)
    config = {k: v if isinstance(v, str) else json.dumps(v) for k, v in yaml.safe_load(STACK)["config"].items()}
    config["imagebuilding:secrets"] = json.dumps(_decrypted(yaml.safe_load(STACK)["config"]["imagebuilding:secrets"]))
    loaded = load("earth", config, root=directory)
    hub = loaded.hub("ocean/prod")
    access = RegistryAccess(
        url="https://registry.example.org",
        image_prefix="registry.example.org/hubs/earth-ocean-prod-",
        username="robot",
        password=f"{MARKER}-registry",
        pull_secret=True,
    )
    tokens = Tokens(f"{MARKER}-proxy", f"{MARKER}-cookie", f"{MARKER}-crypt", f"{MARKER}-binder")
    values = {release.key: release.values(access, tokens).data for release in releases(loaded, hub)}
    return Target(
        title=hub.key,
        domain=hub.domain,
        release=hub.slug,
        namespace=hub.namespace,
        jupyterhub=values["jupyterhub"],
        binderhub=values["binderhub-service"],
    )


def _decrypted(node: Any, path: str = MARKER) -> Any:
    """Return secrets in the form in which Pulumi passes them to a program."""
    if isinstance(node, dict) and set(node) == {"secure"}:
        return path
    return {key: _decrypted(value, f"{path}-{key}") for key, value in node.items()}
