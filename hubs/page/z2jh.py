"""The module `z2jh` that `hub.extraConfig` can import in a deployed hub, for this run's values."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from hubs.page.chart import Values


def module(values: Values, secret: Callable[[str], str]) -> ModuleType:
    """Return a module with the helpers of the chart's module: `get_config`, `set_config_if_not_none`, `get_name` and
    `get_secret_value`. The variables of Kubernetes services (`get_name_env`) are not available locally.
    """

    def get_config(key: str, default: Any = None) -> Any:
        return values.get(key, default)

    def set_config_if_not_none(cparent: Any, name: str, key: str) -> None:
        value = values.get(key)
        if value is not None:
            setattr(cparent, name, value)

    def get_secret_value(key: str, default: Any = KeyError) -> Any:
        try:
            return secret(key)
        except KeyError:
            if default is KeyError:
                raise
            return default

    def get_name(name: str) -> str:
        return name

    out = ModuleType("z2jh")
    for function in (get_config, set_config_if_not_none, get_secret_value, get_name):
        setattr(out, function.__name__, function)
    return out
