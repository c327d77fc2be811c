"""Rendered objects compared: by what they say, with what charts hide inside Secrets laid open."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from hubs.preview import manifests
from hubs.preview.diff.claims import is_kept
from hubs.preview.diff.leaves import MISSING, Change, changes
from hubs.preview.manifests import Document

_VERSION_LABELS = ("helm.sh/chart", "chart", "app.kubernetes.io/version")
_UNNOTICED = ("hook-image-puller", "continuous-image-puller", "hook-image-awaiter", "user-placeholder")
"""Whose pods nobody notices: they fetch images ahead, or keep room."""


@dataclass(frozen=True)
class ObjectChange:
    """One object that differs. `action`: added, removed or changed.

    `changes` leaves out what only repeats a change elsewhere: checksums, the labels that name the chart's version,
    and (`repeated` of them) the release's values that the chart wrote into a Secret. `restarts`: its pods do.
    `kept`: Helm leaves it behind when it is removed.
    """

    action: str
    kind: str
    name: str
    changes: tuple[Change, ...] = ()
    repeated: int = 0
    restarts: bool = False
    kept: bool = False

    @property
    def only_labels(self) -> bool:
        """Nothing differs but the chart's version in its labels."""
        return self.action == "changed" and not self.changes and not self.repeated and not self.restarts


def compare_objects(old: str, new: str, values: Sequence[Change]) -> list[ObjectChange]:
    """The objects that differ between two normalised renderings; `values` are the changes of the release's values."""
    before, after = (_by_identity(manifests.load(text)) for text in (old, new))
    known = {_told(change) for change in values}
    found = []
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        kind, _, name = key
        if was is None or now is None:
            kept = now is None and is_kept(was or {})
            found.append(ObjectChange("removed" if now is None else "added", kind, name, kept=kept))
        elif was != now:
            found.append(_changed(kind, name, was, now, known))
    return found


def _changed(kind: str, name: str, was: Document, now: Document, known: set[str]) -> ObjectChange:
    differences = [change for change in changes(_opened(was), _opened(now)) if not _is_version(change)]
    told, repeated = [], 0
    for change in differences:
        # A chart's values.yaml has the release's values at its top: two keys in, the paths are the same.
        if change.path[:1] in (("stringData",), ("data",)) and _told(change.below(2)) in known:
            repeated += 1
        else:
            told.append(change)
    restarts = (
        kind in ("Deployment", "StatefulSet", "DaemonSet")
        and name not in _UNNOTICED
        and manifests.pod_template(was) != manifests.pod_template(now)
    )
    return ObjectChange("changed", kind, name, tuple(told), repeated, restarts)


def _by_identity(documents: Sequence[Document]) -> dict[tuple[str, str, str], Document]:
    return {manifests.identity(document): document for document in documents}


def _told(change: Change) -> str:
    """What a reader knows of a change: where, and what it is now; what it was may be the chart's default."""
    now = ("is gone", change.old) if change.new is MISSING else ("is", change.new)
    return repr((change.path, now))


def _is_version(change: Change) -> bool:
    """Whether it only follows from another change: the chart's version in a label, a checksum of other objects."""
    last = change.path[-1] if change.path else ""
    return last in _VERSION_LABELS or last.startswith(("checksum/", "checksum_"))


def _opened(document: Document) -> Document:
    """The object with the YAML and JSON inside its data as data."""
    if document.get("kind") not in ("Secret", "ConfigMap"):
        return document
    opened = dict(document)
    for part in ("data", "stringData"):
        if isinstance(document.get(part), dict):
            opened[part] = {key: _content(key, text) for key, text in document[part].items()}
    return opened


def _content(key: str, text: Any) -> Any:
    if not isinstance(text, str) or not key.endswith((".yaml", ".yml", ".json", ".dockerconfigjson")):
        return text
    try:
        documents = manifests.load(text)
    except yaml.YAMLError:
        return text
    if len(documents) != 1:
        return text
    return _logins(documents[0]) if isinstance(documents[0], dict) else documents[0]


def _logins(config: dict[str, Any]) -> dict[str, Any]:
    """A Docker configuration's `auth`, user and password in base64, as text."""
    auths = config.get("auths")
    for login in auths.values() if isinstance(auths, dict) else ():
        if isinstance(login, dict) and isinstance(login.get("auth"), str):
            try:
                login["auth"] = base64.b64decode(login["auth"]).decode()
            except (binascii.Error, UnicodeDecodeError):
                continue
    return config
