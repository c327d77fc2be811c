"""Run a hub's own page on this machine: `hubs page STACK HUB`."""

from __future__ import annotations

import gc
import importlib.util
import signal
import time
from pathlib import Path

from hubs.page.errors import LocalHubError
from hubs.page.notes import notes
from hubs.page.run import LocalHub, not_applied
from hubs.page.target import find
from hubs.page.versions import packages_for

PACKAGES = ("jupyterhub", "kubespawner", "jupyterhub_fancy_profiles", "oauthenticator")
"""In requirements-page.lock, and not in requirements.lock."""


def run_page(stack: str, hub: str | None, root: Path, port: int | None, screenshot: Path | None) -> int:
    """Run the hub until Ctrl-C, or until its picture is written to `screenshot`, and return the exit code.

    Raises SettingsError, LocalHubError, and UnknownNameError for a hub that the stack does not have.
    """
    gc.enable()  # it runs for hours
    # SIGTERM stops it like Ctrl-C, so that nothing is left running, even if a background shell ignores Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        return _run(stack, hub, root, port, screenshot)
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.", flush=True)
        return 0


def _run(stack: str, hub: str | None, root: Path, port: int | None, screenshot: Path | None) -> int:
    target = find(stack, hub, root)
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise LocalHubError(f"not installed: {', '.join(missing)}; run `make page`, which installs what the page needs")
    packages = packages_for(target.jupyterhub)
    print(f"Starting {target.title} on this machine ...", flush=True)
    with LocalHub(target, port, packages) as running:
        print(running.site.made_with, flush=True)
        if screenshot:
            from hubs.page.pictures import take

            count = take(running, screenshot)
            print(f"{screenshot}: {count} profile{'s' if count != 1 else ''}")
            return 0
        print(f"Ignored locally (needs a cluster): {', '.join(not_applied(target.jupyterhub)) or 'nothing'}")
        seen = _print_notes(running.log, 0)
        print(
            f"\n  {running.url}\n\nLog in as anyone who may log in to the deployed hub. No password is needed.",
            flush=True,
        )
        print("Ctrl-C stops it.", flush=True)
        while running.alive():
            time.sleep(1)
            seen = _print_notes(running.log, seen)
    raise LocalHubError("the hub ended unexpectedly")


def _print_notes(log: str, seen: int) -> int:
    """Print the notes after the first `seen` ones, and return how many notes there are."""
    found = notes(log)
    for note in found[seen:]:
        print(note, flush=True)
    return len(found)
