"""Take a picture of a hub's options page: each profile selected, with each of its lists opened."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubs.page.browser import browser, log_in
from hubs.page.run import LocalHub
from hubs.page.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

_WIDTH, _HEIGHT = 1200, 1000  # size of the page, in pixels
_TERMINAL = 300  # milliseconds until the page's terminal has written its first line
_PROFILE = ".profile-select"
_SELECT = ".select__control input[role=combobox]"
_BUILD = "Build your own image"
_EVERYONE = "The page as a member of every group sees it."
_SHEET = """<!doctype html><html><head><meta charset="utf-8"><style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0; padding: 24px; background: #fff; color: #222 }}
body {{ width: max-content }}
h1 {{ font-size: 26px; margin: 0 }} h2 {{ font-size: 20px; margin: 32px 0 8px }} p {{ margin: 0 0 8px; color: #555 }}
.row {{ display: flex; gap: 16px; align-items: flex-start }} figure {{ margin: 0 }}
small {{ color: #555; font-weight: normal }}
figcaption {{ color: #555; padding-bottom: 4px }} img {{ border: 1px solid #ccc; display: block }}
</style></head><body><h1>{title}</h1><p>{subtitle}</p>{rows}</body></html>"""


@dataclass(frozen=True)
class _Picture:
    caption: str
    png: bytes


def take(hub: LocalHub, file: Path) -> int:
    """Write a PNG of the running hub's options page as a member of all groups sees it. Return the number of profiles.

    Without profiles, people see no options page: the picture shows the server that they get. Raises LocalHubError.
    """
    with browser() as running:
        page = running.new_page(viewport={"width": _WIDTH, "height": _HEIGHT}, color_scheme="light")
        log_in(page, hub.url)
        if not page.locator("form#spawn_form").count():
            page.wait_for_url("**/user/**")
            seen = page.screenshot(full_page=True, animations="disabled")
            _sheet(running, file, hub.site, [("No options page: a server starts at once", [_Picture("it gets", seen)])])
            return 0
        _open(page)
        count = page.locator(_PROFILE).count()
        rows = [("The page", [_Picture("as it opens", page.locator("form").screenshot(animations="disabled"))])]
        rows += [_profile(page, number) for number in range(count)]
        _sheet(running, file, hub.site, rows)
    return count


def _open(page: Page) -> None:
    """Reload the options page and wait until fancy-profiles has drawn it."""
    page.goto(page.url.partition("#")[0])
    page.wait_for_selector(_PROFILE)
    page.add_style_tag(content=".select__menu-list { max-height: none !important }")


def _profile(page: Page, number: int) -> tuple[str, list[_Picture]]:
    """Return a profile's name and its pictures: selected, then with each of its lists opened."""
    profile = _alone(page, number)
    name = profile.locator("h2").inner_text()
    labels = [select.get_attribute("aria-label") or "Options" for select in profile.locator(_SELECT).all()]
    pictures = [] if labels else [_Picture("chosen", profile.screenshot(animations="disabled"))]
    for at, label in enumerate(labels):
        profile = _alone(page, number)
        profile.locator(".select__control").nth(at).click()
        menu = page.locator(".select__menu")
        pictures.append(_Picture(label, _with_menu(page, profile, menu)))
        build = menu.get_by_text(_BUILD, exact=True)
        if build.count():
            build.click()
            profile.locator(".xterm").wait_for()
            page.wait_for_timeout(_TERMINAL)
            pictures.append(_Picture(f"{label}: {_BUILD.lower()}", profile.screenshot(animations="disabled")))
    return name, pictures


def _alone(page: Page, number: int) -> Locator:
    """Reload the page, select one profile and hide everything else."""
    _open(page)
    profile = page.locator(_PROFILE).nth(number)
    profile.locator("h2").click()
    others = f"{_PROFILE}:not(.selected-profile), #form button.form-control"
    page.add_style_tag(content=f"{others} {{ visibility: hidden }}")
    return profile


def _with_menu(page: Page, profile: Locator, menu: Locator) -> bytes:
    """Return a picture of the profile with its open list, however long the list is."""
    boxes = [box for box in (profile.bounding_box(), menu.bounding_box()) if box]
    scrolled = page.evaluate("window.scrollY")
    top = min(box["y"] for box in boxes) + scrolled
    bottom = max(box["y"] + box["height"] for box in boxes) + scrolled + 4
    clip: Any = {"x": boxes[0]["x"], "y": top, "width": boxes[0]["width"], "height": bottom - top}
    return page.screenshot(full_page=True, clip=clip, animations="disabled")


def _sheet(running: Browser, file: Path, site: Site, rows: list[tuple[str, list[_Picture]]]) -> None:
    """Write all pictures to one file, a row for each profile."""
    html = ""
    profiles = (site.jupyterhub.get("singleuser") or {}).get("profileList") or []
    for name, pictures in rows:
        figures = "".join(
            f"<figure><figcaption>{escape(picture.caption)}</figcaption>"
            f'<img src="data:image/png;base64,{base64.b64encode(picture.png).decode()}"></figure>'
            for picture in pictures
        )
        html += f'<h2>{escape(name)}{_limit(profiles, name)}</h2><div class="row">{figures}</div>'
    page = running.new_page(viewport={"width": _WIDTH, "height": _HEIGHT}, color_scheme="light")
    subtitle = f"{_EVERYONE} {site.made_with}"
    page.set_content(_SHEET.format(title=escape(site.title), subtitle=escape(subtitle), rows=html))
    page.screenshot(path=file, full_page=True)


def _limit(profiles: list[dict[str, Any]], name: str) -> str:
    """Return a note on the groups that the profile is restricted to, if any."""
    groups = next((profile.get("allowed_groups") for profile in profiles if profile["display_name"] == name), None)
    return f" <small>only for {escape(', '.join(groups))}</small>" if groups else ""
