"""Find where a setting of a hub is set, and its value."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from hubs import yaml_text
from hubs.errors import UnknownNameError, unknown
from hubs.preview.secrets import masked
from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values.provenance import PROGRAM


def where(stack: Stack, hub: Hub, setting: str) -> str:
    """Return the setting at a path such as `auth.allow`: a comment with its file and line, then its value as YAML.

    Omits settings without a value. Secrets are `[secret]`.
    Raises UnknownNameError for a path that is not a setting.
    """
    value: Any = hub
    path = tuple(setting.split("."))
    for number, step in enumerate(path):
        children = _children(value)
        if step not in children:
            above = ".".join(path[:number])
            problem = f"{hub.key} has no setting {setting or repr(setting)}"
            if not children:
                raise UnknownNameError(f"{problem}: {above} has no settings of its own")
            known = [f"{above}.{key}" if above else key for key in children]
            raise UnknownNameError(unknown(problem, ".".join(path[: number + 1]), known))
        value = children[step]
    source = stack.source(hub, path)
    if source is None and path[0] == "secrets":
        return "# not set\n"
    text = yaml_text.dump(_plain(masked(_data(value))), sort_keys=False)
    return f"# {source or PROGRAM}\n{text.removesuffix('...' + chr(10))}"


def _children(value: Any) -> dict[str, Any]:
    """Return the settings below a value: fields of a group, or entries of a mapping."""
    if isinstance(value, BaseModel):
        return {field.alias or name: getattr(value, name) for name, field in type(value).model_fields.items()}
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}


def _data(value: Any) -> Any:
    """Return plain data, without settings that have no value."""
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, exclude_none=True)
    if isinstance(value, dict):
        return {key: _data(item) for key, item in value.items()}
    return [_data(item) for item in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Return the data without subclasses of str, which YAML can't write."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
