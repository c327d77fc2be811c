"""A browser on a local hub: Debian's chromium, driven by Playwright."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hubs.page.errors import LocalHubError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The path of a chromium on this machine."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser; LocalHubError where there is none, and for what goes wrong in it."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise LocalHubError("pictures need the Python package playwright: `make page` installs it") from None
    path = chromium()
    if path is None:
        raise LocalHubError("pictures need chromium: install it, on Debian with `apt-get install chromium`")
    # Chromium's sandbox refuses to work for root, as in containers.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield running
        except Error as error:
            raise LocalHubError(f"the page did not do as expected: {error.message.splitlines()[0]}") from error
        finally:
            running.close()


def log_in(page: Page, url: str, user: str, groups: list[str] | None = None) -> None:
    """Logs in at the hub as a member of `groups`, of all that are offered by default, and opens the options page."""
    page.goto(f"{url}/hub/login?next=%2Fhub%2Fspawn")
    page.fill("#username_input", user)
    for box in page.locator("input[name^='group:']").all():
        name = (box.get_attribute("name") or "").removeprefix("group:")
        box.set_checked(groups is None or name in groups)
    page.click("#login_submit")
    page.wait_for_url("**/hub/spawn*")
