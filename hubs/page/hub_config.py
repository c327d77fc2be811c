"""JupyterHub's configuration file for a local hub: the chart's configuration, then local overrides.

JupyterHub runs this file in a separate process, with `get_config` in scope.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from jupyterhub.utils import url_path_join
from tornado.httpclient import AsyncHTTPClient
from traitlets.config import Config

from hubs.page import z2jh
from hubs.page.chart import Values, merge, translate
from hubs.page.errors import LocalHubError
from hubs.page.files import write_extra_files
from hubs.page.local import make_local
from hubs.page.notes import PREFIX
from hubs.page.parent import end_with_parent
from hubs.page.site import SITE_FILE, Site


def configure(c: Config, site: Site) -> None:
    """Set JupyterHub's configuration from the site's values."""
    release = {"Name": site.release, "Namespace": site.namespace, "Service": "Helm"}
    values = Values(merge(site.jupyterhub, {"Release": release, "Chart": {"Name": "jupyterhub"}}))
    os.environ |= {"HELM_RELEASE_NAME": site.release, "POD_NAMESPACE": site.namespace} | _environment(values)

    def secret(key: str) -> str:
        found = site.hub_secret(key)
        if found is None:
            raise KeyError(f"the Secret hub has no key {key}")
        return found

    c.KubeSpawner.namespace = site.namespace
    for section, traits in translate(values, secret).items():
        c[section].update(traits)
    helpers = sys.modules["z2jh"] = z2jh.module(values, secret)
    root = write_extra_files(values.get("hub.extraFiles") or {}, site.directory)
    # As in a deployed hub, all snippets share one namespace, including helpers and imports.
    scope: dict[str, Any] = {**vars(helpers), "c": c, "os": os, "re": re, "sys": sys}
    scope |= {"get_config": helpers.get_config, "url_path_join": url_path_join, "AsyncHTTPClient": AsyncHTTPClient}
    mounted = sorted((root / "usr/local/etc/jupyterhub/jupyterhub_config.d").glob("*.py"))
    snippets = [(path.name, path.read_text()) for path in mounted]
    snippets += [
        (f"hub.extraConfig.{key}", code) for key, code in sorted((values.get("hub.extraConfig") or {}).items())
    ]
    for name, code in snippets:
        try:
            exec(compile(code or "", name, "exec"), scope)  # noqa: S102 - the chart does the same
        except Exception as error:
            raise LocalHubError(f"{name}: {type(error).__name__}: {error}{_line(error, name)}") from error
    make_local(c, site, root)


def _environment(values: Values) -> dict[str, str]:
    """Return the plain variables of `hub.extraEnv`, which may be a mapping or a list as in Kubernetes."""
    extra = values.get("hub.extraEnv") or {}
    pairs = extra.items() if isinstance(extra, dict) else [(entry["name"], entry.get("value")) for entry in extra]
    return {name: str(value) for name, value in pairs if isinstance(value, str | int | float)}


def _line(error: Exception, name: str) -> str:
    """Return the line of the snippet where the error occurred."""
    number = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None and not isinstance(error, SyntaxError):
        if trace.tb_frame.f_code.co_filename == name:
            number = trace.tb_lineno
        trace = trace.tb_next
    return f" (line {number})" if number else ""


if "get_config" in globals():
    local_site = Site.load(os.environ[SITE_FILE])
    end_with_parent(local_site.directory)
    try:
        configure(get_config(), local_site)  # type: ignore[name-defined]  # noqa: F821
    except (LocalHubError, KeyError) as problem:
        print(f"{PREFIX}FATAL: {problem.args[0]}", file=sys.stderr, flush=True)
        os._exit(1)
