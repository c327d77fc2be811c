"""What another version of a chart or of JupyterHub means, and where its notes are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hubs.preview.diff.chart_paths import judge
from hubs.preview.diff.hub_software import HubSoftware, software_problems
from hubs.preview.diff.judged import Judgement, Level, Origin
from hubs.preview.diff.leaves import MISSING, Change, changes, dotted
from hubs.preview.diff.objects import content
from hubs.preview.diff.ordering import touches_order
from hubs.preview.diff.words import shown
from hubs.preview.manifests import Document, identity
from hubs.settings.hub_versions import JUPYTERHUB, hub_image
from hubs.settings.layers import value_at
from hubs.settings.touches import Touches

HUB_CHART = "jupyterhub"
CHARTS = "charts."
"""Beginning of the paths of judgements about charts, as of the setting."""
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(-.*)?")
_COMMIT = re.compile(r".*\.git\.\d+\.h(?P<commit>[0-9a-f]{7,40})")
_UPGRADING = "https://z2jh.jupyter.org/en/stable/administrator/upgrading"
_CHANGES = "https://z2jh.jupyter.org/en/stable/changelog.html"
_MAJORS: Mapping[int, str] = {
    # https://github.com/jupyterhub/zero-to-jupyterhub-k8s/tree/main/docs/source/administrator/upgrading
    major: f"{_UPGRADING}/upgrade-{major - 1}-to-{major}.html"
    for major in (2, 3, 4)
}
_REPOSITORIES: Mapping[str, str] = {
    "binderhub-service": "https://github.com/2i2c-org/binderhub-service",
    "jupyterhub-home-nfs": "https://github.com/2i2c-org/jupyterhub-home-nfs",
}
_DEFAULTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    # The Secrets with all values of a release, the chart's defaults included.
    HUB_CHART: (("hub", "values.yaml"),),
    "binderhub-service": (("binderhub", "chart-config.yaml"),),
}
_PVC_NAMES = ("singleuser", "storage", "dynamic", "pvcNameTemplate")
_VOLUME_NAMES = ("singleuser", "storage", "dynamic", "volumeNameTemplate")
_MOST = 5


def notes(chart: str, old: str, new: str) -> str:
    """Return the addresses of what the chart's developers say about an upgrade, or an empty text."""
    before, after = _numbers(old), _numbers(new)
    if chart == HUB_CHART:
        if before is None or after is None or after[0] <= before[0]:
            return _CHANGES
        pages = [_MAJORS.get(major, f"{_UPGRADING}/index.html") for major in range(before[0] + 1, after[0] + 1)]
        return ", ".join(dict.fromkeys([*pages, _CHANGES]))
    repository = _REPOSITORIES.get(chart, "")
    commits = [_COMMIT.fullmatch(version) for version in (old, new)]
    if repository and commits[0] and commits[1]:
        return f"{repository}/compare/{commits[0]['commit']}...{commits[1]['commit']}"
    return repository


def chart_judgement(
    chart: str, old: str, new: str, software: tuple[HubSoftware | None, HubSoftware | None]
) -> Judgement:
    """Return what another version of a chart means. Below 1.0 the second number counts as the major version.

    `software`: the versions of JupyterHub before and after, for the chart jupyterhub.
    """
    before, after = _numbers(old), _numbers(new)
    words, level = "another version", Level.CAREFUL
    if before is None or after is None:
        words, level = "a version that can't be compared", Level.DANGEROUS
    elif after < before:
        words, level = "downgrade", Level.DANGEROUS
    elif before[: _major(before, after) + 1] < after[: _major(before, after) + 1]:
        words, level = "new major version: it may need other values", Level.DANGEROUS
    parts = [words, *hub_words(*software)]
    if where := notes(chart, old, new):
        parts.append(f"read {where}")
    return Judgement(
        level,
        Touches.CODE,
        f"{CHARTS}{chart}",
        f"chart {shown(chart)}",
        old,
        new,
        "; ".join(parts),
        origin=Origin.VALUE,
    )


def hub_words(old: HubSoftware | None, new: HubSoftware | None) -> list[str]:
    """Return what another version of JupyterHub means, or nothing if it stays or is not known."""
    before, after = (_jupyterhub(side) for side in (old, new))
    if not before or not after or before == after:
        return []
    text = f"JupyterHub {before} → {after}"
    was, now = _numbers(before), _numbers(after)
    if was is not None and now is not None and now < was:
        return [
            f"{text}: the hub's database can't be downgraded, so the hub does not start: restore the backup of {before}"
        ]
    return [f"{text}: the hub upgrades its database when it starts, which can't be undone: back it up before"]


def software_judgements(old: HubSoftware | None, new: HubSoftware, *, new_chart: bool) -> Iterator[Judgement]:
    """Yield the problems of chart and hub image together, and another JupyterHub in an image whose chart stays."""
    for subject, problem in software_problems(old, new):
        yield Judgement(Level.DANGEROUS, Touches.CODE, "hub_image", subject, sentence=problem, origin=Origin.VALUE)
    if old is not None and not new_chart and (words := hub_words(old, new)):
        before, after = (_numbers(_jupyterhub(side)) for side in (old, new))
        worse = before is None or after is None or after < before or after[0] > before[0]
        level = Level.DANGEROUS if worse else Level.CAREFUL
        subject = words[0].partition(":")[0]
        yield Judgement(level, Touches.CODE, "hub_image", subject, sentence=words[0], origin=Origin.VALUE)


def _jupyterhub(software: HubSoftware | None) -> str:
    """Return the version of JupyterHub that runs: that of the image, or else the one that the chart is for."""
    if software is None:
        return ""
    return hub_image(software.image).jupyterhub or software.jupyterhub or JUPYTERHUB.get(software.chart, "")


def default_judgements(
    chart: str, old: Sequence[Document], new: Sequence[Document], values: Sequence[Change]
) -> Iterator[Judgement]:
    """Yield what the changed defaults of another version of a chart touch: dangerous ones each, others together.

    `old` and `new`: the rendered objects, whose Secrets contain all values. `values`: changes of the release's own
    values, which are judged elsewhere.
    """
    own = {change.path for change in values}
    found = []
    for secret, key in _DEFAULTS.get(chart, ()):
        sides = _secret(old, secret, key), _secret(new, secret, key)
        versions = tuple(value_at(side, "Chart", "Version") for side in sides)
        found += [
            _reworded(judge(chart, change.path, change.old, change.new))
            for change in changes(*sides)
            # The chart's own images have its version as their tag.
            if change.path not in own and (change.old, change.new) != versions and not _unused(change)
            if change.path[:1] != ("Chart",)
        ]
    found.sort(key=lambda one: touches_order(one.touches))
    together: dict[Touches | None, list[Judgement]] = {}
    for one in found:
        if one.level is Level.DANGEROUS:
            yield replace(one, origin=Origin.OBJECT)
        else:
            together.setdefault(one.touches, []).append(one)
    for touches, some in together.items():
        names = [one.path.removeprefix(f"values.{chart}.") for one in some]
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        what = touches.value if touches is not None else "not judged"
        yield Judgement(
            max(one.level for one in some),
            touches,
            f"{CHARTS}{chart}",
            f"defaults of the chart {shown(chart)} ({what})",
            effect=f"{', '.join(names[:_MOST])}{more}",
            origin=Origin.OBJECT,
        )


def _reworded(one: Judgement) -> Judgement:
    """Return the judgement of a default of the names of people's volumes with what KubeSpawner does about it."""
    if one.path.endswith(dotted(_PVC_NAMES)) and one.new is None:
        # KubeSpawner 7: `handle_legacy_names`.
        text = "KubeSpawner names people's volumes itself, and looks for those with the old names first: check on a"
        return replace(one, effect=f"{text} staging hub that people find their files")
    if one.path.endswith(dotted(_VOLUME_NAMES)):
        text = "only the name inside of the pod changes: mounts in values and profiles that name it have to follow"
        return replace(one, effect=text, level=Level.CAREFUL)
    return one


def _unused(change: Change) -> bool:
    """Return whether a default is new or gone and does nothing: null, false, empty or a mapping of such values."""
    return (change.old is MISSING and _is_empty(change.new)) or (change.new is MISSING and _is_empty(change.old))


def _is_empty(value: Any) -> bool:
    return all(map(_is_empty, value.values())) if isinstance(value, dict) else value in (None, False, "", [])


def _secret(documents: Iterable[Document], name: str, key: str) -> Any:
    for document in documents:
        if document.get("kind") == "Secret" and identity(document)[2] == name:
            found = content(key, (document.get("stringData") or {}).get(key))
            return found if isinstance(found, dict) else {}
    return {}


def _numbers(version: str) -> tuple[int, int, int] | None:
    found = _VERSION.fullmatch(version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _major(*versions: tuple[int, int, int]) -> int:
    """Return the place of the number that counts as the major version."""
    return 1 if all(version[0] == 0 for version in versions) else 0
