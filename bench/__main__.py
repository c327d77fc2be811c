"""`python -m bench`: a table, and the plot `.state/bench.png`.

With `BENCH_CHARTS=DIR`, the charts of that folder (two archives) are rendered instead of the stand-in charts.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.measure import Cost, measure
from bench.plot import plot
from bench.stacks import IMAGE, ROOT, charts_in_use, make_stack
from hubs.preview.cache import Cache
from hubs.preview.configuration import KUBE_VERSION
from hubs.preview.helm import HelmError, find_helm
from hubs.preview.releases import releases_of

PLOT = ROOT / ".state" / "bench.png"
_REPEATS = 3

# Imports only the SDKs that a plan needs.
_IMPORTS = "import pulumi, pulumi_kubernetes.core.v1, pulumi_kubernetes.helm.v3, pulumi_random"


def main() -> int:
    """Measure all stack sizes, print the table and write the plot."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--hubs", type=int, nargs="+", default=[1, 10, 50, 100])
    sizes = parser.parse_args().hubs
    try:
        helm = find_helm(Cache(None))
    except HelmError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{os.cpu_count()} cores, Helm {helm.version}, charts: {', '.join(charts_in_use())}", flush=True)
    rows = []
    with tempfile.TemporaryDirectory(prefix="imagebuilding-bench-") as folder:
        for hubs in sizes:
            print(f"measuring {hubs} hubs ...", file=sys.stderr, flush=True)
            rows.append(_measure(Path(folder), hubs, helm.path))
    print(_table(rows))
    PLOT.parent.mkdir(exist_ok=True)
    plot(rows, PLOT)
    print(f"plot: {PLOT.relative_to(ROOT)}")
    return 0


def _measure(folder: Path, hubs: int, helm: Path) -> dict[str, float]:
    root, cache, python = make_stack(folder, hubs), folder / f"cache-{hubs}", sys.executable

    def preview(*arguments: str) -> Cost:
        return measure([python, "-m", "hubs", *arguments], root, cache)

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    render = ("render", "bench", "--out", str(folder / f"out-{hubs}"))
    bare = _best(lambda: measure([python, "-c", _IMPORTS], root, cache))
    plan = _best(lambda: preview("plan", "bench", "--json"))
    loop = _best(_loop(root, folder / f"values-{hubs}", helm, cache))
    cold = _best(lambda: preview(*render), forget)
    warm = _best(lambda: preview(*render))
    community = root / "stacks" / "bench" / "community0.yaml"
    community.write_text(community.read_text().replace(IMAGE, IMAGE.replace("2026-07", "2026-08"), 1))
    diff = _best(lambda: preview("diff", "bench"), forget)
    return {
        "hubs": hubs,
        "import": bare.seconds,
        "plan": plan.seconds,
        "loop": loop.seconds,
        "cold": cold.seconds,
        "warm": warm.seconds,
        "diff": diff.seconds,
        "memory": max(cost.mebibytes for cost in (plan, cold, warm, diff)),
    }


def _best(run: Callable[[], Cost], before: Callable[[], None] = lambda: None) -> Cost:
    """Return the fastest of a few runs, because other work of the machine only makes runs slower."""
    costs = []
    for _ in range(_REPEATS):
        before()
        costs.append(run())
    return min(costs, key=lambda cost: cost.seconds)


def _loop(root: Path, folder: Path, helm: Path, cache: Path) -> Callable[[], Cost]:
    """Return a run of a shell loop of `helm template` over values files, for comparison."""
    folder.mkdir()
    plan = folder / "plan.json"
    measure([sys.executable, "-m", "hubs", "plan", "bench", "--json", "--for-rendering"], root, cache, plan)
    lines = ["set -e"]
    for release in releases_of(json.loads(plan.read_text()), KUBE_VERSION):
        values = folder / f"{release.name}.json"
        values.write_text(json.dumps(release.values))
        lines.append(
            f"{helm} template {release.name} {release.chart.chart} --namespace {release.namespace}"
            f" --kube-version {KUBE_VERSION} --values {values} > {folder / release.name}.yaml"
        )
    script = folder / "loop.sh"
    script.write_text("\n".join(lines) + "\n")
    return lambda: measure(["bash", str(script)], root, cache)


def _table(rows: Sequence[dict[str, float]]) -> str:
    """Return a Markdown table of seconds, and of ratios to the lower bounds."""
    lines = [
        "| hubs | SDK import | plan | per import | helm loop | render cold | per loop | render warm | per loop "
        "| diff of one image | per two plans | memory |",
        "|---" * 12 + "|",
    ]
    for row in rows:
        cells = [
            f"{row['hubs']}",
            f"{row['import']:.2f} s",
            f"{row['plan']:.2f} s",
            f"{row['plan'] / row['import']:.1f}",
            f"{row['loop']:.2f} s",
            f"{row['cold']:.2f} s",
            f"{row['cold'] / row['loop']:.2f}",
            f"{row['warm']:.2f} s",
            f"{row['warm'] / row['loop']:.2f}",
            f"{row['diff']:.2f} s",
            f"{row['diff'] / (2 * row['plan']):.2f}",
            f"{row['memory']:.0f} MB",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
