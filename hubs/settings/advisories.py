"""Known vulnerabilities of JupyterHub that affect hubs of this program.

Source: https://jupyterhub.readthedocs.io/en/stable/reference/changelog.html, where each is linked. Vulnerabilities of
other spawners are left out. Add new ones here: plans, checks and differences read this list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Advisory:
    """One vulnerability of JupyterHub."""

    id: str
    """CVE or GitHub advisory."""
    what: str
    fixed: tuple[str, ...]
    """The first version with the fix in each line of releases, the oldest line first: `("5.5.3", "6.1.0")`."""
    since: str = "0"
    """The first version that is affected."""
    only: str = ""
    """Which hubs are affected, if not all."""


ADVISORIES: tuple[Advisory, ...] = (
    Advisory(
        "GHSA-hx46-2cv3-mh6g", "denial of service by a logged-in person, with invalid options", ("5.5.3", "6.1.0")
    ),
    # Also CVE-2026-54338.
    Advisory("GHSA-p43p-whwx-q52h", "denial of service without logging in", ("5.5.0",)),
    Advisory("CVE-2026-40864", "cross-site request forgery", ("5.4.5",)),
    Advisory("CVE-2026-33709", "open redirect after logging in", ("5.4.4",)),
    Advisory("CVE-2024-28233", "access by a page of the same domain", ("4.1.0",)),
    Advisory(
        "GHSA-c4gm-pwx9-9w8j", "flaw in access to shared servers", ("5.5.1",), "5.0.0", "where users share servers"
    ),
    Advisory("GHSA-mj6q-mp44-53v8", "shares of renamed users", ("5.5.2",), "5.0.0", "where users share servers"),
    Advisory("CVE-2024-41942", "escalation to administrator", ("4.1.6", "5.1.0"), only="with the scope admin:users"),
    Advisory(
        "GHSA-69wv-m5fw-2fhp", "limits of administrators not enforced", ("5.5.1",), only="with filtered admin scopes"
    ),
    Advisory("GHSA-x7xh-7hc7-9436", "script in a renamed user's name", ("5.5.3", "6.1.0"), only="with the users API"),
    Advisory(
        "GHSA-93gc-h923-mp36",
        "names of users and services in URLs not checked",
        ("5.5.3", "6.1.0"),
        only="where people choose any user name",
    ),
    Advisory(
        "GHSA-pvm9-48cg-w76j",
        "limit of token lifetimes not enforced",
        ("5.5.3", "6.1.0"),
        only="with token_expires_in_max_seconds",
    ),
    Advisory(
        "GHSA-r764-xgvf-jrfj",
        "user names not normalized",
        ("5.5.3", "6.1.0"),
        "5.3.0",
        "with the login type shared-password",
    ),
)
"""Those that affect most hubs first."""


def affecting(jupyterhub: str) -> list[Advisory]:
    """Return the vulnerabilities of this version of JupyterHub. Empty for a text that is not a version."""
    version = _parts(jupyterhub)
    if version is None:
        return []
    return [found for found in ADVISORIES if _is_affected(found, version)]


def summary(jupyterhub: str) -> str:
    """Return the vulnerabilities of this version of JupyterHub in one sentence, or an empty text."""
    found = affecting(jupyterhub)
    if not found:
        return ""
    general = [f"{one.id} ({one.what})" for one in found if not one.only]
    special = [one for one in found if one.only]
    if special:
        general.append(f"and {len(special)} that affect{'s' if len(special) == 1 else ''} few hubs")
    return f"JupyterHub {jupyterhub} has known vulnerabilities, fixed in {_fix(jupyterhub)}: {', '.join(general)}"


def _fix(jupyterhub: str) -> str:
    """Return the first later version that none of the vulnerabilities affects."""
    version = _parts(jupyterhub) or ()
    later = {fix for one in ADVISORIES for fix in one.fixed if (_parts(fix) or ()) > version and not affecting(fix)}
    return min(later, key=lambda fix: _parts(fix) or ())


def _is_affected(advisory: Advisory, version: tuple[int, ...]) -> bool:
    """A fix in a line of releases counts for that line. Lines between two of them, and before, are affected."""
    if version < (_parts(advisory.since) or ()):
        return False
    fixes = [parts for fix in advisory.fixed if (parts := _parts(fix)) is not None]
    same = [fix for fix in fixes if fix[0] == version[0]]
    return version < (same[0] if same else fixes[-1])


_VERSION = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?(\D.*)?")


def _parts(version: str) -> tuple[int, ...] | None:
    """Return a version to compare. One with a suffix (`6.0.0b2`) is before the release."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    return (*(int(part or 0) for part in found.group(1, 2, 3)), -1 if found[4] else 0)
