"""Write the files that the chart mounts into the hub's pod."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from hubs.page.errors import LocalHubError


def write_extra_files(files: Mapping[str, Any], directory: Path) -> Path:
    """Write `hub.extraFiles` below a folder that represents the pod's `/`, and return that folder.

    `stringData` is text, `binaryData` is base64, `data` is a mapping, written as JSON or YAML by the path's extension
    (https://z2jh.jupyter.org/en/stable/resources/reference.html#hub-extrafiles). Raises LocalHubError for a file that
    can't be written, or would be outside of the folder.
    """
    root = directory / "pod"
    root.mkdir(exist_ok=True)
    for key, file in files.items():
        try:
            path = in_pod(root, file["mountPath"])
            content = _content(file, path.suffix)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise LocalHubError(f"hub.extraFiles.{key} can't be written: {error}") from None
    return root


def in_pod(root: Path, path: str) -> Path:
    """Return the file for an absolute path of the pod, whose `/` is `root`. Raises ValueError for one that climbs."""
    parts = PurePosixPath(path).parts
    if ".." in parts:
        raise ValueError(f"{path} has '..'")
    return root.joinpath(*(part for part in parts if part not in ("/", "//")))


def _content(file: Mapping[str, Any], suffix: str) -> bytes:
    if "binaryData" in file:
        return base64.b64decode("".join(file["binaryData"].split()), validate=True)
    if "stringData" in file:
        return str(file["stringData"]).encode()
    text = json.dumps(file["data"]) if suffix == ".json" else yaml.safe_dump(file["data"])
    return str(text).encode()
