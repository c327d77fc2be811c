"""Find a setting or a chart's value of a hub by its path: the value, and every layer that spoke about it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hubs.errors import UnknownNameError, unknown
from hubs.preview.answer import Entry, Nodes, Spoken, as_yaml, from_chart, from_settings
from hubs.preview.diff.leaves import NAMES
from hubs.preview.values import stand_ins
from hubs.settings.errors import SettingsError
from hubs.settings.hub import Hub
from hubs.settings.layers import Node, merge
from hubs.settings.loader import by_slug
from hubs.settings.profiles import slug_of
from hubs.settings.stack import Layers, Stack
from hubs.values import chart_values
from hubs.values.profiles import DEFAULT
from hubs.values.release import Release
from hubs.values.releases import releases

_STEP = re.compile(r'\.?(?:"((?:[^"\\]|\\.?)*)"?|\[([^\]]*)\]?|([^.\[\]]+))')
_SET_BY_NAMES = ("community", "name")


def where(stack: Stack, hub: Hub, path: str) -> str:
    """Return the setting or chart value at a path, as YAML with comments.

    The path is one of settings (`auth.admins`) or of a chart's values (`jupyterhub.hub.config`, also without the
    chart's name). A list is entered by an item's name or number. A comment after each value names the layer, file and
    line that is in effect; comments above it are the layers that it replaces. Omits settings without a value. Secrets
    are `[secret]`. Raises UnknownNameError for a path that is neither, with the nearest one.
    """
    steps = _steps(path)
    settings = settings_of(stack, hub)
    found = _enter(settings, steps) if steps else None
    if found is not None:
        entry, named = found
        note = _also_in_a_chart(stack, hub, steps)
        return f"# {named} of {hub.key}\n{note}{_answer(entry)}"
    charts = charts_of(stack, hub)
    for way in _in_charts(charts, steps):
        found = _enter(Entry(dict(charts)), way)
        if found is not None or _is_chart_default(way):
            entry, named = found or (_NOT_SET_HERE, ".".join(way))
            return f"# {named} of {hub.key}, a value of the chart {way[0]}\n{as_yaml(entry)}"
    raise UnknownNameError(_nearest(hub, path, steps, settings, charts))


_NOT_SET_HERE = Entry(None, (Spoken("", "not set here: the chart's own default applies", None),))


def _answer(entry: Entry) -> str:
    if not entry.is_set():
        return "null  # not set\n"
    return as_yaml(entry)


def settings_of(stack: Stack, hub: Hub) -> Entry:
    """Return all settings of a hub, with what it gets from the settings of its cluster."""
    found = Entry({**_own_settings(stack, hub).value})
    for key, model in (("cluster", stack.cluster), ("registry", stack.registry)):
        node = stack.tree.value[key]
        found.value[key] = from_settings(model, [("", node)], node)
    return found


def _own_settings(stack: Stack, hub: Hub) -> Entry:
    cluster = stack.tree.value["cluster"]
    # These settings of the cluster are layers below the hub's.
    shared = {key: node for key in ("user_nodes", "block_cloud_metadata") if (node := cluster.get(key)) is not None}
    below = Node(shared, cluster.source)
    blocked = stack.cluster.block_cloud_metadata if hub.block_cloud_metadata is None else hub.block_cloud_metadata
    in_effect = hub.model_copy(
        update={
            "user_nodes": stack.user_nodes(hub),
            "block_cloud_metadata": blocked,
            "profiles": [DEFAULT] if hub.profiles is None else hub.profiles,
        }
    )
    nodes: Nodes = [("cluster", below), *_merged_by_slug(hub, stack.layers[hub.key])]
    entry = from_settings(in_effect, nodes, merge(below, stack.trees[hub.key]))
    for name in _SET_BY_NAMES:
        del entry.value[name]
    _add_operators(stack, hub, entry.value["auth"])
    return entry


def _merged_by_slug(hub: Hub, layers: Layers) -> Iterator[tuple[str, Node]]:
    """Yield the layers, with lists of profiles as mappings if a mapping was merged over them."""
    for name, layer in layers:
        profiles = layer.get("profiles") if isinstance(hub.profiles, dict) else None
        changed = {} if profiles is None else {"profiles": by_slug(profiles)}
        yield name, Node({**layer.value, **changed}, layer.source)


def _add_operators(stack: Stack, hub: Hub, auth: Entry) -> None:
    """Add the cluster's operators to the hub's own admins, and to who may log in."""
    operators = stack.operators(hub)
    for name, people in (("admins", operators.admins), ("allow", operators.allow)):
        entry, written = auth.value.get(name), stack.tree.at("cluster", "operators", hub.auth.type, name)
        if entry is None or not isinstance(entry.value, list) or written is None:
            continue
        known = {item.value for item in entry.value}
        items = written.value if isinstance(written.value, list) else []
        entry.value += [
            Entry(person, (Spoken("operators of the cluster", str(node.source), person),))
            for person, node in zip(people, items, strict=False)
            if person not in known
        ]


def charts_of(stack: Stack, hub: Hub) -> dict[str, Entry]:
    """Return the values of all releases of a hub, by the chart's key. Raises SettingsError."""
    installed = releases(stack, hub)
    problems = [problem for release in installed for problem in release.problems()]
    if problems:
        raise SettingsError(problems)
    return {release.key: _chart(stack, hub, release) for release in installed}


def _chart(stack: Stack, hub: Hub, release: Release) -> Entry:
    access, tokens = stand_ins(stack, hub)
    program, _, secret, own_secret = release.layers(access, tokens, sources=True)
    own = [
        (f"values of the {name}", node)
        for name, layer in stack.layers[hub.key]
        if (node := layer.at("values", release.key)) is not None
    ]
    final = release.values(access, tokens, sources=True).tree
    return from_chart(final, [("", program), *own, ("", secret), ("secrets", own_secret)])


def _also_in_a_chart(stack: Stack, hub: Hub, steps: Sequence[str]) -> str:
    """Return a comment if the path without a chart's name is also one of a chart's values."""
    try:
        charts = charts_of(stack, hub)
    except SettingsError:
        return ""
    ways = [way for way in _in_charts(charts, steps) if len(way) > len(steps) and _enter(Entry(dict(charts)), way)]
    return "".join(f"# A chart has a value of this name, too: {'.'.join(way)}\n" for way in ways)


def _in_charts(charts: Mapping[str, Any], steps: Sequence[str]) -> Iterator[list[str]]:
    """Yield the paths that steps may stand for, each beginning with a chart's name."""
    if steps[:1] == ["values"] and len(steps) > 1:
        steps = steps[1:]
    if steps and steps[0] in charts:
        yield list(steps)
    elif steps:
        yield from ([chart, *steps] for chart in charts)


def _is_chart_default(way: Sequence[str]) -> bool:
    facts = chart_values.schema(way[0])
    return facts is not None and len(way) > 1 and chart_values.names(facts["values"], way[1:])


def _steps(path: str) -> list[str]:
    """Return the steps of a path such as `hub.extraConfig."10-x.py"` or `profiles[cpu].images`."""
    return [quoted or bracketed or plain for quoted, bracketed, plain in _STEP.findall(path)]


def _enter(entry: Entry, steps: Sequence[str]) -> tuple[Entry, str] | None:
    """Return the entry at a path below `entry`, and its path. Keys may have dots themselves."""
    if not steps:
        return entry, ""
    for count in range(1, len(steps) + 1):
        step = ".".join(steps[:count])
        for child in _called(entry, step):
            if found := _enter(child, steps[count:]):
                return found[0], f"{step}.{found[1]}".removesuffix(".")
    return None


def _called(entry: Entry, step: str) -> Iterator[Entry]:
    """Yield the entries inside that a step may mean: a key, the number of an item, or one of its names."""
    if (child := entry.children().get(step)) is not None:
        yield child
    if isinstance(entry.value, list):
        yield from (item for item in entry.value if step in _names(item))


def _names(item: Entry) -> list[str]:
    """Return the names of a list's item, as in reports of differences, and the slug of a profile."""
    if not isinstance(item.value, dict):
        return [str(item.value)]
    found = {
        key: str(item.value[key].value) for key in NAMES if key in item.value and item.value[key].value is not None
    }
    names = list(found.values())
    if "display_name" in found and "slug" not in found:
        names.insert(0, slug_of(found["display_name"]))
    return names


def _nearest(hub: Hub, path: str, steps: Sequence[str], settings: Entry, charts: Mapping[str, Entry]) -> str:
    """Return one line that says what is wrong with the path, with the nearest path that exists."""
    problem = f"{hub.key} has no setting or chart value {path or repr(path)}"
    above, rest = _as_far_as_possible(settings, steps)
    if steps and len(rest) < len(steps):
        entry, named = above
        if not entry.children():
            return f"{problem}: {named} has nothing inside"
        if rest[0].isdigit():
            return f"{problem}; there are: {', '.join(_inside(above))}"
    known = [*_paths(settings), *_paths(Entry(dict(charts)))]
    known = [name for name in known if not path.startswith(f"{name}.")]
    short = [name.partition(".")[2] for name in known if name.partition(".")[0] in charts]
    for names, cutoff in (([*known, *short], 0.8), (_inside(above), 0.6), ([*known, *short], 0.6)):
        if steps and (close := difflib.get_close_matches(path, names, n=1, cutoff=cutoff)):
            return f"{problem}; did you mean {close[0]}?"
    same_end = [name for name in known if steps and name.endswith(f".{path}") and not name.startswith("values.")]
    if same_end:
        return f"{problem}; did you mean {' or '.join(same_end[:3])}?"
    return unknown(problem, path, _inside(above))


def _as_far_as_possible(entry: Entry, steps: Sequence[str]) -> tuple[tuple[Entry, str], Sequence[str]]:
    for count in range(len(steps), 0, -1):
        if found := _enter(entry, steps[:count]):
            return found, steps[count:]
    return (entry, ""), steps


def _inside(above: tuple[Entry, str]) -> list[str]:
    entry, named = above
    return [f"{named}.{key}" if named else key for key in _labelled(entry)]


def _paths(entry: Entry, path: str = "") -> Iterator[str]:
    """Yield every path of a tree."""
    if path:
        yield path
    for key, child in _labelled(entry).items():
        yield from _paths(child, f"{path}.{key}" if path else key)


def _labelled(entry: Entry) -> dict[str, Entry]:
    """Return the entries inside by key. A mapping in a list has its first name, if no other one has it."""
    children = entry.children()
    if not isinstance(entry.value, list):
        return children
    names = {
        key: _names(child)[0] for key, child in children.items() if isinstance(child.value, dict) and _names(child)
    }
    return {
        names[key] if list(names.values()).count(names.get(key, "")) == 1 else key: child
        for key, child in children.items()
    }
