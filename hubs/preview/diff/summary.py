"""Write the headlines of a report: what changes for each community, in the words of its settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hubs.preview.diff.compare import HubChange, StackChange
from hubs.preview.diff.grouping import Shared, short_names
from hubs.preview.diff.judged import Judgement, Level, Origin
from hubs.preview.diff.report import Headline
from hubs.preview.diff.restarts import restart
from hubs.preview.diff.upgrades import CHARTS
from hubs.preview.diff.wording import title
from hubs.preview.diff.words import plural
from hubs.printable import printable

if TYPE_CHECKING:
    from hubs.values.release import Restart

CLUSTER = "cluster"
"""Stands for the hubs in what concerns no hub by itself."""

_MAX_PHRASES = 4
_Phrase = tuple[Level, str, frozenset[str]]
"""A few words about what changes, and the hubs for which it does."""


def headlines(change: StackChange, judgements: Sequence[Shared]) -> list[Headline]:
    """Return one headline for each community, and one for the cluster, dangerous ones first.

    Communities with the same changes share one. `judgements`: all of the stack, in the order of the report.
    """
    found: list[Headline] = []
    cluster = [(one.judgement.level, title(one.judgement), frozenset[str]()) for one in judgements if not one.hubs]
    if change.shared and not cluster:
        cluster = [(Level.ROUTINE, plural(len(change.shared), "shared resource") + " changed", frozenset[str]())]
    if cluster:
        found.append(Headline(max(level for level, _, _ in cluster), CLUSTER, _joined(cluster, ())))
    if change.secrets.new_key:
        again = "all secrets were encrypted again (new passphrase or key: their values can't be compared)"
        found.append(Headline(Level.CAREFUL, CLUSTER, again))
    same: dict[tuple[Level, str], list[str]] = {}
    for hubs in _communities(change):
        names = [hub.name for hub in hubs]
        changes, restarts = list(_changes(hubs, judgements, bool(change.unreadable))), list(_restarts(hubs))
        level = max((level for level, _, _ in [*changes, *restarts]), default=Level.ROUTINE)
        text = " · ".join(part for part in (_joined(changes, names), _joined(restarts, names)) if part)
        same.setdefault((level, text), []).extend(hub.name for hub in hubs)
    found += [
        Headline(level, short_names(_ordered(names, change.names), change.names), text)
        for (level, text), names in same.items()
    ]
    if change.not_compared:
        left = short_names([hub.hub for hub in change.not_compared], change.names)
        found.append(Headline(Level.CAREFUL, left, "not compared, because the settings have mistakes"))
    return sorted(found, key=lambda headline: -headline.level)


def counts(change: StackChange) -> str:
    """Return how many hubs change, what could not be compared, and which secrets changed."""
    actions = Counter(hub.action for hub in change.hubs)
    every = len(change.names)
    parts = []
    if actions["changed"]:
        of = f"{actions['changed']} of " if every > actions["changed"] else ""
        verb = "changes" if actions["changed"] == 1 else "change"
        parts.append(f"{of}{plural(max(every, actions['changed']), 'hub')} {verb}")
    parts += [f"{plural(actions[action], 'hub')} {action}" for action in ("added", "removed") if actions[action]]
    if change.shared:
        parts.append(plural(len(change.shared), "shared resource"))
    problems = sum(bool(release.problem) for hub in change.hubs for release in hub.releases)
    if problems:
        parts.append(f"{plural(problems, 'release')} could not be rendered")
    if change.not_compared:
        names = short_names([left.hub for left in change.not_compared], change.names)
        parts.append(f"not compared: {names}")
    if secrets := _secrets(change):
        parts.append(secrets)
    return ", ".join(parts)


def _communities(change: StackChange) -> list[list[HubChange]]:
    found: dict[str, list[HubChange]] = {}
    for hub in in_order(change):
        found.setdefault(hub.name.partition("/")[0], []).append(hub)
    return list(found.values())


def in_order(change: StackChange) -> list[HubChange]:
    """Return the hubs that differ in the order of their files."""
    return sorted(change.hubs, key=lambda hub: _place(hub.name, change.names))


def _place(name: str, names: Sequence[str]) -> int:
    return names.index(name) if name in names else len(names)


def _ordered(hubs: Sequence[str], names: Sequence[str]) -> list[str]:
    return sorted(hubs, key=lambda name: _place(name, names))


def _changes(hubs: Sequence[HubChange], judgements: Sequence[Shared], unreadable: bool) -> Iterator[_Phrase]:
    """Yield what changes for some hubs of a community: new hubs, then judged changes, removed hubs among them."""
    actions = {hub.name: hub.action for hub in hubs}
    if added := frozenset(name for name, action in actions.items() if action == "added"):
        yield Level.ROUTINE, "new hub", added
    for one in judgements:
        those = frozenset(name for name in actions if name in one.hubs and _is_news(one.judgement, actions[name]))
        if those:
            yield one.judgement.level, _brief(one.judgement), those
    judged = {name for one in judgements for name in one.hubs}
    shared = any(not one.hubs for one in judgements)
    for hub in hubs:
        if hub.action == "changed" and hub.name not in judged:
            level = Level.CAREFUL if unreadable else Level.ROUTINE
            images = sorted({str(image) for release in hub.releases for image in release.images})
            what = (
                "with the cluster's settings"
                if shared
                else "settings have the same effect, but what is installed differs"
            )
            what = "settings not compared" if unreadable else what
            yield level, f"{what} (images: {', '.join(images)})" if images else what, frozenset([hub.name])


def _is_news(judgement: Judgement, action: str) -> bool:
    """Return whether a headline says it: dangers, and of what changes all but the parts of a chart's version."""
    part = judgement.origin is Origin.OBJECT and judgement.path.startswith(CHARTS)
    return judgement.level is Level.DANGEROUS or (action == "changed" and not part)


def _brief(judgement: Judgement) -> str:
    """Return the title of a judgement without the path of a chart's value, if there are words for it."""
    words, path, _ = judgement.subject.partition(" (")
    by_path = judgement.path.startswith("values.") and path and words
    return title(replace(judgement, subject=words) if by_path else judgement)


def _restarts(hubs: Sequence[HubChange]) -> Iterator[_Phrase]:
    found: dict[Restart, set[str]] = {}
    for hub in hubs:
        for thing in (o for release in hub.releases for o in release.objects if o.restarts):
            found.setdefault(restart(thing.name), set()).add(hub.name)
    for meaning, names in found.items():
        yield Level.CAREFUL if meaning.disturbs else Level.ROUTINE, str(meaning), frozenset(names)


def _joined(phrases: Sequence[_Phrase], names: Sequence[str]) -> str:
    """Return the phrases as one line. What concerns only some of the hubs names them."""
    said: dict[str, set[str]] = {}
    for _, text, those in phrases:
        said.setdefault(printable(text), set()).update(those)
    parts = []
    for text, hubs in said.items():
        only = [printable(name.partition("/")[2] or name) for name in names if name in hubs and len(hubs) < len(names)]
        parts.append(f"{text} ({', '.join(only)})" if only else text)
    left = len(parts) - _MAX_PHRASES
    return " · ".join(parts if left < 2 else [*parts[:_MAX_PHRASES], f"and {left} more changes"])


def _secrets(change: StackChange) -> str:
    secrets = change.secrets
    parts = [
        f"{plural(len(paths), 'secret')} {word}"
        for paths, word in ((secrets.changed, "changed"), (secrets.added, "added"), (secrets.removed, "removed"))
        if paths
    ]
    return ", ".join(parts)
