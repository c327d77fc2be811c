"""Constraints on Kubernetes versions, with the rules of Helm's library."""

from __future__ import annotations

import pytest

from hubs.check.versions import accepts


@pytest.mark.parametrize(
    ("constraint", "version", "fits"),
    [
        (">=1.28.0-0", "v1.28.0", True),
        (">=1.28.0-0", "v1.27.9", False),
        (">=1.28.0-0", "v1.33.5-gke.1080000", True),
        (">=1.28.0-0", "v1.33.5-eks-abc123", True),
        (">=1.28.0", "v1.33.5-gke.1080000", False),  # a suffix matches only if the constraint has one
        (">= 1.20, < 1.30", "1.29.3", True),
        (">= 1.20, < 1.30", "1.30.0", False),
        (">=1.20 <1.25 || >=1.30", "1.31.2", True),
        (">=1.20 <1.25 || >=1.30", "1.27.0", False),
        ("1.2 - 1.4.5", "1.4.5", True),
        ("1.2 - 1.4.5", "1.4.6", False),
        ("^1.20", "1.35.4", True),
        ("^1.20", "2.0.0", False),
        ("^0.2.3", "0.3.0", False),
        ("~1.30.1", "1.30.9", True),
        ("~1.30.1", "1.31.0", False),
        ("~1", "1.99.0", True),
        ("1.30.x", "1.30.7", True),
        ("1.30.x", "1.31.0", False),
        ("1.30", "1.30.7", True),
        ("*", "1.30.7", True),
        ("!=1.30.x", "1.30.7", False),
        (">1.30", "1.30.7", False),
        ("<=1.30", "1.30.7", True),
        ("=v1.30.7", "v1.30.7+k3s1", True),
    ],
)
def test_accepts(constraint: str, version: str, fits: bool) -> None:
    assert accepts(constraint, version) is fits


@pytest.mark.parametrize(
    ("constraint", "version"), [("newest", "1.2.3"), ("", "1.2.3"), (">=1.2", "unknown"), (">=1.2 ?", "1.3.0")]
)
def test_what_cannot_be_read_is_an_error(constraint: str, version: str) -> None:
    with pytest.raises(ValueError, match=r"is not a version|is empty"):
        accepts(constraint, version)
