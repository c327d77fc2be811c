"""Run checks in parallel, so that a failing or slow check does not affect the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from hubs.check.findings import CannotCheckError, Check, Finding, Result, Status
from hubs.clients.errors import ClientError

WORKERS = 16
"""Number of threads. Checks spend most of their time waiting for answers."""


def run(checks: Sequence[Check], secrets: Collection[str], done: Callable[[Check], None]) -> list[Finding]:
    """Run all checks and return their findings in the order of `checks`.

    `done` is called in this thread for each finished check. `secrets` are replaced in all findings, because a server
    may send them back.
    """
    found: dict[int, list[Finding]] = {}
    pool = ThreadPoolExecutor(WORKERS)
    try:
        running = {pool.submit(_results, check): number for number, check in enumerate(checks)}
        for future in as_completed(running):
            number = running[future]
            check = checks[number]
            found[number] = [
                Finding(check.area, check.subject, r.status, _clean(r.message, secrets), _clean(r.todo, secrets))
                for r in future.result()
            ]
            done(check)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # on Ctrl-C, don't wait for slow servers
    return [finding for number in range(len(checks)) for finding in found[number]]


def _results(check: Check) -> list[Result]:
    found: list[Result] = []  # keeps the results of a check that fails halfway
    try:
        results = check.run()
        for result in [results] if isinstance(results, Result) else results:
            found.append(result)
    except (CannotCheckError, ClientError) as error:
        found.append(Result(Status.UNCHECKED, str(error), error.todo))
    except Exception as error:  # a bug in the check or an unexpected answer: the other checks continue
        last = traceback.extract_tb(error.__traceback__)[-1]
        # The exception's text is omitted, because it may contain a secret.
        where = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
        found.append(Result(Status.UNCHECKED, f"this check crashed ({where})", "please report this as a bug"))
    return found


def _clean(text: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
