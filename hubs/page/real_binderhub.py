"""The real BinderHub in place of the local build service, where it is installed: its own handlers, on this machine.

BinderHub's configuration is the values' `config` and `extraConfig`, as the binderhub-service chart gives it, and then
only what a machine without Kubernetes needs: its local repo2docker builder, no registry, the loopback interface.
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
    """BinderHub listens on every interface of its pod; here on one."""

    def listen(self, port: int, *_: Any, **__: Any) -> None:
        """On 127.0.0.1 only."""
        super().listen(port, "127.0.0.1")


class NoDocker(LocalRepo2dockerBuild):  # type: ignore[misc]
    """Says that there is nothing to build with."""

    lacking = Unicode(config=True)

    def submit(self) -> None:
        """A line in the log that the page shows, and the end."""
        message = f"The image's name: {self.image_name}\nNothing was built: {self.lacking} on this machine.\n"
        self.progress(ProgressEvent.Kind.LOG_MESSAGE, json.dumps({"phase": "unknown", "message": message}))
        self.progress(ProgressEvent.Kind.BUILD_STATUS_CHANGE, ProgressEvent.BuildStatus.FAILED)


def configuration(site: Site) -> Config:
    """BinderHub's configuration for the site's values."""
    values = site.binderhub or {}
    c = Config()
    for section, traits in (values.get("config") or {}).items():
        c[section].update(traits or {})
    # The chart sets these in BinderHub's pod; snippets may ask for them.
    os.environ |= {"HELM_RELEASE_NAME": site.release, "NAMESPACE": site.namespace, "BUILD_NAMESPACE": site.namespace}
    scope: dict[str, Any] = {"c": c, "os": os}
    for name, code in sorted((values.get("extraConfig") or {}).items()):
        exec(compile(code or "", f"extraConfig.{name}", "exec"), scope)  # noqa: S102 - the chart runs them like this
    own = c.BinderHub
    own.port = site.builder
    own.builder_required = False
    own.launch_quota_class = LaunchQuota
    own.hub_url = own.hub_url_local = f"{site.url}/"
    c.NoDocker.lacking = asyncio.run(missing())
    if c.NoDocker.lacking:
        own.build_class, own.use_registry, own.registry_class = NoDocker, True, FakeRegistry
    else:
        own.build_class, own.use_registry = LocalRepo2dockerBuild, False
    return c


def main() -> None:
    """Serves the site's values until ended."""
    end_with_parent()
    site = Site.load(os.environ[SITE_FILE])
    binderhub.app.HTTPServer = LoopbackServer
    app = binderhub.app.BinderHub(config=configuration(site))
    app.initialize([])
    if app.auth_enabled:
        # In API-only mode BinderHub has no page of its own, so nothing to log in to with a browser.
        app.tornado_app.add_handlers(".*", [(app.base_url.rstrip("/") + "/?", WhoAmI)])
    app.start()


if __name__ == "__main__":
    main()
