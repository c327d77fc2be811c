"""Every community of every stack: the page shows its settings, and the hub recognizes all of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hubs.page.browser import log_in
from hubs.page.notes import notes
from hubs.page.run import LocalHub
from hubs.page.target import target
from hubs.preview.program import Program, run
from hubs.preview.values import load_with_placeholders
from hubs.settings.loader import ROOT
from hubs.stack_files import stack_names
from tests.page import options_page as options


def _hubs() -> list[Any]:
    """Return the hubs of all stacks; only the first of a community's hubs with the same offers."""
    out = []
    for stack in stack_names(ROOT):
        loaded = load_with_placeholders(stack, ROOT)
        seen = set()
        for hub in loaded.hubs:
            offer = f"{hub.community} {hub.auth} {hub.profiles} {hub.build} {hub.values}"
            if offer not in seen:
                seen.add(offer)
                out.append(pytest.param(stack, hub.key, id=f"{stack}-{hub.key}"))
    return out


@pytest.fixture(scope="module", autouse=True)
def programs() -> dict[str, Program]:
    """Run the programs of all stacks before the browser takes the thread's event loop."""
    return {stack: run(stack, ROOT) for stack in stack_names(ROOT)}


@pytest.mark.parametrize(("stack", "key"), _hubs())
def test_the_page_is_the_communitys(programs: dict[str, Program], page: Any, stack: str, key: str) -> None:
    wanted = target(load_with_placeholders(stack, ROOT).hub(key), programs[stack])
    with LocalHub(wanted) as hub:
        log_in(page, hub.url, "everyone")
        assert options.shown(page) == options.expected(wanted.jupyterhub)
        options.start(page)
        assert json.loads(options.choice_file(hub, "everyone").read_text())["Image"]
        page.goto(f"{hub.url}/services/binder/")
        assert ("logged in as everyone" in page.inner_text("body")) == _may_build(wanted.jupyterhub)
        assert [note for note in notes(hub.log) if "not recognized" in note or "[E" in note] == []


def _may_build(jupyterhub: dict[str, Any]) -> bool:
    """Return whether a member of all groups that the login offers has the scope."""
    scope = "access:services!service=binder"
    return any(scope in role["scopes"] for role in jupyterhub["hub"]["loadRoles"].values())
