"""Compare rendered objects by content, including YAML and JSON inside Secrets and ConfigMaps."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from hubs import yaml_text
from hubs.preview import manifests
from hubs.preview.diff.claims import is_kept
from hubs.preview.diff.leaves import MISSING, Change, changes
from hubs.preview.manifests import Document

_VERSION_LABELS = ("helm.sh/chart", "chart", "app.kubernetes.io/version")
_FEW = 2
"""Labels that change on so few objects are shown with each of them."""
_INVISIBLE = ("hook-image-puller", "continuous-image-puller", "hook-image-awaiter", "user-placeholder")
"""Objects whose pods people don't notice: they pull images ahead of time, or reserve space."""


@dataclass(frozen=True)
class ObjectChange:
    """One object that differs. `action`: added, removed or changed.

    `changes` omits changes that repeat others: checksums, labels with the chart's version, and the release's values
    that the chart copied into a Secret (`repeated` is their number). `restarts`: the object's pods restart.
    `kept`: Helm keeps the object when it is removed from the chart. `labels`: labels and annotations that change in the
    same way on most objects, which `changes` omits, too.
    """

    action: str
    kind: str
    name: str
    changes: tuple[Change, ...] = ()
    repeated: int = 0
    restarts: bool = False
    kept: bool = False
    labels: tuple[str, ...] = ()

    @property
    def only_labels(self) -> bool:
        """Whether only labels differ that change on most objects, such as those with the chart's version."""
        return self.action == "changed" and not self.changes and not self.repeated and not self.restarts


def compare_objects(old: Sequence[Document], new: Sequence[Document], values: Sequence[Change]) -> list[ObjectChange]:
    """Return the objects that differ between two normalised renderings. `values`: changes of the release's values."""
    before, after = (_by_identity(side) for side in (old, new))
    known = {_result(change) for change in values}
    found = []
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        kind, _, name = key
        if was is None or now is None:
            kept = now is None and is_kept(was or {})
            found.append(ObjectChange("removed" if now is None else "added", kind, name, kept=kept))
        elif was != now:
            found.append(_changed(kind, name, was, now, known))
    return _without_common_labels(found)


def labels_line(objects: Sequence[ObjectChange]) -> str:
    """Return the labels and annotations that change on most objects as a sentence, or an empty text."""
    count = sum(bool(change.labels) for change in objects)
    names = dict.fromkeys(name for change in objects for name in change.labels)
    return f"labels of {count} objects change: {', '.join(names)}" if count else ""


def _without_common_labels(found: list[ObjectChange]) -> list[ObjectChange]:
    """Collect labels and annotations that change in the same way on most of the changed objects."""
    changed = [change for change in found if change.action == "changed"]
    counts = Counter(key for one in changed for key in {_label(item) for item in one.changes} if key is not None)
    common = {key for key, count in counts.items() if count > _FEW and 2 * count >= len(changed)}
    result = []
    for one in found:
        labels = [key for item in one.changes if (key := _label(item)) in common and key is not None]
        rest = tuple(item for item in one.changes if _label(item) not in common)
        names = [name for name, _ in labels] + list(one.labels)
        result.append(replace(one, changes=rest, labels=tuple(dict.fromkeys(names))))
    return result


def _label(change: Change) -> tuple[str, str] | None:
    """Return a changed label or annotation with what happens to it, or None for any other change."""
    for part in ("labels", "annotations"):
        if change.path[-2:-1] == (part,) and change.path[-3:-2] == ("metadata",):
            return change.path[-1], _verb(change)
    return None


def _verb(change: Change) -> str:
    return "added" if change.old is MISSING else "removed" if change.new is MISSING else "changed"


def _changed(kind: str, name: str, was: Document, now: Document, known: set[str]) -> ObjectChange:
    every = changes(_parsed(was), _parsed(now))
    differences = [change for change in every if not _is_version(change)]
    versions = {change.path[-1] for change in every if change.path and change.path[-1] in _VERSION_LABELS}
    new, repeated = [], 0
    for change in differences:
        # The values.yaml in a chart's Secret has the release's values at the top, so paths below two keys are equal.
        if change.path[:1] in (("stringData",), ("data",)) and _result(change.below(2)) in known:
            repeated += 1
        else:
            new.append(change)
    restarts = (
        kind in ("Deployment", "StatefulSet", "DaemonSet")
        and name not in _INVISIBLE
        and manifests.pod_template(was) != manifests.pod_template(now)
    )
    return ObjectChange("changed", kind, name, tuple(new), repeated, restarts, labels=tuple(sorted(versions)))


def _by_identity(documents: Sequence[Document]) -> dict[tuple[str, str, str], Document]:
    return {manifests.identity(document): document for document in documents}


def _result(change: Change) -> str:
    """Return a key for the path and the new value. The old value does not count: it may be the chart's default."""
    result = ("removed", change.old) if change.new is MISSING else ("set", change.new)
    return repr((change.path, result))


def _is_version(change: Change) -> bool:
    """Return whether the change follows from another one: a label with the chart's version, or a checksum."""
    last = change.path[-1] if change.path else ""
    return last in _VERSION_LABELS or last.startswith(("checksum/", "checksum_"))


def _parsed(document: Document) -> Document:
    """Return the object with YAML and JSON in its data parsed."""
    if document.get("kind") not in ("Secret", "ConfigMap"):
        return document
    parsed = dict(document)
    for part in ("data", "stringData"):
        if isinstance(document.get(part), dict):
            parsed[part] = {key: content(key, text) for key, text in document[part].items()}
    return parsed


def content(key: str, text: Any) -> Any:
    """Return the YAML or JSON in an entry of a Secret or ConfigMap as plain data, and any other text as it is."""
    if not isinstance(text, str) or not key.endswith((".yaml", ".yml", ".json", ".dockerconfigjson")):
        return text
    try:
        documents = yaml_text.load(text)
    except yaml.YAMLError:
        return text
    if len(documents) != 1:
        return text
    return _logins(documents[0]) if isinstance(documents[0], dict) else documents[0]


def _logins(config: dict[str, Any]) -> dict[str, Any]:
    """Return a Docker configuration with each `auth` (user and password in base64) decoded."""
    auths = config.get("auths")
    for login in auths.values() if isinstance(auths, dict) else ():
        if isinstance(login, dict) and isinstance(login.get("auth"), str):
            try:
                login["auth"] = base64.b64decode(login["auth"]).decode()
            except (binascii.Error, UnicodeDecodeError):
                continue
    return config
