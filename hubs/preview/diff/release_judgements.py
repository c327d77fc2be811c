"""Judge the values of planned releases, with the settings that they are made from, if this program can read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hubs.preview.diff.judged import Judgement
from hubs.preview.diff.judged_values import Side, value_judgements

if TYPE_CHECKING:
    from hubs.settings.hub import Hub
    from hubs.settings.stack import Stack
    from hubs.values.release import Values

Planned = Mapping[str, Any]
"""Values of a release, as planned."""


class Releases:
    """The releases of a stack at one revision, as this program makes them from its settings."""

    def __init__(self, stack: Stack | None) -> None:
        self._stack = stack
        self._values: dict[tuple[str, bool], dict[str, Values]] = {}
        self._known = _by_name(stack) if stack is not None else {}

    def side(self, name: str, *, plain: bool = False) -> tuple[str, Side] | None:
        """Return the key of the chart and the values of a planned release, or None if the settings do not have it.

        With `plain`, they are as if the hub had no `values` of its own for the chart.
        """
        if name not in self._known:
            return None
        key, hub = self._known[name]
        own = hub.values.get(key, {})
        if plain:
            own, hub = (
                {},
                hub.model_copy(update={"values": {other: hub.values[other] for other in {*hub.values} - {key}}}),
            )

        def values(sources: bool) -> Values:
            found = self._values if not plain else {}
            if (hub.key, sources) not in found:
                found[hub.key, sources] = self._made(hub, sources=sources)
            return found[hub.key, sources][key]

        return key, Side(own, values)

    def _made(self, hub: Hub, *, sources: bool) -> dict[str, Values]:
        from hubs.preview.values import hub_values

        assert self._stack is not None  # noqa: S101  (there is a release)
        return hub_values(self._stack, hub, sources=sources)


def release_judgements(
    name: str, chart: str, values: tuple[Planned | None, Planned], sides: tuple[Releases, Releases]
) -> tuple[Judgement, ...]:
    """Return what changes of a release's values mean, except for those that a changed setting explains.

    `name`: the release's name in the plan. `chart`: the chart's name. `values`: those of both revisions, None if the
    release is new. The values of a new release are compared with those that it would have without the hub's own
    `values`.
    """
    before, after = values
    new = sides[1].side(name)
    if before is None:
        plain = sides[1].side(name, plain=True)
        if new is None or plain is None:
            return ()
        found: Iterable[Judgement] = value_judgements(new[0], plain[1].data, new[1].data, (plain[1], new[1]))
        return tuple(found)
    old = sides[0].side(name)
    if old is None or new is None:
        return tuple(value_judgements(chart, before, after))
    return tuple(value_judgements(new[0], before, after, (old[1], new[1])))


def _by_name(stack: Stack) -> dict[str, tuple[str, Hub]]:
    from hubs.values.releases import releases

    return {release.name: (release.key, hub) for hub in stack.hubs for release in releases(stack, hub)}
