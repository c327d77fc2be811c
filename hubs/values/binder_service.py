"""The connection between hub and BinderHub: one function for each chart's values, both based on the same constants.

On JupyterHub's side it is a service (https://jupyterhub.readthedocs.io/en/stable/reference/services.html), on
BinderHub's side the environment variables that `jupyterhub.services.auth` reads.
"""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.values.provenance import reads

NAME = "binder"
BASE_URL = f"/services/{NAME}"
"""This path is hard-coded in jupyterhub-fancy-profiles."""
PORT = 8090
CLIENT_ID = f"service-{NAME}"
SERVICE = "binderhub"
"""Kubernetes Service of the binderhub-service chart, whose names have no prefix (fullnameOverride)."""


def callback_url(hub: Hub) -> str:
    """Return the callback URL, which must be identical in the hub's service and in BinderHub."""
    return f"https://{hub.domain}{BASE_URL}/oauth_callback"


@reads("domain", wires="JupyterHub with BinderHub")
def jupyterhub_side(hub: Hub) -> dict[str, Any]:
    """Return the values of the hub's service, without its apiToken, which is a secret."""
    return {
        "hub": {
            "services": {
                NAME: {
                    "url": f"http://{SERVICE}:{PORT}",
                    "oauth_client_id": CLIENT_ID,
                    "oauth_redirect_uri": callback_url(hub),
                    "oauth_no_confirm": True,
                    "display": False,
                }
            }
        }
    }


@reads("domain", "namespace", wires="BinderHub with JupyterHub")
def binderhub_side(hub: Hub) -> dict[str, Any]:
    """Return BinderHub's values: it authenticates requests with the hub, and allows users with the service's scope."""
    hub_url = f"http://hub.{hub.namespace}.svc.cluster.local:8081/"
    variables: dict[str, str] = {
        "JUPYTERHUB_API_URL": f"{hub_url}hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": CLIENT_ID,
        "JUPYTERHUB_OAUTH_CALLBACK_URL": callback_url(hub),
        # Without the name there is no scope to check, so every user of the hub may build, whatever their roles.
        "JUPYTERHUB_SERVICE_NAME": NAME,
    }
    token = {"secretKeyRef": {"name": "hub", "key": f"hub.services.{NAME}.apiToken"}}
    return {
        "fullnameOverride": "",
        "service": {"port": PORT},
        "extraEnv": [
            {"name": "JUPYTERHUB_API_TOKEN", "valueFrom": token},
            *({"name": name, "value": value} for name, value in variables.items()),
        ],
        "config": {
            "BinderHub": {
                "base_url": BASE_URL,
                "auth_enabled": True,
                "enable_api_only_mode": True,
                # BinderHub's /health asks this address. Without it, it asks `http://hub/`, where nothing answers.
                "hub_url_local": hub_url,
            }
        },
    }
