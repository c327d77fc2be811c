"""Say one cause once: by the judge that is nearest to what a person wrote."""

from __future__ import annotations

from collections.abc import Iterable

from hubs.preview.diff.judged import Judgement, Origin


def nearest(
    judgements: Iterable[Judgement], shared: Iterable[Judgement] = (), *, new_chart: bool = False
) -> tuple[Judgement, ...]:
    """Return the judgements of a hub, without those of objects that a setting or a chart's value already explains.

    An object is explained by a setting or value that touches the same and is at least as dangerous. `shared`: the
    judgements of the whole stack, which explain objects too. `new_chart`: a chart's version changes, which explains
    nothing: the objects of another chart are judged by themselves. Equal judgements remain once. The order: what
    happens to a hub's data, then settings, values, objects; each with the most dangerous first.
    """
    own: list[Judgement] = []
    for one in judgements:
        if one not in own:  # values such as lists have no hash
            own.append(one)
    causes = [one for one in (*own, *shared) if one.origin in (Origin.SETTING, Origin.VALUE)]
    kept = [one for one in own if new_chart or not any(_explains(cause, one) for cause in causes)]
    return tuple(sorted(kept, key=lambda one: (one.origin, -one.level)))


def _explains(cause: Judgement, judgement: Judgement) -> bool:
    return (
        judgement.origin is Origin.OBJECT
        and judgement.touches is not None
        and cause.touches is judgement.touches
        and cause.level >= judgement.level
    )
