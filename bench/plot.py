"""Plot the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_LINES = (
    ("loop", "shell loop of helm template", "#999999", "--"),
    ("cold", "render, cold", "#d55e00", "-"),
    ("diff", "diff of one changed image", "#0072b2", "-"),
    ("plan", "plan", "#009e73", "-"),
    ("warm", "render, warm", "#e69f00", "-"),
    ("import", "bare SDK import", "#999999", ":"),
)


def plot(rows: Sequence[dict[str, float]], path: Path) -> None:
    """Write a PNG of seconds over hubs, with one line per measurement; lower bounds are dashed."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4.5), dpi=120)
    hubs = [row["hubs"] for row in rows]
    for key, _, colour, style in _LINES:
        axes.plot(hubs, [row[key] for row in rows], style, color=colour, marker="o", markersize=4, linewidth=2)
    gap = max(row[key] for row in rows for key, *_ in _LINES) / 20  # minimum distance between labels
    height = -gap
    for key, label, colour, _ in sorted(_LINES, key=lambda line: rows[-1][line[0]]):
        seconds = rows[-1][key]
        height = max(seconds, height + gap)
        text = f"{label}, {seconds:.1f} s"
        axes.text(1.03 * hubs[-1], height, text, color=colour, va="center")
    axes.set_xlabel("hubs in the stack")
    axes.set_ylabel("seconds")
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    figure.savefig(path, bbox_inches="tight", facecolor="white")
