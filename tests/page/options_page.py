"""Read and use fancy-profiles' options page like a user."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hubs.page.run import LocalHub
from hubs.preview.diff.options_page import DESCRIPTION, Item, options_page

PROFILE = ".profile-select"
START = "#form button.form-control"
"""The form hides JupyterHub's own button."""
Shown = dict[tuple[str, str], dict[str, list[tuple[str, str]]]]
"""(name, description) of a profile -> name of a list -> (name, description) of its choices, in order."""


def shown(page: Any) -> Shown:
    """Return everything that the page offers, with all of its lists opened."""
    page.wait_for_selector(PROFILE)
    out: Shown = {}
    for profile in page.locator(PROFILE).all():
        profile.locator("h2").click()
        lists = {}
        for select in profile.locator(".select__control").all():
            label = select.locator("input[role=combobox]").get_attribute("aria-label")
            select.click()
            choices = [(_text(option, "title"), _text(option, "description")) for option in _options(page)]
            lists[label] = choices
            page.keyboard.press("Escape")
        label = profile.locator(".profile-select-label")
        out[label.locator("h2").inner_text(), label.locator("p").inner_text()] = lists
    return out


def expected(jupyterhub: dict[str, Any]) -> Shown:
    """Return what the page must show a member of all groups, from the values of the chart jupyterhub."""
    return {_described(item): _lists(item) for item in options_page(jupyterhub)}


def _lists(profile: Item) -> dict[str, list[tuple[str, str]]]:
    return {menu.name: [_described(item) for item in menu.inside] for menu in profile.inside if menu.kind == "menu"}


def _described(item: Item) -> tuple[str, str]:
    of_the_form = "Use a mybinder.org compatible GitHub repo to build your own image" if item.kind == "build" else ""
    return item.name, item.shown.get(DESCRIPTION, of_the_form)


def profile(page: Any, slug: str) -> Any:
    """Select the profile and return it."""
    page.wait_for_selector(PROFILE)
    found = page.locator(f"#profile-{slug}")
    found.locator("h2").click()
    return found


def choose(page: Any, within: Any, label: str, choice: str) -> None:
    """Select a choice in a list of the profile."""
    control = within.locator(f".select__control:has(input[aria-label='{label}'])")
    control.click()
    page.locator(".select__option .react-select-item-title").get_by_text(choice, exact=True).click()


def start(page: Any) -> Any:
    """Press the button that starts the server, and return the request of the form."""
    with page.expect_request(lambda request: request.method == "POST" and "/hub/spawn" in request.url) as posted:
        page.locator(START).click()
    page.wait_for_url(re.compile(r"/user/"))
    return posted.value


def posted(request: Any) -> dict[str, str]:
    """Return the fields of a form that was posted as multipart/form-data."""
    return dict(re.findall(r'name="([^"]+)"\r\n\r\n(.*?)\r\n--', request.post_data, re.DOTALL))


def build(page: Any, within: Any, said: str, repository: str = "org/repo", ref: str = "HEAD") -> str:
    """Start a build that fails, wait until the page's terminal shows `wanted`, and return the terminal's text."""
    _ask_for_build(page, within, repository, ref)
    # The terminal wraps lines at any character.
    shown = "document.querySelector('.xterm-rows')?.innerText.replace(/\\s/g, '')"
    page.wait_for_function(f"{shown}?.includes({''.join(said.split())!r})")
    return "".join(within.locator(".xterm-rows").inner_text().replace("\xa0", " ").split("\n"))


def build_and_start(page: Any, within: Any, ref: str) -> None:
    """Start a build of `org/repo` and wait for the server with its image."""
    _ask_for_build(page, within, "org/repo", ref)
    page.wait_for_function("/[/]user[/]/.test(location) || document.querySelector('[name$=unlisted-choice]')?.value")
    if "/hub/spawn" in page.url and within.get_by_role("button", name="Build image", exact=True).count():
        # Up to fancy-profiles 0.6 the user presses Start; since 0.7 the page starts the server.
        page.locator(START).click()
    page.wait_for_url(re.compile(r"/user/"))


def build_without_the_form(page: Any) -> str:
    """Ask the build service as the page does, but also if the page does not offer it. Return the stream's text."""
    code = """async () => {
        const xsrf = `; ${document.cookie}`.split("; _xsrf=").pop().split(";")[0];
        const { name } = await (await fetch(`/hub/api/user?_xsrf=${xsrf}`)).json();
        const body = JSON.stringify({ expires_in: 3600 });
        const headers = { "content-type": "application/json" };
        const url = `/hub/api/users/${name}/tokens?_xsrf=${xsrf}`;
        const { token } = await (await fetch(url, { method: "POST", headers, body })).json();
        const build = "/services/binder/build/gh/org/repo/HEAD?build_only=true";
        const stream = { Authorization: `token ${token}`, Accept: "text/event-stream" };
        return await (await fetch(build, { headers: stream })).text();
    }"""
    return str(page.evaluate(code))


def _ask_for_build(page: Any, within: Any, repository: str, ref: str) -> None:
    choose(page, within, "Image", "Build your own image")
    within.get_by_role("combobox", name="Repository").fill(repository)
    within.get_by_role("combobox", name="Git Ref").fill(ref)
    within.locator(".xterm").wait_for()
    page.get_by_role("button", name=re.compile("^Build image", re.IGNORECASE)).click()


def _options(page: Any) -> list[Any]:
    found: list[Any] = page.locator(".select__option").all()
    return found


def _text(option: Any, kind: str) -> str:
    found = option.locator(f".react-select-item-{kind}")
    return str(found.inner_text()) if found.count() else ""


def choice_file(hub: LocalHub, user: str) -> Path:
    """Return the file with the choice of a user's server. Raises IndexError if the user has started none."""
    return sorted((hub.site.directory / "servers").glob(f"*{user}*/choice.json"))[-1]
