"""The two ends of the connection between hub and BinderHub: one function for each chart, from the same facts.

JupyterHub's side is a service (https://jupyterhub.readthedocs.io/en/stable/reference/services.html), BinderHub's side
the variables that `jupyterhub.services.auth` reads.
"""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.values.provenance import reads

NAME = "binder"
BASE_URL = f"/services/{NAME}"
"""jupyterhub-fancy-profiles looks for BinderHub exactly there."""
PORT = 8090
CLIENT_ID = f"service-{NAME}"
SERVICE = "binderhub"
"""Kubernetes Service of the binderhub-service chart, whose names have no prefix (fullnameOverride)."""


def callback_url(hub: Hub) -> str:
    """`oauth_redirect_uri` of the service and BinderHub's own callback: the same, to the letter."""
    return f"https://{hub.domain}{BASE_URL}/oauth_callback"


@reads("domain", wires="JupyterHub with BinderHub")
def jupyterhub_side(hub: Hub) -> dict[str, Any]:
    """The service that the hub knows. Its apiToken is a secret and stands with the others."""
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
    """BinderHub asks the hub who a request comes from, and lets in who has the scope for this service."""
    variables: dict[str, str] = {
        "JUPYTERHUB_API_URL": f"http://hub.{hub.namespace}.svc.cluster.local:8081/hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": CLIENT_ID,
        "JUPYTERHUB_OAUTH_CALLBACK_URL": callback_url(hub),
        # Without the name there is no scope to ask for, and every user of the hub may build, role or not.
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
        "config": {"BinderHub": {"base_url": BASE_URL, "auth_enabled": True, "enable_api_only_mode": True}},
    }
