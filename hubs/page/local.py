"""What a hub on one machine must have otherwise than on a cluster: login, servers, addresses, storage."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from html import escape
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

from jupyterhub.auth import Authenticator
from kubespawner import KubeSpawner
from traitlets.config import Config, Configurable
from traitlets.utils.importstring import import_item

from hubs.page.errors import LocalHubError
from hubs.page.login import DemonstrationAuthenticator
from hubs.page.notes import say
from hubs.page.site import Site
from hubs.page.spawner import localised

BUILD_SERVICE = "binder"
"""The service that the page asks for builds: fancy-profiles has /services/binder built in."""
PROXY = "configurable-http-proxy"


def localise(c: Config, site: Site, root: Path) -> None:
    """Changes a hub's configuration so that it runs here, on the loopback interface alone, and leaves nothing behind.

    `root` holds the files that would be mounted in the pod. Whatever is taken away is said on stdout.
    """
    _login(c, site)
    _spawner(c, site)
    c.JupyterHub.services = [local_service(service, site) for service in c.JupyterHub.services]
    _files(c, root)
    _announce(c, site)
    c.JupyterHub.bind_url = site.url
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{site.hub}"
    for trait in ("hub_connect_url", "hub_connect_ip", "ip", "port", "hub_ip", "hub_port"):
        c.JupyterHub.pop(trait, None)
    c.JupyterHub.db_url = "sqlite://"
    c.JupyterHub.cleanup_servers = c.JupyterHub.cleanup_proxy = True
    c.ConfigurableHTTPProxy.should_start = True
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{site.proxy_api}"
    c.ConfigurableHTTPProxy.command = [proxy_command()]
    c.ConfigurableHTTPProxy.pid_file = str(site.directory / "proxy.pid")


def proxy_command() -> str:
    """The proxy's program: the one installed with this Python environment, else the one on the PATH."""
    installed = Path(sys.prefix) / "proxy" / "node_modules" / ".bin" / PROXY
    found = str(installed) if installed.exists() else shutil.which(PROXY)
    if found is None:
        raise LocalHubError(f"{PROXY} is not installed: run `make page` to install it, or `npm install -g {PROXY}`")
    return found


def _login(c: Config, site: Site) -> None:
    """The demonstration login, with the community's administrators and groups."""
    own = _class("authenticators", c.JupyterHub.authenticator_class)
    name = own.__name__ if isinstance(own, type) else own
    sections = own.section_names() if isinstance(own, type) else ["Authenticator", name]
    merged: Config = Config()
    for section in sections:
        merged.merge(c[section])
    if isinstance(own, type):
        for trait in sorted(set(merged) - set(own.class_trait_names(config=True))):
            # In the words of traitlets, which would say so in the deployed hub's log.
            say(f"WARNING: Config option `{trait}` not recognized by `{name}`")
    else:
        say(f"the authenticator {name} is not installed here: its settings were not checked")
    c.Authenticator = Config({k: v for k, v in c.Authenticator.items() if k in Authenticator.class_trait_names()})
    c.JupyterHub.authenticator_class = DemonstrationAuthenticator
    demo = c.DemonstrationAuthenticator
    demo.allow_all = True
    demo.admin_users = set(merged.get("admin_users", ()))
    demo.admin_groups = sorted(merged.get("admin_groups", ()))
    demo.groups = sorted({*_groups(c.JupyterHub.load_roles), *_groups(site.jupyterhub)})
    demo.service = merged.get("login_service") or re.sub(r"(OA|A)uthenticator$", "", name) or name
    # JupyterHub refuses groups of its own beside groups that come with the login.
    demo.manage_groups = not c.JupyterHub.get("load_groups")


def _class(kind: str, name: Any) -> type[Configurable] | str:
    """The class that JupyterHub finds under a name among its authenticators or spawners, or as a module's member;
    the name itself where that isn't installed."""
    if isinstance(name, type):
        return name
    registered = {entry.name.lower(): entry.value for entry in entry_points(group=f"jupyterhub.{kind}")}
    path = registered.get(str(name).lower(), str(name)).replace(":", ".")
    try:
        return cast(type[Configurable], import_item(path))
    except ImportError:
        return path.rpartition(".")[2]


def _groups(node: Any) -> Iterator[str]:
    """Every group that profiles, choices, roles, directories or the login are limited to, anywhere in the values."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"allowed_groups", "admin_groups", "groups"} and isinstance(value, list):
                yield from (str(name) for name in value)
            else:
                yield from _groups(value)
    elif isinstance(node, list):
        for item in node:
            yield from _groups(item)


def _spawner(c: Config, site: Site) -> None:
    spawner = _class("spawners", c.JupyterHub.get("spawner_class", KubeSpawner))
    if not (isinstance(spawner, type) and issubclass(spawner, KubeSpawner)):
        name = spawner.__name__ if isinstance(spawner, type) else spawner
        raise LocalHubError(f"JupyterHub.spawner_class is {name}, which is no KubeSpawner")
    c.JupyterHub.spawner_class = localised(spawner)
    c.LocalServer.directory = str(site.directory / "servers")
    c.LocalServer.events_enabled = False


def local_service(service: dict[str, Any], site: Site) -> dict[str, Any]:
    """A service as the hub can have it here: the build service whole, others with their name and token alone."""
    url = service.get("url", "")
    if site.here(url) == url and not (service["name"] == BUILD_SERVICE and site.binderhub):
        if url or service.get("command"):
            say(f"the service {service['name']} does not run here")
        return {key: service[key] for key in ("name", "api_token", "admin") if key in service}
    return service | {key: site.here(service[key]) for key in ("url", "oauth_redirect_uri") if service.get(key)}


def _files(c: Config, root: Path) -> None:
    """Paths of the pod, where the values mount a file there; the rest is in the hub's image and not here."""
    present = [root / path.lstrip("/") for path in c.JupyterHub.get("template_paths", [])]
    for path in present:
        if not path.is_dir():
            say(f"the hub's templates in /{path.relative_to(root)} are not here: JupyterHub's own are shown")
    c.JupyterHub.template_paths = [str(path) for path in present if path.is_dir()]
    logo = c.JupyterHub.pop("logo_file", None)
    if logo and (root / logo.lstrip("/")).is_file():
        c.JupyterHub.logo_file = str(root / logo.lstrip("/"))
    elif logo:
        say(f"the logo {logo} is in the hub's image: JupyterHub's own is shown")


def _announce(c: Config, site: Site) -> None:
    """Says on every page that this is not the deployed hub, above what the community itself announces."""
    notice = f"Local demonstration of <b>{escape(site.title)}</b>: not the deployed hub."
    variables = dict(c.JupyterHub.get("template_vars", {}))
    for name in {"announcement", *(key for key in variables if key.startswith("announcement_"))}:
        said = variables.get(name)
        variables[name] = f"{notice}<br>{said}" if isinstance(said, str) and said else notice
    c.JupyterHub.template_vars = variables
