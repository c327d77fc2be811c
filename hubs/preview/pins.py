"""The digests that charts are pinned to, for which a Release resource has no input."""

from __future__ import annotations

from pathlib import Path

from hubs.preview.values import load_with_placeholders
from hubs.values.releases import releases


def pinned_digests(stack: str, root: Path) -> dict[tuple[str, str | None], str]:
    """Return `sha256:...` of every hub's pinned charts, by the chart's reference and version. Raises SettingsError.

    Few stacks pin charts, and loading the settings takes time: they are loaded only if a file contains `digest`.
    """
    files = [root / "Pulumi.yaml", *(root / "stacks").rglob("*.yaml")]
    if not any(b"digest:" in file.read_bytes() for file in files if file.is_file()):
        return {}
    loaded = load_with_placeholders(stack, root)
    charts = [release.chart for hub in loaded.hubs for release in releases(loaded, hub)]
    return {
        (chart.reference, None if chart.archive else chart.version): chart.digest for chart in charts if chart.digest
    }
