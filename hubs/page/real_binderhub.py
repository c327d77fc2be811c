"""Run the real BinderHub instead of the local build service, if it is installed.

BinderHub's configuration consists of `config` and `extraConfig` of the values, as in the binderhub-service chart, and
the overrides that a machine without Kubernetes needs: local repo2docker builder, no registry, loopback interface.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import binderhub.app
from binderhub.build import ProgressEvent
from binderhub.build_local import LocalRepo2dockerBuild
from binderhub.quota import LaunchQuota
from binderhub.registry import FakeRegistry
from tornado.httpserver import HTTPServer
from traitlets import Unicode
from traitlets.config import Config

from hubs.page.build import missing
from hubs.page.build_service import WhoAmI
from hubs.page.parent import end_with_parent
from hubs.page.site import SITE_FILE, Site


class LoopbackServer(HTTPServer):
    """A server on the loopback interface. In its pod BinderHub listens on every interface."""

    def listen(self, port: int, *_: Any, **__: Any) -> None:
        """Listen on 127.0.0.1 only."""
        super().listen(port, "127.0.0.1")


class NoDocker(LocalRepo2dockerBuild):  # type: ignore[misc]
    """A build that fails with a message, because this machine can't build images."""

    problem = Unicode(config=True)

    def submit(self) -> None:
        """Write the message to the log on the page, and end the build."""
        message = f"Image name: {self.image_name}\nThe image was not built: {self.problem}.\n"
        self.progress(ProgressEvent.Kind.LOG_MESSAGE, json.dumps({"phase": "unknown", "message": message}))
        self.progress(ProgressEvent.Kind.BUILD_STATUS_CHANGE, ProgressEvent.BuildStatus.FAILED)


def configuration(site: Site) -> Config:
    """Return BinderHub's configuration for the site's values."""
    values = site.binderhub or {}
    c = Config()
    for section, traits in (values.get("config") or {}).items():
        c[section].update(traits or {})
    # The chart sets these variables in BinderHub's pod; snippets may read them.
    os.environ |= {"HELM_RELEASE_NAME": site.release, "NAMESPACE": site.namespace, "BUILD_NAMESPACE": site.namespace}
    scope: dict[str, Any] = {"c": c, "os": os}
    for name, code in sorted((values.get("extraConfig") or {}).items()):
        exec(compile(code or "", f"extraConfig.{name}", "exec"), scope)  # noqa: S102 - the chart does the same
    own = c.BinderHub
    own.port = site.builder
    own.builder_required = False
    own.launch_quota_class = LaunchQuota
    own.hub_url = own.hub_url_local = f"{site.url}/"
    c.NoDocker.problem = asyncio.run(missing())
    if c.NoDocker.problem:
        own.build_class, own.use_registry, own.registry_class = NoDocker, True, FakeRegistry
    else:
        own.build_class, own.use_registry = LocalRepo2dockerBuild, False
    return c


def main() -> None:
    """Serve builds with the site's values until the process is stopped."""
    end_with_parent()
    site = Site.load(os.environ[SITE_FILE])
    binderhub.app.HTTPServer = LoopbackServer
    app = binderhub.app.BinderHub(config=configuration(site))
    app.initialize([])
    if app.auth_enabled:
        # In API-only mode BinderHub has no pages, so there is none to log in to with a browser.
        app.tornado_app.add_handlers(".*", [(app.base_url.rstrip("/") + "/?", WhoAmI)])
    app.start()


if __name__ == "__main__":
    main()
