"""Python code in `extraConfig` of the charts' values: a syntax error there stops the hub, or BinderHub."""

from __future__ import annotations

import re

from hubs.settings.hub import Hub
from hubs.settings.layers import Found, mapping

_PLACES = {"jupyterhub": ("hub", "extraConfig"), "binderhub-service": ("extraConfig",)}
_NEWER = re.compile(r"\b[rR]?[fFtT][rR]?['\"]|\btype\s|\b(?:def|class)\s+\w+\[|\bexcept\s")
"""What a newer Python than this one may accept."""


def code_problems(hub: Hub) -> Found:
    """Yield code that Python refuses, with its line."""
    for chart, steps in _PLACES.items():
        for name, text in mapping(hub.values, chart, *steps).items():
            if isinstance(text, str) and (message := _refused(text)) is not None:
                yield ("values", chart, *steps, name), message


def _refused(text: str) -> str | None:
    try:
        compile(text, "extraConfig", "exec", dont_inherit=True)
    except SyntaxError as error:
        if not _NEWER.search(error.text or ""):
            return f"is not valid Python: {error.msg} (line {error.lineno} of the code)"
    except ValueError:
        return "is not valid Python: it contains a null character"
    return None
