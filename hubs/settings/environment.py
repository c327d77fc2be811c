"""Environment variables of people's servers: names that can be used, and values."""

from __future__ import annotations

import re
from typing import Any

from hubs.settings.kubespawner import SECTIONS
from hubs.settings.layers import Found, Node, Path

NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
"""Names that every version of Kubernetes accepts (apimachinery, `IsEnvVarName`)."""

OF_JUPYTERHUB = frozenset(
    f"JUPYTERHUB_{name}"
    for name in (
        *("ACTIVITY_URL", "ADMIN_ACCESS", "API_TOKEN", "API_URL", "BASE_URL", "CLIENT_ID", "HOST", "PUBLIC_HUB_URL"),
        *("COOKIE_HOST_PREFIX_ENABLED", "COOKIE_OPTIONS", "OAUTH_ACCESS_SCOPES", "OAUTH_CALLBACK_URL", "OAUTH_SCOPES"),
        *("OAUTH_CLIENT_ALLOWED_SCOPES", "PUBLIC_URL", "SERVER_NAME", "SERVICE_PREFIX", "SERVICE_URL", "USER"),
        *("SSL_CERTFILE", "SSL_CLIENT_CA", "SSL_KEYFILE"),
    )
) | {"JPY_API_TOKEN"}
"""Variables with which JupyterHub connects a server to the hub. A setting would replace them, and the server would not
start or would not be reached (`Spawner.get_env`, jupyterhub/spawner.py)."""

_TRAITS = ("kubespawner_override", *SECTIONS)
"""Mappings of KubeSpawner's traits."""
_PLACES = (("profiles",), ("values", "jupyterhub", "singleuser"), ("values", "jupyterhub", "hub", "config"))

_OF_KUBERNETES = ("KUBERNETES_SERVICE_", "KUBERNETES_PORT")


_POWERS = (
    (
        r"LD_PRELOAD|LD_AUDIT|PYTHON(STARTUP|HOME)|BASH_ENV|ENV|PROMPT_COMMAND|R_(PROFILE|ENVIRON)(_USER)?|PERL5OPT"
        r"|RUBYOPT|NODE_OPTIONS|JAVA_TOOL_OPTIONS|JUPYTER_CONFIG_(DIR|PATH)|IPYTHONDIR|SSH_ASKPASS"
        r"|GIT_(SSH|SSH_COMMAND|ASKPASS|CONFIG\w*|EXEC_PATH|TEMPLATE_DIR|EXTERNAL_DIFF)|(LD_LIBRARY_|PYTHON)?PATH",
        "it can decide which programs run in people's servers, with their files",
    ),
    (r"GRANT_SUDO", "images of Jupyter let people become root in their server"),
    (r"(HTTPS?|ALL|FTP)_PROXY", "what people's servers send and receive goes through this proxy"),
    (
        r"(PIP|UV)_(DEFAULT_|EXTRA_)?INDEX(_URL)?|(PIP|UV)_(CONFIG_FILE|FIND_LINKS|TRUSTED_HOST|INSECURE_HOST)"
        r"|CONDA(RC|_\w*CHANNELS?\w*)|NPM_CONFIG_\w*REGISTRY|CRAN|JULIA_PKG_SERVER|GOPROXY",
        "people install packages from there: whoever publishes them runs code with people's files",
    ),
    (
        r"(REQUESTS|CURL|AWS)_CA_BUNDLE|SSL_CERT_(FILE|DIR)|NODE_(EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED)"
        r"|GIT_SSL_\w+|PYTHONHTTPSVERIFY",
        "servers trust other certificates, so what they send can be read on its way",
    ),
)
"""Names of variables that decide more than what programs do with them, as regular expressions, and what."""
_SYSTEM = re.compile(r"(/usr|/opt|/bin|/sbin|/lib|/lib64|/srv)(/[\w.+-]+)*/?|\$\(?\{?\w+\}?\)?|")
"""Entries of a search path that nobody but the image's author decides."""


def power_of(name: str, value: object = None) -> str:
    """Return what a variable decides in people's servers besides what their programs read, or an empty text.

    A search path of the image's own directories decides nothing. Without `value`, it can be any.
    """
    effect = next((effect for names, effect in _POWERS if re.fullmatch(names, name, re.IGNORECASE)), "")
    usual = name.endswith("PATH") and isinstance(value, str) and all(map(_SYSTEM.fullmatch, value.split(":")))
    return "" if usual else effect


def name_problem(name: str) -> str | None:
    """Return what is wrong with the name of a variable, or None."""
    if not NAME.fullmatch(name):
        return "is not the name of a variable: use letters, digits, '_', '-' and '.', and no digit at the start"
    if name in OF_JUPYTERHUB:
        return "is set by JupyterHub, for each server: remove it"
    if name.startswith(_OF_KUBERNETES):
        return "is set by Kubernetes: remove it"
    return None


def names_in(tree: Node) -> Found:
    """Yield path and problem of each name that can't be used, in profiles and in the jupyterhub chart's own values.

    `tree` has the settings of a hub.
    """
    for place in _PLACES:
        node = tree.at(*place)
        if node is not None and isinstance(node.value, (dict, list)):
            yield from _names_below(node, place)


def _names_below(node: Node, path: Path) -> Found:
    items = node.value.items() if isinstance(node.value, dict) else enumerate(node.value)
    for key, child in items:
        variables = (path[-1] in _TRAITS and key == "environment") or key == "extraEnv"
        if variables and child.is_mapping:
            for name in child.value:
                problem = name_problem(name)
                if problem:
                    yield (*path, key, name), f"{name!r} {problem}"
        elif isinstance(child.value, (dict, list)):
            yield from _names_below(child, (*path, key))


def check_names(value: dict[str, Any]) -> dict[str, Any]:
    """Return the variables. Raises ValueError for a name that can't be used."""
    for name in value:
        problem = name_problem(name)
        if problem:
            raise ValueError(f"{name!r} {problem}")
    return value
