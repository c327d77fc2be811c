"""The error of this package."""

from __future__ import annotations


class LocalHubError(Exception):
    """The local hub can't start or does not work. The message is one line."""
