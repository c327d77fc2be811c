"""The error of this package."""

from __future__ import annotations

from hubs.errors import UserError


class LocalHubError(UserError):
    """The local hub can't start or does not work. The message is one line."""
