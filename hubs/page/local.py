"""Change a hub's configuration for a single machine: login, servers, addresses, storage."""

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
from hubs.page.files import in_pod
from hubs.page.login import DemonstrationAuthenticator
from hubs.page.notes import print_note
from hubs.page.rules import Rules
from hubs.page.site import Site
from hubs.page.spawner import local_spawner

BUILD_SERVICE = "binder"
"""The name of the build service. The path /services/binder is hard-coded in fancy-profiles."""
PROXY = "configurable-http-proxy"
WRITTEN = ("pid_file", "extra_log_file", "extra_log_handlers", "cookie_secret_file", "logging_config",
           "internal_ssl", "internal_certs_location")  # fmt: skip
"""Traits of JupyterHub that name files which it writes, or code that does."""


def make_local(c: Config, site: Site, root: Path) -> None:
    """Change a hub's configuration so that it runs on the loopback interface only and leaves no files behind.

    `root` contains the files that are mounted into the pod. Settings that have no effect locally are printed.
    """
    _login(c, site)
    _spawner(c, site)
    c.JupyterHub.services = [local_service(service, site) for service in c.JupyterHub.services]
    _files(c, root)
    _announce(c, site)
    c.JupyterHub.bind_url = site.url
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{site.hub}"
    for trait in ("hub_connect_url", "hub_connect_ip", "ip", "port", "hub_ip", "hub_port", *WRITTEN):
        c.JupyterHub.pop(trait, None)
    c.JupyterHub.db_url = "sqlite://"
    c.JupyterHub.cleanup_servers = c.JupyterHub.cleanup_proxy = True
    c.ConfigurableHTTPProxy.should_start = True
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{site.proxy_api}"
    c.ConfigurableHTTPProxy.command = [proxy_command()]
    c.ConfigurableHTTPProxy.pid_file = str(site.directory / "proxy.pid")


def proxy_command() -> str:
    """Return the proxy's program: the one installed with this Python environment, or the one on the PATH."""
    installed = Path(sys.prefix) / "proxy" / "node_modules" / ".bin" / PROXY
    found = str(installed) if installed.exists() else shutil.which(PROXY)
    if found is None:
        raise LocalHubError(f"{PROXY} is not installed: run `make page` to install it, or `npm install -g {PROXY}`")
    return found


def _login(c: Config, site: Site) -> None:
    """Replace the login by the demonstration login, with the community's administrators and groups."""
    own = _class("authenticators", c.JupyterHub.authenticator_class)
    name = own.__name__ if isinstance(own, type) else own
    sections = own.section_names() if isinstance(own, type) else ["Authenticator", name]
    merged: Config = Config()
    for section in sections:
        merged.merge(c[section])
    if isinstance(own, type):
        for trait in sorted(set(merged) - set(own.class_trait_names(config=True))):
            # The same message as traitlets writes to the log of the deployed hub.
            print_note(f"WARNING: Config option `{trait}` not recognized by `{name}`")
    else:
        print_note(f"the authenticator {name} is not installed on this machine: its settings are not checked")
    own_config = Config({section: c[section] for section in sections})
    c.Authenticator = Config({k: v for k, v in c.Authenticator.items() if k in Authenticator.class_trait_names()})
    c.JupyterHub.authenticator_class = DemonstrationAuthenticator
    demo = c.DemonstrationAuthenticator
    demo.allow_all = True  # the rules decide
    demo.admin_users = set(merged.get("admin_users", ()))
    demo.admin_groups = sorted(merged.get("admin_groups", ()))
    rules = _rules(own, own_config) if isinstance(own, type) else None
    demo.groups = sorted(
        {*_groups(c.JupyterHub.load_roles), *_groups(site.jupyterhub), *(rules.groups if rules else ())}
    )
    demo.make_rules = lambda: rules
    demo.login = login_of(name, merged.get("login_service"))
    # JupyterHub does not allow groups of its own together with groups from the login.
    demo.manage_groups = not c.JupyterHub.get("load_groups")


def _rules(own: type, config: Config) -> Rules | None:
    try:
        return Rules(own, config)
    except Exception as error:
        # The deployed hub would not start. `hubs check` says that, too.
        print_note(f"{own.__name__} refuses its settings, so anyone can log in here: {error}")
        return None


def login_of(authenticator: str, service: Any) -> str:
    """Return how people log in to the deployed hub, as the end of a sentence."""
    if authenticator == "DummyAuthenticator":
        return "with any user name"
    if authenticator == "SharedPasswordAuthenticator":
        return "with a shared password"
    return f"with {service or re.sub(r'(OA|A)uthenticator$', '', authenticator) or authenticator}"


def _class(kind: str, name: Any) -> type[Configurable] | str:
    """Return the authenticator or spawner class that JupyterHub finds under a name, either a registered name or a
    module's member; the name itself if that is not installed."""
    if isinstance(name, type):
        return name
    registered = {entry.name.lower(): entry.value for entry in entry_points(group=f"jupyterhub.{kind}")}
    path = registered.get(str(name).lower(), str(name)).replace(":", ".")
    try:
        return cast(type[Configurable], import_item(path))
    except ImportError:
        return path.rpartition(".")[2]


def _groups(node: Any) -> Iterator[str]:
    """Yield every group that profiles, choices, roles, directories or the login are restricted to."""
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
        raise LocalHubError(f"JupyterHub.spawner_class is {name}, which is not a subclass of KubeSpawner")
    c.JupyterHub.spawner_class = local_spawner(spawner)
    c.LocalServer.directory = str(site.directory / "servers")
    c.LocalServer.events_enabled = False


def local_service(service: dict[str, Any], site: Site) -> dict[str, Any]:
    """Return a service for the local hub: the build service with local URLs, others with name and token only."""
    url = service.get("url", "")
    if site.here(url) == url and not (service["name"] == BUILD_SERVICE and site.binderhub):
        if url or service.get("command"):
            print_note(f"the service {service['name']} does not run locally")
        return {key: service[key] for key in ("name", "api_token", "admin") if key in service}
    return service | {key: site.here(service[key]) for key in ("url", "oauth_redirect_uri") if service.get(key)}


def _files(c: Config, root: Path) -> None:
    """Set paths to the files that the values mount into the pod. Other files are in the hub's image, not available."""
    present = [_in_pod(root, path) for path in c.JupyterHub.get("template_paths", [])]
    for path in present:
        if not path.is_dir():
            print_note(
                f"the hub's templates in /{path.relative_to(root)} are not available locally:"
                " JupyterHub's default templates are used"
            )
    c.JupyterHub.template_paths = [str(path) for path in present if path.is_dir()]
    logo = c.JupyterHub.pop("logo_file", None)
    if logo and _in_pod(root, logo).is_file():
        c.JupyterHub.logo_file = str(_in_pod(root, logo))
    elif logo:
        print_note(f"the logo {logo} is in the hub's image, not available locally: JupyterHub's default logo is shown")


def _in_pod(root: Path, path: str) -> Path:
    try:
        return in_pod(root, path)
    except ValueError as error:
        raise LocalHubError(f"a path of the hub's templates or logo: {error}") from None


def _announce(c: Config, site: Site) -> None:
    """Announce on every page that this is not the deployed hub, above the community's own announcement."""
    notice = f"Local demonstration of <b>{escape(site.title)}</b>: not the deployed hub."
    notice += f"<br><small>{escape(site.made_with)}</small>"
    variables = dict(c.JupyterHub.get("template_vars", {}))
    for name in {"announcement", *(key for key in variables if key.startswith("announcement_"))}:
        own = variables.get(name)
        variables[name] = f"{notice}<br>{own}" if isinstance(own, str) and own else notice
    c.JupyterHub.template_vars = variables
