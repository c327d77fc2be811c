"""The local build service: it answers BinderHub's requests with BinderHub's events, configured by the same values.

It reads the hub, its own address and who may build from the same environment variables as BinderHub.
"""

from __future__ import annotations

import asyncio
import json
import os
from html import escape
from http.client import responses
from typing import Any
from urllib.parse import urlsplit

from jupyterhub.services.auth import HubOAuth, HubOAuthCallbackHandler, HubOAuthenticated
from jupyterhub.utils import url_path_join
from tornado.iostream import StreamClosedError
from tornado.web import Application, HTTPError, RequestHandler, authenticated

from hubs.page.build import Event, build
from hubs.page.parent import end_with_parent
from hubs.page.site import SITE_FILE, Site

_KEEPALIVE = 25  # seconds between comments, so that proxies keep a silent stream open


class Authenticated(HubOAuthenticated, RequestHandler):  # type: ignore[misc]
    """Authenticates like BinderHub's handlers: with `auth_enabled`, people whom the hub allows; otherwise everyone."""

    def get_current_user(self) -> Any:
        """Return the hub's model of the user, or None."""
        return super().get_current_user() if self.settings["auth_enabled"] else {"name": "anonymous"}


class WhoAmI(Authenticated):
    """The login by cookie: a page for browsers that shows the name of the user."""

    @authenticated
    def get(self) -> None:
        """Send an HTML page."""
        name = escape(self.current_user["name"])
        self.finish(f"<!doctype html><title>Build service</title><p>You are logged in as <b>{name}</b>.")


class Build(Authenticated):
    """`GET build/PROVIDER/SPEC`: a build as a stream of events. Errors are events of a 200 response too."""

    def set_default_headers(self) -> None:
        """Set the headers of an event stream."""
        self.set_header("content-type", "text/event-stream")
        self.set_header("cache-control", "no-cache")

    def redirect(self, *args: Any, **kwargs: Any) -> None:
        """Refuse redirects, because a stream can't show a login page."""
        raise HTTPError(403)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Send the error as an event of the stream."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        message = getattr(error, "log_message", None) or responses.get(status_code, "Unknown error")
        if getattr(error, "args", None):
            message = message % error.args  # type: ignore[union-attr]
        self._write({"phase": "failed", "status_code": status_code, "message": f"{status_code}: {message}\n"})
        self.finish()

    @authenticated
    async def get(self, provider: str, spec: str) -> None:
        """Stream events until the build is ready or failed, or the page is closed."""
        if "text/event-stream" not in self.request.headers.get("Accept", ""):
            raise HTTPError(400, "Missing Accept header: text/event-stream")
        if not (self.settings["api_only"] and self.get_query_argument("build_only", "").lower() == "true"):
            raise HTTPError(400, "This service only builds images: set enable_api_only_mode, and send build_only=true")
        if provider != "gh":
            raise HTTPError(400, f"The local build service supports GitHub (gh) only, not {provider}")
        beat = asyncio.create_task(self._keep_alive())
        events = build(spec, self.settings["image_prefix"])
        try:
            async for event in events:
                self._write(event)
                await self.flush()
        except StreamClosedError:
            pass
        finally:
            beat.cancel()
            await events.aclose()  # type: ignore[attr-defined]

    def _write(self, event: Event) -> None:
        self.write(f"data: {json.dumps(event)}\n\n")

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(_KEEPALIVE)
            self.write(":keepalive\n\n")
            await self.flush()


def application(config: dict[str, Any]) -> Application:
    """Return the service for `config.BinderHub` of the values, with the chart's defaults."""
    base = str(config.get("base_url") or "/")
    callback = urlsplit(HubOAuth.instance().oauth_redirect_uri).path if config.get("auth_enabled") else ""
    handlers: list[Any] = [
        (url_path_join(base, r"build/([^/]+)/(.+)"), Build),
        (base.rstrip("/") + "/?", WhoAmI),
    ]
    return Application(
        ([(callback, HubOAuthCallbackHandler)] if callback else []) + handlers,
        cookie_secret=os.urandom(32),
        auth_enabled=bool(config.get("auth_enabled")),
        api_only=bool(config.get("enable_api_only_mode", True)),
        image_prefix=str(config.get("image_prefix") or ""),
    )


async def main() -> None:
    """Serve builds with the site's values until the process is stopped."""
    end_with_parent()
    site = Site.load(os.environ[SITE_FILE])
    config = ((site.binderhub or {}).get("config") or {}).get("BinderHub") or {}
    application(config).listen(site.builder, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
