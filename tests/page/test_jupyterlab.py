"""A real JupyterLab as a user's server, if it is installed."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from hubs.page.browser import log_in
from tests.page import options_page as options

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jupyterlab") is None, reason="JupyterLab is not installed")


def test_jupyterlab_starts_and_says_what_it_would_be(ocean: Any, page: Any) -> None:
    page.set_default_timeout(60_000)
    log_in(page, ocean.url, "lise")
    options.profile(page, "gpu")
    options.start(page)
    page.get_by_role("tab", name="Launcher").wait_for()
    page.get_by_text("What this server would be.md").dblclick()
    page.get_by_text("Image: registry.example.org/gpu:1").first.wait_for()
