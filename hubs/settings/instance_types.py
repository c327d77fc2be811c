"""CPU and memory that nodes of common instance types have for people's servers."""

from __future__ import annotations

# CPU in cores and memory in bytes that Kubernetes and the usual DaemonSets leave on a node, as
# measured on 2i2c's clusters (2i2c-org/infrastructure, node-capacity-info.json, 2026-08).
AVAILABLE: dict[str, tuple[float, int]] = {
    "n2-highmem-4": (3.45, 28967406928),
    "n2-highmem-16": (15.418, 124447031296),
    "n2-standard-16": (15.418, 60795359232),
    "n2-standard-64": (63.298, 257075171328),
    "n4-standard-16": (15.418, 60795363328),
    "r5.xlarge": (3.725, 31859916406),
    "r5.2xlarge": (7.685, 65296752640),
    "r5.4xlarge": (15.695, 130188897681),
    "r5.16xlarge": (63.575, 525987313876),
    "r7i.xlarge": (3.725, 31785893888),
    "r7i.4xlarge": (15.695, 129585561600),
}

MARGIN = 0.98
"""Part of what is available that servers can use: DaemonSets grow."""
