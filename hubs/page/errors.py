"""What this package tells a person when it can't go on."""

from __future__ import annotations

from hubs.errors import UserError


class LocalHubError(UserError):
    """The local hub can't be started or didn't work; the message is one line for a person."""
