"""Write the files that the chart mounts into the hub's pod."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


def write_extra_files(files: Mapping[str, Any], directory: Path) -> Path:
    """Write `hub.extraFiles` below a folder that represents the pod's `/`, and return that folder.

    `stringData` is text, `binaryData` is base64, `data` is a mapping, written as JSON or YAML by the path's extension
    (https://z2jh.jupyter.org/en/stable/resources/reference.html#hub-extrafiles).
    """
    root = directory / "pod"
    root.mkdir(exist_ok=True)
    for file in files.values():
        path = root / str(file["mountPath"]).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if "binaryData" in file:
            path.write_bytes(base64.b64decode(file["binaryData"]))
        elif "stringData" in file:
            path.write_text(file["stringData"])
        else:
            text = json.dumps(file["data"]) if path.suffix == ".json" else yaml.safe_dump(file["data"])
            path.write_text(text)
    return root
