"""Docker Hub, whose names differ by where they are used.

Images are named `docker.io/owner/name`, the API answers at `registry-1.docker.io`, and Docker's `config.json` has the
credentials below `https://index.docker.io/v1/`. BinderHub expects the same three (binderhub/registry.py), and so do the
kubelet (kubernetes/pkg/credentialprovider/keyring.go) and Docker (distribution/reference, registry/config.go).
Any other registry has one name for all of it.
"""

from __future__ import annotations

NAME = "docker.io"
"""In the names of images."""
API = "registry-1.docker.io"
"""Host of the registry's API."""
CONFIG_KEY = "https://index.docker.io/v1/"
"""Key of its credentials in Docker's `config.json`, and in the Secrets that nodes pull with."""
SPELLINGS = (NAME, "index.docker.io", API, "registry.hub.docker.com", "hub.docker.com")
"""All hosts that people write for Docker Hub. The first two name the same images to Docker itself."""


def is_docker_hub(host: str) -> bool:
    """Return whether a host, with or without the port 443, is Docker Hub."""
    return host.lower().removesuffix(":443") in SPELLINGS


def image_host(host: str) -> str:
    """Return the host as it is written in the names of images."""
    return NAME if is_docker_hub(host) else host


def api_host(host: str) -> str:
    """Return the host that answers requests to the registry's API."""
    return API if is_docker_hub(host) else host


def config_key(host: str, otherwise: str) -> str:
    """Return the key of the host's credentials in Docker's `config.json`: `otherwise`, except for Docker Hub."""
    return CONFIG_KEY if is_docker_hub(host) else otherwise
