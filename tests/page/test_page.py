"""The options page of a hub, in a real browser on the real JupyterHub."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hubs.page.browser import log_in
from tests.page import options_page as options
from tests.page.conftest import CALLS, Builder
from tests.page.example import ADMINS, BUILDERS, GPU, MARKER, OCEAN


def test_the_login_says_what_it_is(ocean: Any, page: Any) -> None:
    page.goto(ocean.url)
    text = page.inner_text("body")
    assert "Demonstration login" in text
    assert "people log in with GitHub" in text
    assert "Administrators: ada" in text
    assert "Local demonstration of ocean/prod: not the deployed hub.\nMade with JupyterHub " in text
    assert "\nBack at nine" in text
    assert page.get_by_role("link", name="Ocean Observatory").get_attribute("href") == "https://ocean.example.org/about"
    assert {GPU, BUILDERS, ADMINS, OCEAN} == {box.inner_text() for box in page.locator(".form-check label").all()}


def test_who_may_not_log_in_to_the_deployed_hub_is_refused_and_told_why(ocean: Any, page: Any) -> None:
    page.goto(f"{ocean.url}/hub/login")
    assert page.input_value("#username_input") == "demo"
    page.fill("#username_input", "<b>stranger")
    with page.expect_response(lambda response: response.request.method == "POST") as got:
        page.click("#login_submit")
    assert got.value.status == 403
    assert page.inner_text("[role=alert]") == (
        "On the deployed hub, <b>stranger can't log in: no rule allows this name or these groups."
        f" Tick {OCEAN} or {ADMINS} or {GPU}, or use the name ada."
    )
    assert page.input_value("#username_input") == "<b>stranger"
    assert page.goto(f"{ocean.url}/hub/spawn").url.startswith(f"{ocean.url}/hub/login")


def test_every_choice_is_shown_with_name_and_description(ocean: Any, page: Any) -> None:
    log_in(page, ocean.url, "everyone")
    expected = options.expected(ocean.site.jupyterhub)
    assert options.shown(page) == expected
    # The comparison below is not empty, because the example has these.
    assert ("SciPy & friends", "Plots, <statistics>") in expected["Science", "Notebooks on CPUs"]["Image"]


def test_the_build_form_fits_a_phone(ocean: Any, page: Any) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    log_in(page, ocean.url, "phone")
    science = options.profile(page, "science")
    options.choose(page, science, "Image", "Build your own image")
    for name in ("Repository", "Git Ref"):
        assert science.get_by_role("combobox", name=name).bounding_box()["width"] > 180
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_groups_hide_profiles_and_choices(ocean: Any, page: Any) -> None:
    log_in(page, ocean.url, "nobody", groups=[OCEAN])
    shown = options.shown(page)
    assert [name for name, _ in shown] == ["Science", "Fixed"]
    assert [name for name, _ in shown["Science", "Notebooks on CPUs"]["Size"]] == ["Small", "Large"]


@pytest.mark.parametrize(
    ("user", "groups", "admin"), [("ada", [], True), ("boss", [ADMINS], True), ("worker", [GPU], False)]
)
def test_administrators_are_the_communitys(ocean: Any, page: Any, user: str, groups: list[str], admin: bool) -> None:
    log_in(page, ocean.url, user, groups)
    assert page.goto(f"{ocean.url}/hub/admin").status == (200 if admin else 403)


def test_a_hidden_profile_can_not_be_asked_for(ocean: Any, page: Any) -> None:
    log_in(page, ocean.url, "sly", groups=[OCEAN])
    page.goto(f"{ocean.url}/hub/spawn?profile=gpu")
    page.get_by_text("Spawn failed").wait_for()
    assert "No such profile: gpu" in ocean.log
    with pytest.raises(IndexError):
        options.choice_file(ocean, "sly")


def test_the_chosen_is_what_the_server_gets(ocean: Any, page: Any) -> None:
    log_in(page, ocean.url, "grace")
    science = options.profile(page, "science")
    options.choose(page, science, "Image", "Pangeo")
    options.choose(page, science, "Size", "Large")
    posted = options.posted(options.start(page))
    assert posted["profile"] == "science"
    assert posted["profile-option-science--image"] == "pangeo"
    assert posted["profile-option-science--size"] == "large"
    choice = json.loads(options.choice_file(ocean, "grace").read_text())
    assert choice["Image"] == "pangeo/notebook:2026"
    assert choice["Limits"] == ["cpu: no limit, 3.5 guaranteed", "memory: at most 16 GiB, 256 MiB guaranteed"]
    assert "size=large" in choice["Node selector"]
    assert choice["Opens"] == "/rstudio"


def test_without_jupyterlab_the_server_is_a_page_with_the_choice(ocean: Any, page: Any) -> None:
    _unless_jupyterlab()
    log_in(page, ocean.url, "barbara")
    options.profile(page, "gpu")
    options.start(page)
    text = page.inner_text("body")
    assert "This would be barbara's server" in text
    assert "registry.example.org/gpu:1" in text
    assert "nvidia.com/gpu: 1\n" in text
    assert "accelerator=t4" in text
    assert "SCRATCH" in text


def test_a_server_is_its_owners(ocean: Any, page: Any) -> None:
    _unless_jupyterlab()
    log_in(page, ocean.url, "owner")
    options.profile(page, "gpu")
    options.start(page)
    page.context.clear_cookies()
    log_in(page, ocean.url, "other", groups=[OCEAN])
    assert page.goto(f"{ocean.url}/user/owner/").status == 403


def test_an_image_is_typed_in_whole(ocean: Any, page: Any) -> None:
    log_in(page, ocean.url, "hedy")
    science = options.profile(page, "science")
    options.choose(page, science, "Image", "Specify an existing docker image")
    field = science.get_by_role("combobox", name="Custom image")
    field.fill("a/b")
    page.locator(options.START).click()
    message = "Must be a publicly available docker image, of form <image-name>:<tag>"
    assert science.locator(".invalid-feedback").first.inner_text() == message
    assert "/hub/spawn" in page.url
    field.fill("a/b:c")
    options.start(page)
    assert json.loads(options.choice_file(ocean, "hedy").read_text())["Image"] == "a/b:c"


def test_nothing_is_built_without_docker_and_the_page_says_so(ocean: Any, builder: Builder, page: Any) -> None:
    builder.docker(on=False)
    log_in(page, ocean.url, "mary", groups=[BUILDERS])
    science = options.profile(page, "science")
    with (
        page.expect_response(
            lambda response: response.url.endswith("/hub/api/users/mary/tokens?_xsrf=" + _xsrf(page))
        ) as made,
        page.expect_request(lambda request: "/services/binder/build/" in request.url) as asked,
    ):
        text = options.build(page, science, "The image was not built: Docker is not available on this machine")
    assert asked.value.url.endswith("/services/binder/build/gh/org/repo/HEAD?build_only=true")
    assert asked.value.headers["authorization"] == f"Bearer {made.value.json()['token']}"
    assert builder.commit in text


def test_a_built_image_starts(ocean: Any, builder: Builder, page: Any) -> None:
    builder.docker(on=True)
    log_in(page, ocean.url, "edith", groups=[BUILDERS])
    science = options.profile(page, "science")
    options.build_and_start(page, science, ref="v1")
    image = json.loads(options.choice_file(ocean, "edith").read_text())["Image"]
    assert image.startswith("registry.example.org/hubs/earth-ocean-prod-org-2drepo-")
    assert image.endswith(f":{builder.commit}")
    command = (ocean.site.directory / CALLS).read_text().split()
    assert command[-1] == "https://github.com/org/repo"
    assert command[command.index("--ref") + 1] == builder.commit
    assert command[command.index("--image") + 1] == image


@pytest.mark.parametrize(("repository", "ref"), [("org/none", "HEAD"), ("org/repo", "no-such-branch")])
def test_a_repository_that_is_not_there_fails_visibly(ocean: Any, page: Any, repository: str, ref: str) -> None:
    log_in(page, ocean.url, "joan", groups=[BUILDERS])
    science = options.profile(page, "science")
    options.build(page, science, f"Could not resolve {ref} in https://github.com/{repository}", repository, ref)


def test_building_is_for_those_with_the_role(ocean: Any, builder: Builder, page: Any) -> None:
    log_in(page, ocean.url, "eve", groups=[GPU])
    science = options.shown(page)["Science", "Notebooks on CPUs"]
    assert "Build your own image" not in [name for name, _ in science["Image"]]
    assert "Specify an existing docker image" in [name for name, _ in science["Image"]]
    answer = options.build_without_the_form(page)
    assert "user eve is not allowed" in answer
    assert builder.commit not in answer


def test_the_cookie_login_knows_the_user(ocean: Any, page: Any) -> None:
    log_in(page, ocean.url, "ruth", groups=[BUILDERS])
    page.goto(f"{ocean.url}/services/binder/")
    assert page.url == f"{ocean.url}/services/binder/"
    assert page.inner_text("body") == "You are logged in as ruth."


def test_the_cookie_login_is_for_those_with_the_role(ocean: Any, page: Any) -> None:
    log_in(page, ocean.url, "mallory", groups=[GPU])
    assert page.goto(f"{ocean.url}/services/binder/").status == 403
    assert "knows you" not in page.inner_text("body")


def test_secrets_are_nowhere(ocean: Any, page: Any) -> None:
    log_in(page, ocean.url, "alice")
    options.profile(page, "gpu")
    options.start(page)
    assert MARKER not in page.content()
    assert MARKER not in ocean.log
    assert MARKER not in options.choice_file(ocean, "alice").read_text()


def _unless_jupyterlab() -> None:
    import importlib.util

    if importlib.util.find_spec("jupyterlab"):
        pytest.skip("JupyterLab is installed: it runs instead of the page")


def _xsrf(page: Any) -> str:
    return next(str(cookie["value"]) for cookie in page.context.cookies() if cookie["name"] == "_xsrf")
