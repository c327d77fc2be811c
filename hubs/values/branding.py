"""The appearance of the hub's own pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hubs.settings.hub import Hub
from hubs.values.provenance import reads

_GIT_IMAGE = "docker.io/alpine/git:2.47.2"
_FOLDER = "/usr/local/share/jupyterhub/custom_templates"
_TEMPLATES = [Path(__file__).parent / "in_the_hub" / name for name in ("login.html", "spawn.html")]


@reads("branding")
def branding(hub: Hub) -> dict[str, Any]:
    """Return template variables, and templates: custom ones from git, or a login page with the organizations and an
    options page that fits a phone."""
    variables: dict[str, Any] = {}
    if hub.branding.announcement:
        variables["announcement"] = hub.branding.announcement
    custom = hub.branding.template_variables
    if custom:
        variables["custom"] = custom
    result: dict[str, Any] = {"templateVars": variables} if variables else {}
    if hub.branding.templates is not None:
        result |= _from_git(hub.branding.templates.repository, hub.branding.templates.branch)
    elif custom:
        result["extraFiles"] = {
            path.name: {"mountPath": f"{_FOLDER}/{path.name}", "stringData": path.read_text(encoding="utf-8")}
            for path in _TEMPLATES
        }
        result["templatePaths"] = [_FOLDER]
    return {"hub": result} if result else {}


def _from_git(repository: str, branch: str) -> dict[str, Any]:
    # Clone into a subfolder of the mount, because git refuses to work in a folder that root owns.
    script = 'rm -rf /templates/repo && git clone --depth 1 --branch "$BRANCH" "$REPOSITORY" /templates/repo'
    return {
        "initContainers": [
            {
                "name": "templates",
                "image": _GIT_IMAGE,
                "command": ["/bin/sh", "-c", script],
                "env": [{"name": "REPOSITORY", "value": repository}, {"name": "BRANCH", "value": branch}],
                "securityContext": {"runAsUser": 1000, "runAsGroup": 1000, "allowPrivilegeEscalation": False},
                "volumeMounts": [{"name": "templates", "mountPath": "/templates"}],
            }
        ],
        "extraVolumes": [{"name": "templates", "emptyDir": {}}],
        "extraVolumeMounts": [
            {"name": "templates", "mountPath": _FOLDER, "subPath": "repo/templates"},
            {
                "name": "templates",
                "mountPath": "/usr/local/share/jupyterhub/static/extra-assets",
                "subPath": "repo/extra-assets",
            },
        ],
        "templatePaths": [_FOLDER],
    }
