"""What this package tells a person when it can't go on."""

from __future__ import annotations


class LocalHubError(Exception):
    """The local hub can't be started or didn't work; the message is one line for a person."""
