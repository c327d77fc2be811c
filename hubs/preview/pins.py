"""The digests that charts are pinned to: what a Release resource has no input for."""

from __future__ import annotations

from pathlib import Path

from hubs.preview.values import load_with_placeholders
from hubs.values.releases import releases


def pinned_digests(stack: str, root: Path) -> dict[tuple[str, str | None], str]:
    """`sha256:...` by a chart's reference and version, of every hub's charts. Raises SettingsError.

    Most stacks pin none, and loading the settings takes time: they are loaded only if some file has the word.
    """
    files = [root / "Pulumi.yaml", *(root / "stacks").rglob("*.yaml")]
    if not any(b"digest:" in file.read_bytes() for file in files if file.is_file()):
        return {}
    loaded = load_with_placeholders(stack, root)
    charts = [release.chart for hub in loaded.hubs for release in releases(loaded, hub)]
    return {
        (chart.reference, None if chart.archive else chart.version): chart.digest for chart in charts if chart.digest
    }
