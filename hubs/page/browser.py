"""Control a browser on a local hub: Debian's chromium through Playwright."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hubs.page.errors import LocalHubError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Return the path of chromium on this machine, or None."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start a headless browser. Raises LocalHubError if there is none, and for errors in the page."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise LocalHubError("screenshots need Playwright; install this project's development requirements") from None
    path = chromium()
    if path is None:
        raise LocalHubError("screenshots need chromium; install it, on Debian with `apt-get install chromium`")
    # Chromium's sandbox does not work for root, for example in containers.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield running
        except Error as error:
            raise LocalHubError(f"the page did not behave as expected: {error.message.splitlines()[0]}") from error
        finally:
            running.close()


def log_in(page: Page, url: str, user: str | None = None, groups: list[str] | None = None) -> None:
    """Log in to the hub as a member of `groups` (by default all that the page lists) and open the options page, or the
    server of a hub without one. By default, the user is the one that the page suggests.

    Raises LocalHubError if the hub refuses the user.
    """
    page.goto(f"{url}/hub/login?next=%2Fhub%2Fspawn")
    if user is not None:
        page.fill("#username_input", user)
    for box in page.locator("input[name^='group:']").all():
        name = (box.get_attribute("name") or "").removeprefix("group:")
        box.set_checked(groups is None or name in groups)
    page.click("#login_submit")
    if page.locator(".login_error").count():
        raise LocalHubError(page.locator(".login_error").inner_text())
    page.wait_for_url(re.compile("/hub/spawn|/user/"))
