"""The same project and helm fixtures as in the tests of previews."""

from __future__ import annotations

from tests.preview.conftest import helm, project, shared_cache

__all__ = ["helm", "project", "shared_cache"]
