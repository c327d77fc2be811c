"""Labels and annotations of a hub's namespace: whose it is, and what becomes of it."""

from __future__ import annotations

from typing import Any

LABEL = "imagebuilding/hub"
"""Label with the slug of the hub."""
KEY = "imagebuilding/key"
"""Annotation with the hub's name in the config, `<community>/<hub>`."""
DOMAIN = "imagebuilding/domain"
"""Annotation with the hub's domain."""
WHEN_REMOVED = "imagebuilding/when-removed"
"""Annotation with what becomes of the namespace when the hub is removed: `hubs.settings.moves.KEPT` or DELETED. The
state keeps it together with the option `retain_on_delete`, which a program can't read."""


def marks(slug: str, key: str | None, domain: str | None, when_removed: str) -> dict[str, Any]:
    """Return labels and annotations of a namespace, as in Kubernetes' `metadata`."""
    annotations = {KEY: key, DOMAIN: domain, WHEN_REMOVED: when_removed}
    return {
        "labels": {"app.kubernetes.io/managed-by": "pulumi", LABEL: slug},
        "annotations": {name: text for name, text in annotations.items() if text is not None},
    }
