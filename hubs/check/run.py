"""Runs checks side by side, so that none hides another and a slow one delays only itself."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from hubs.check.findings import CannotCheckError, Check, Finding, Result, Status
from hubs.clients.errors import ClientError

WORKERS = 16
"""Checks wait for answers nearly all the time."""


def run(checks: Sequence[Check], secrets: Collection[str], done: Callable[[Check], None]) -> list[Finding]:
    """All findings, in the order of `checks`. `done` is told of each check that has ended, in this thread.

    `secrets` are words that no finding may say; they are replaced, whatever a server echoes.
    """
    found: dict[int, list[Finding]] = {}
    pool = ThreadPoolExecutor(WORKERS)
    try:
        running = {pool.submit(_look, check): number for number, check in enumerate(checks)}
        for future in as_completed(running):
            number = running[future]
            check = checks[number]
            found[number] = [
                Finding(check.area, check.subject, r.status, _clean(r.message, secrets), _clean(r.todo, secrets))
                for r in future.result()
            ]
            done(check)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # on Ctrl-C nobody waits for slow servers
    return [finding for number in range(len(checks)) for finding in found[number]]


def _look(check: Check) -> list[Result]:
    found: list[Result] = []  # a check that stops halfway has found what it found before
    try:
        results = check.look()
        for result in [results] if isinstance(results, Result) else results:
            found.append(result)
    except (CannotCheckError, ClientError) as error:
        found.append(Result(Status.UNCHECKED, str(error), error.todo))
    except Exception as error:  # a bug of ours, or an answer nobody thought of: the other checks go on
        last = traceback.extract_tb(error.__traceback__)[-1]
        # The exception's text could quote anything, a secret too.
        where = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
        found.append(Result(Status.UNCHECKED, f"preflight stumbled ({where})", "please report this"))
    return found


def _clean(text: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
