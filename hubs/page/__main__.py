"""`python -m hubs.page STACK [COMMUNITY/HUB]`: a hub's own page, before it is deployed."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from hubs.page.errors import LocalHubError
from hubs.settings.errors import SettingsError

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; gives its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m hubs.page", description="Run a hub's own page on this machine, before it is deployed."
    )
    parser.add_argument("stack", help="a stack: stacks/Pulumi.STACK.yaml")
    parser.add_argument("hub", nargs="?", metavar="COMMUNITY/HUB", help="a hub of the stack; default: its only one")
    parser.add_argument("--port", type=int, help="port of 127.0.0.1 to listen on; default: a free one")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="write a PNG of the options page, and end")
    options = parser.parse_args(arguments)
    # Ended like Ctrl-C ends it, so that nothing is left behind; also where a shell in the background ignores Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        return _run(options.stack, options.hub, options.port, options.screenshot)
    except (LocalHubError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.", flush=True)
        return 0


def _run(stack: str, hub: str | None, port: int | None, screenshot: Path | None) -> int:
    from hubs.page.run import LocalHub, not_applied
    from hubs.page.target import find

    target = find(stack, hub, ROOT)
    print(f"Starting {target.title} on this machine ...", flush=True)
    with LocalHub(target, port) as running:
        if screenshot:
            from hubs.page.pictures import take

            count = take(running, screenshot)
            print(f"{screenshot}: {count} profile{'s' if count != 1 else ''}")
            return 0
        print(f"Ignored locally (needs a cluster): {', '.join(not_applied(target.jupyterhub)) or 'nothing'}")
        seen = _tell(running.log, 0)
        print(f"\n  {running.url}\n\nLog in under any name. Ctrl-C stops it.", flush=True)
        while running.alive():
            time.sleep(1)
            seen = _tell(running.log, seen)
    raise LocalHubError("the hub ended by itself")


def _tell(log: str, seen: int) -> int:
    """Prints the notes after the first `seen`; gives how many there are."""
    from hubs.page.notes import notes

    found = notes(log)
    for note in found[seen:]:
        print(note, flush=True)
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
