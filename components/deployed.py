"""Read what the last update of this stack deployed."""

from __future__ import annotations

import time
from typing import Any

import pulumi

ATTEMPTS = 5
PAUSE = 0.2
"""Seconds between attempts."""


def deployed_hubs() -> dict[str, dict[str, Any]]:
    """Return the output `hubs` of this stack's last update, by hub key. Empty before the first update."""
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    hubs: dict[str, dict[str, Any]] = (_outputs(name) or {}).get("hubs") or {}
    return hubs


def _outputs(name: str) -> dict[str, Any] | None:
    """Return the outputs of the stack `name`.

    The engine saves the state while this program runs. If the state is in a local folder, a read at the same moment
    can find an empty file and fail with `EOF`; such a read is repeated.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _read(name)
        except Exception as error:  # The SDK has no narrower class for it.
            if not str(error).endswith("EOF"):
                raise
            time.sleep(PAUSE)
    return _read(name)


def _read(name: str) -> dict[str, Any] | None:
    # A StackReference would add a resource to every preview and to the state.
    result = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value
    outputs: dict[str, Any] | None = (result or {}).get("outputs")
    return outputs
