"""Start JupyterHub as far as its configuration matters: authenticator, roles, users, groups and services.

Run as a program, it reads `{"<hub>": values of its jupyterhub release}` as JSON, and writes `{"<hub>": [problem]}`.
JupyterHub's own classes validate the configuration, with a database in memory, without network, proxy and cluster.
`hub.extraConfig` is not run: everyone who can propose a change can write code there.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from jupyterhub import scopes
from jupyterhub.app import JupyterHub
from jupyterhub.crypto import CryptKeeper
from traitlets.config import Config

from hubs.page.chart import Values, translate

_KEY = "0" * 64  # of the right form; nothing is encrypted


class _Notes(logging.Handler):
    """Collects what the log says about settings that no class has, and errors."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.ERROR or "not recognized by" in text:
            self.found.append(_line(text))


def problems(jupyterhub: Mapping[str, Any]) -> list[str]:
    """Return what JupyterHub would report when it starts with the values of this release, one line each."""
    defined = deepcopy(scopes.scope_definitions)
    CryptKeeper.clear_instance()
    notes = _Notes()
    try:
        asyncio.run(_start(jupyterhub, notes))
    except (Exception, SystemExit) as error:
        if not (isinstance(error, SystemExit) and notes.found):  # JupyterHub logs why it exits
            text = error.args[0] if isinstance(error, KeyError) and error.args else error  # str() of a KeyError quotes
            notes.found.append(_line(f"{type(error).__name__}: {text}"))
    finally:
        scopes.scope_definitions.clear()
        scopes.scope_definitions.update(defined)
    return list(dict.fromkeys(notes.found))


async def _start(jupyterhub: Mapping[str, Any], notes: _Notes) -> None:
    """Call the steps of `JupyterHub.initialize` that read the configuration."""
    values = Values(jupyterhub)
    config = Config()
    for section, traits in translate(values, lambda key: _KEY).items():
        config[section].update(traits)
    config.JupyterHub.db_url = "sqlite://"
    config.JupyterHub.cookie_secret = bytes.fromhex(_KEY)
    config.JupyterHub.pop("spawner_class", None)  # needs a cluster; profiles are checked where they are written
    if values.get("cull.enabled", True):
        config.JupyterHub.services = [*config.JupyterHub.services, {"name": "jupyterhub-idle-culler"}]
    CryptKeeper.instance(config=config)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    log = logging.Logger("jupyterhub")
    log.addHandler(notes)
    app = JupyterHub(config=config, log=log)
    for step in ("init_db", "init_hub", "init_oauth", "init_role_creation", "init_users", "init_groups"):
        await _call(app, step)
    for step in ("init_services", "init_api_tokens", "init_role_assignment", "init_blocked_users"):
        await _call(app, step)
    app.db.close()


async def _call(app: Any, step: str) -> None:
    method = getattr(app, step, None)  # a step may be new or gone in another version
    result = method() if method is not None else None
    if asyncio.iscoroutine(result):
        await result


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps({key: problems(values) for key, values in given.items()}))
