"""The stack's configuration with its secrets, if the engine can decrypt them."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hubs.engine import cli, demonstration
from hubs.preview.configuration import configuration as as_written
from hubs.preview.secrets import PLACEHOLDER
from hubs.settings.hub import Hub

ENVIRONMENT = {
    "username": "PREFLIGHT_REGISTRY_USERNAME",
    "password": "PREFLIGHT_REGISTRY_PASSWORD",
    "token": "PREFLIGHT_QUAY_TOKEN",
}
HOW_TO_GIVE = "log in with `pulumi login` and set PULUMI_CONFIG_PASSPHRASE, or set " + ", ".join(ENVIRONMENT.values())
SECONDS = 60
SHORTEST_SECRET = 6
"""Characters. Shorter ones (`demo`) are ordinary words in findings."""


@dataclass(frozen=True)
class RegistryCredentials:
    """One hub's credentials. Those that are not known are None."""

    username: str | None
    password: str | None = field(repr=False)
    token: str | None = field(repr=False)


@dataclass(frozen=True)
class Credentials:
    """Where secrets come from: the settings if they were decrypted, otherwise environment variables."""

    environment: Mapping[str, str] = field(repr=False)

    def registry(self, hub: Hub) -> RegistryCredentials:
        own = hub.secrets.registry
        given = {key: known(getattr(own, key)) or self.environment.get(name) for key, name in ENVIRONMENT.items()}
        return RegistryCredentials(given["username"], given["password"], given["token"])

    def words(self, config: Mapping[str, str]) -> set[str]:
        """Return all texts that must not be shown: every secret in the configuration and in the environment."""
        found: set[str] = set()
        for key in ("imagebuilding:secrets", "kubernetes:kubeconfig"):
            text = config.get(key, "")
            try:
                _collect(json.loads(text), found)
            except ValueError:
                found.add(text)
        found |= {
            self.environment[ENVIRONMENT[key]] for key in ("password", "token") if ENVIRONMENT[key] in self.environment
        }
        return {word for word in found if len(word) >= SHORTEST_SECRET and not PLACEHOLDER.fullmatch(word)}


def configuration(stack: str, root: Path) -> tuple[dict[str, str], str]:
    """Return the stack's configuration as text by key, and why secrets in it are placeholders ("" if they are not).

    The engine decrypts it (`pulumi config --show-secrets`) if it is installed, is logged in, and has the passphrase.
    Raises SettingsError if the stack's file can't be read.
    """
    written = as_written(stack, root, open_secrets=True)
    if not any(PLACEHOLDER.search(text) for text in written.values()):
        return written, ""
    pulumi = cli.find_installed(root)
    if pulumi is None:
        return written, "pulumi is not on PATH"
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    if _is_demonstration(written.get("imagebuilding:cluster", "")):
        environment.setdefault("PULUMI_CONFIG_PASSPHRASE", demonstration.PASSPHRASE)
    engine = _Engine(pulumi, stack, root, environment)
    try:
        return {**written, **engine.config()}, ""
    except _EngineError as error:
        if not environment.get("PULUMI_CONFIG_PASSPHRASE"):
            return written, str(error)
    # With a passphrase, use a temporary backend: the stack may not exist in its own backend yet.
    with tempfile.TemporaryDirectory(prefix="imagebuilding-preflight-") as folder:
        engine.environment |= {"PULUMI_BACKEND_URL": Path(folder).as_uri()}
        try:
            engine.run("stack", "init", "--stack", stack)
            return {**written, **engine.config()}, ""
        except _EngineError as error:
            return written, str(error)


def _is_demonstration(cluster: str) -> bool:
    """Return whether the cluster's settings, as JSON, mark the stack as a demonstration."""
    try:
        settings = json.loads(cluster)
    except ValueError:
        return False
    return isinstance(settings, dict) and settings.get("demonstration") is True


class _EngineError(Exception):
    """The engine failed. One line."""


@dataclass
class _Engine:
    command: str
    stack: str
    root: Path
    environment: dict[str, str] = field(repr=False)

    def config(self) -> dict[str, str]:
        """Return the stack's whole configuration, decrypted."""
        answer = self.run("config", "--show-secrets", "--json", "--stack", self.stack)
        try:
            return {key: str(entry["value"]) for key, entry in json.loads(answer).items() if "value" in entry}
        except (ValueError, TypeError, AttributeError):
            raise _EngineError("the output of pulumi can't be read") from None

    def run(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                [self.command, *arguments, "--non-interactive"],
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _EngineError(f"pulumi does not answer ({type(error).__name__})") from None
        if done.returncode != 0:
            lines = [line.partition("error: ")[2].strip() for line in done.stderr.splitlines() if "error: " in line]
            raise _EngineError(f"pulumi: {lines[0][:200] if lines else f'exit code {done.returncode}'}")
        return done.stdout


def environment() -> Credentials:
    """Return credentials with this process's environment as the fallback."""
    return Credentials(dict(os.environ))


def known(value: Any) -> str | None:
    """Return a secret, or None for a placeholder."""
    return value if isinstance(value, str) and value and not PLACEHOLDER.fullmatch(value) else None


def _collect(data: Any, found: set[str]) -> None:
    if isinstance(data, dict):
        for key, value in data.items():
            if key not in ("username", "client_id"):  # names, which findings show
                _collect(value, found)
    elif isinstance(data, list):
        for value in data:
            _collect(value, found)
    elif isinstance(data, str):
        found.add(data)
