"""The page that runs as a user's server if JupyterLab is not installed: it describes the choice."""

from __future__ import annotations

import asyncio
import json
import os
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import jupyterhub
from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from tornado.web import Application, RequestHandler, authenticated

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{user}'s server</title>
<meta name="viewport" content="width=device-width"><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #222 }}
th {{ text-align: left; vertical-align: top; padding: .35rem 1.5rem .35rem 0; white-space: nowrap }}
td {{ padding: .35rem 0; overflow-wrap: anywhere }} tr + tr {{ border-top: 1px solid #ddd }}
table {{ border-collapse: collapse; width: 100% }}</style></head><body>
<h1>This would be {user}'s server</h1>
<p>On the cluster, it would start now with the options below. It does not run on this machine, because JupyterLab is
not installed.</p><table>{rows}</table><p><a href="/hub/home">Back to the hub</a></p></body></html>"""


class ChoicePage(HubOAuthenticated, RequestHandler):  # type: ignore[misc]
    """A page with the choice, for people who may access the server."""

    def set_default_headers(self) -> None:
        """Set the version header, because the hub logs a warning without it."""
        self.set_header("X-JupyterHub-Version", jupyterhub.__version__)

    @authenticated
    def get(self) -> None:
        """Send an HTML page."""
        choice = json.loads(Path(os.environ["LOCALHUB_CHOICE"]).read_text())
        user = escape(os.environ["JUPYTERHUB_USER"])
        self.finish(_PAGE.format(user=user, rows="".join(_row(label, value) for label, value in choice.items())))


def _row(label: str, value: str | list[str]) -> str:
    text = "<br>".join(escape(str(item)) for item in ([value] if isinstance(value, str) else value))
    return f"<tr><th>{escape(label)}</th><td>{text}</td></tr>"


async def main() -> None:
    """Serve the page at the address in JupyterHub's variables until the process is stopped."""
    url = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    callback = os.environ["JUPYTERHUB_OAUTH_CALLBACK_URL"]
    app = Application(
        [(callback, HubOAuthCallbackHandler), (rf"{url.path}.*", ChoicePage)], cookie_secret=os.urandom(32)
    )
    app.listen(url.port or 0, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
