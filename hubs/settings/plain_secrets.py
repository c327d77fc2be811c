"""Secrets in files that everyone may read: communities' files, and `imagebuilding:defaults`.

Secrets are recognised by the names of their keys, which are those of the charts, JupyterHub, oauthenticator and
BinderHub, wherever they are written; and by forms of text that only secrets have. A problem names the place for the
secret in the stack's file, and never its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hubs.settings.errors import Problem
from hubs.settings.layers import Node, Path
from hubs.settings.secrets import how_to_set, property_path

_NAMES = ("secret", "cryptokey", "googleserviceaccountkeys")
_ENDINGS = (
    *("password", "passwd", "token", "apikey", "secretkey", "privatekey", "accesskey", "serviceaccountkey"),
    *("clientsecret", "cookiesecret", "appsecret", "apisecret", "sharedsecret", "webhooksecret"),
)
_KEYS_ARE_SECRETS = ("apitokens", "servicetokens", "passwordgroups")
"""Mappings whose keys are the secrets."""

_KEYS_OF = {"CryptKeeper": "keys", "manual": "key"}
"""Names that are secrets in one section only: hub.config.CryptKeeper, proxy.https.manual."""

_TEXTS = (
    (re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"), "a private key"),
    (re.compile(r"://[^\s/:@\"']*:[^\s/?#@\"'$<{*]+@"), "a password in a URL"),
    (
        re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40}|glpat-[-\w]{20}|xox[abpr]-[-\w]{10})"),
        "a token",
    ),
    (
        # Python: c.GitHubOAuthenticator.client_secret = "..."
        re.compile(
            r"\bc\.\w+\.\w{0,99}(?:password|client_secret|cookie_secret|api_token|auth_token|access_token|private_token"
            r"|CryptKeeper\.keys)\s*=\s*(?:\[\s*)?[bru]?[\"'][^\"'\s]+[\"']"
        ),
        "a secret in Python code",
    ),
)
_REFERENCE = re.compile(r"\$[({]|\{\{|[./~]|https?://|pk\.")
"""Texts that begin like this are not secrets: references, paths, addresses, public keys of Mapbox."""

_CREATED = {
    ("proxy", "secretToken"),
    ("hub", "cookieSecret"),
    ("hub", "config", "JupyterHub", "cookie_secret"),
    ("hub", "config", "JupyterHub", "proxy_auth_token"),
    ("hub", "config", "ConfigurableHTTPProxy", "auth_token"),
    ("hub", "config", "CryptKeeper", "keys"),
    ("hub", "services", "binder", "apiToken"),
}
"""Values of the jupyterhub chart that the program creates."""

_REGISTRY = {
    ("imagePullSecret", "password"),
    ("buildPodsRegistryCredentials", "password"),
    ("config", "DockerRegistry", "password"),
}
"""Values of charts that are the registry's password."""


def is_secret_key(key: str, section: str = "") -> bool:
    """Return whether text below a key is a secret. `section` is the key above it."""
    name = re.sub(r"[^a-z0-9]", "", key.lower())
    if name == "keys":
        return section == "CryptKeeper"
    return name in _NAMES or name.endswith(_ENDINGS) or _KEYS_OF.get(section) == key


def in_community(node: Node, community: str, stack: str) -> Iterator[Problem]:
    """Yield the secrets in a community's file."""
    hubs = node.get("hubs")
    for key, below in (hubs.value if hubs is not None and hubs.is_mapping else {}).items():
        yield from _in_settings(below, (community, key), ("hubs", key), stack)
    shared = {key: below for key, below in node.value.items() if key != "hubs" and not key.startswith("x-")}
    yield from _in_settings(Node(shared, node.source), (community,), (), stack)


def in_defaults(node: Node, stack: str) -> Iterator[Problem]:
    """Yield the secrets in `imagebuilding:defaults`."""
    yield from _in_settings(node, (), ("imagebuilding:defaults",), stack)


def _in_settings(node: Node, owner: tuple[str, ...], above: Path, stack: str) -> Iterator[Problem]:
    """Yield the secrets in settings. `owner`: community and hub in `imagebuilding:secrets`. `above`: for the path."""
    for path, found, what in _secrets(node, (), by_key=False):
        where = ".".join(map(str, (*above, *path)))
        owners = ("/".join(owner),) if owner else ()
        yield Problem(found.source, where, f"is {what}: {_advice(path, owner, stack)}", owners)


def _secrets(node: Node, path: Path, *, by_key: bool) -> Iterator[tuple[Path, Node, str]]:
    """Yield path, node and kind of each secret. `by_key`: keys have the charts' names, not names that people choose."""
    if isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _secrets(child, (*path, index), by_key=by_key)
        return
    if not isinstance(node.value, dict):
        text = node.value if isinstance(node.value, str) else ""
        for pattern, what in _TEXTS:
            if pattern.search(text):
                yield path, node, what
                return
        return
    name, value = node.get("name"), node.get("value")
    variable = str(name.value) if name is not None and value is not None else ""  # an entry of a list of variables

    def name_of(key: str) -> str:
        return variable if key == "value" and variable else key

    for key, child in node.value.items():
        inside = by_key or key in ("values", "environment", "auth", "data", "kubespawner_override")
        section = str(path[-1]) if path else ""
        named = re.sub(r"[^a-z]", "", key.lower()) in _KEYS_ARE_SECRETS and bool(child.value)
        if inside and (named or (is_secret_key(name_of(key), section) and _filled(child, name_of(key)))):
            yield (*path, key), child, "a secret in a file that everyone can read"
        elif not (inside and key == "secret" and child.is_mapping):
            environment = key.lower() in ("environment", "extraenv", "env")
            for below, found, what in _secrets(child, (*path, key), by_key=inside):
                yield below, found, what
            if environment and child.is_mapping:
                yield from _variables(child, (*path, key))


def _variables(node: Node, path: Path) -> Iterator[tuple[Path, Node, str]]:
    """Yield environment variables that are secret by an ending that other keys may have too."""
    for key, child in node.value.items():
        if key.upper().endswith("_SECRET") and not is_secret_key(key) and _filled(child, key):
            yield (*path, key), child, "a secret in a file that everyone can read"


def _filled(node: Node, key: str) -> bool:
    """Return whether a value can be the secret that the key names: text, or a list of texts. Digits
    are a secret only below a key for a password: others, such as max_tokens, can have a number."""
    value: Any = node.value
    if isinstance(value, list):
        return any(_filled(item, key) for item in value)
    if value is None or isinstance(value, (bool, dict)):
        return False
    text = str(value).strip()
    if text.isdigit():
        return "pass" in key.lower()
    return bool(text) and text.lower() not in ("true", "false", "yes", "no", "on", "off") and not _REFERENCE.match(text)


def _advice(path: Path, owner: tuple[str, ...], stack: str) -> str:
    names = [step for step in path if isinstance(step, str)]
    below = tuple(names[2:]) if names[:1] == ["values"] else ()
    if below in _CREATED:
        return "remove it, because the program creates this secret"
    if below in _REGISTRY:
        place: tuple[str, ...] = ("registry", names[-1])
    elif names[:1] == ["auth"] or (below[:2] == ("hub", "config") and names[-1] == "client_secret"):
        place = ("auth", names[-1])
    elif "environment" in names[:-1] and names[0] != "values":
        place = ("environment", names[-1])
    elif below:
        whole = next((index for index, step in enumerate(path) if isinstance(step, int)), len(path))
        place = tuple(map(str, path[:whole]))
    else:
        return "write it as a variable below imagebuilding:secrets.environment, or below imagebuilding:secrets.values"
    return f"set it in the stack with {how_to_set(stack, property_path('imagebuilding:secrets', *owner, *place))}"
