"""Sphinx's configuration. Pages are Markdown (MyST). A line `@name@` is replaced by a part from `generated.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from generated import PARTS  # noqa: E402  (needs the path above)

project = "Imagebuilding hubs"
author = "Imagebuilding hubs contributors"
copyright = "Imagebuilding hubs contributors"
extensions = ["myst_parser", "sphinx_copybutton"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Imagebuilding hubs"
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"


def put_in_generated_parts(_app: Any, _page: str, source: list[str]) -> None:
    """Replace each `@name@` that is alone on a line."""
    lines = source[0].split("\n")
    source[0] = "\n".join(
        PARTS[line[1:-1]]() if line[1:-1] in PARTS and line == f"@{line[1:-1]}@" else line for line in lines
    )


def setup(app: Any) -> None:
    app.connect("source-read", put_in_generated_parts)
