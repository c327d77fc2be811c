"""Compare the settings in effect of two revisions of a stack, and say what each change touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hubs.preview.diff import setting_rules  # noqa: F401  (adds its rules)
from hubs.preview.diff.identity import identity_of
from hubs.preview.diff.judged import Judged, Judgement, Level, Origin
from hubs.preview.diff.judged_overrides import override_judgements
from hubs.preview.diff.leaves import MISSING
from hubs.preview.diff.refused import refused
from hubs.preview.diff.setting_leaves import Leaf, Place, leaves
from hubs.preview.diff.setting_words import judgement, listed
from hubs.printable import printable
from hubs.settings.auth import Google
from hubs.settings.cluster import Operators
from hubs.settings.hub import Hub
from hubs.settings.layers import Node, Path, find
from hubs.settings.stack import Stack
from hubs.settings.touches import Touches, touches
from hubs.settings.user_names import UserNames
from hubs.values.authentication import CLASSES

_NAME = "renamed_from"
"""With another one, a hub that is compared with itself is only called otherwise."""
_BY_HUB = frozenset({"block_cloud_metadata", "operators"})
"""Settings of the cluster whose effect depends on the hub."""
_ALWAYS_SET = frozenset({"domain", "namespace", "stage", "display_name"})
"""Settings that every new hub has."""
WITHOUT_ACCOUNTS = {
    "shared-password": "everyone who knows the shared password may log in",
    "dummy": "everyone may log in under any name (with the password, if one is set)",
}
"""Who may log in where people have no accounts, by type of `auth`."""
_CONTEXT = touches(
    Touches.FILES, "the update goes to another cluster, and creates everything there anew", subject="kubernetes:context"
)
_PROJECT = touches(
    Touches.FILES, "images that people built stay in the old project and are built again", subject="gcp:project"
)


def settings_judgements(old: Stack | None, new: Stack | None) -> Judged:
    """Return what the changes between two revisions touch. None stands for a stack that is not there."""
    if new is None:
        return Judged()
    if old is None:
        return Judged((), {hub.slug: tuple(_ordered(_new_hub(new, hub))) for hub in new.hubs})
    before = {hub.slug: hub for hub in old.hubs}
    both = [(before[hub.slug], hub) for hub in new.hubs if hub.slug in before]
    why = refused(old, new)
    own = {hub.slug: _with_moves(list(_hub(old, was, new, hub)), why.get(hub.slug, {})) for was, hub in both}
    shared = _with_moves(list(_cluster(old, new)), why.get("", {}))
    from_cluster = {hub.slug: list(_cluster_for(old, was, new, hub)) for was, hub in both}
    for one in dict.fromkeys(_said(item) for found in from_cluster.values() for item in found):
        having = {
            key: next((item for item in found if _said(item) == one), None) for key, found in from_cluster.items()
        }
        if all(having.values()):
            shared += [item for item in having.values() if item is not None][:1]
        else:
            for key, item in having.items():
                own[key] += [item] if item is not None else []
    for hub in new.hubs:
        if hub.slug not in before:
            renamed = why.get(hub.slug, {}).values()
            own[hub.slug] = [
                *(_refusal(why_not, new.trees[hub.key]) for why_not in renamed),
                *_left_out(old, hub),
                *_new_hub(new, hub, old),
            ]
    return Judged(tuple(_ordered(shared)), {key: tuple(_ordered(found)) for key, found in own.items()})


def _said(judgement: Judgement) -> tuple[Any, ...]:
    return judgement.path, judgement.text, judgement.source


def _with_moves(found: list[Judgement], refusals: Mapping[str, str]) -> list[Judgement]:
    """Return the judgements with what the update says to home directories and namespaces that move: it refuses, unless
    `moved_from` confirms that the files were copied."""
    moved = {one.path for one in found} & {"home", "namespace"}
    result = []
    for one in found:
        if (reason := refusals.get(one.path)) is not None:
            text = f"{one.text}. The update is refused: {one.path.rpartition('.')[2]} {printable(reason)}"
            result.append(replace(one, sentence=text))
        elif one.path in moved and one.level is Level.DANGEROUS:
            result.append(replace(one, sentence=f"{one.text}; moved_from confirms that the files were copied"))
        elif not (moved and one.path.startswith("moved_from")):
            result.append(one)
    return result


def _left_out(old: Stack, hub: Hub) -> Iterator[Judgement]:
    """Say that a hub is not new: its settings had mistakes before."""
    if hub.key in old.left_out or hub.community in old.left_out:
        text = "its settings had mistakes before: it is judged like a new hub"
        yield Judgement(Level.CAREFUL, None, "", "settings", sentence=text)


def _refusal(message: str, tree: Node) -> Judgement:
    text = f"the update is refused: the hub {printable(message)}"
    source = str(tree.source)
    return Judgement(Level.DANGEROUS, Touches.FILES, "", "name of the hub", source=source, sentence=text)


def _ordered(judgements: Iterable[Judgement]) -> list[Judgement]:
    return sorted(judgements, key=lambda one: -one.level)


def _cluster(old: Stack, new: Stack) -> Iterator[Judgement]:
    """Yield what concerns the cluster and the registry themselves."""
    for was, now, mark in ((old.context, new.context, _CONTEXT), (old.project, new.project, _PROJECT)):
        if was != now and was is not None:
            found = judgement(Leaf(mark, Place((mark.subject,)), was, now), new.tree.source.file)
            yield from [found] if found is not None else []
    for section in ("cluster", "registry"):
        for leaf in leaves(getattr(old, section), getattr(new, section), Place().below(section)):
            if section == "registry" or leaf.place.keys[1] not in _BY_HUB:
                yield from _judged(leaf, old.tree, new.tree)


def _cluster_for(old: Stack, was: Hub, new: Stack, now: Hub) -> Iterator[Judgement]:
    """Yield what a changed setting of the cluster means for one hub."""
    if was.block_cloud_metadata is None and now.block_cloud_metadata is None:
        place = Place().below("cluster")
        for leaf in leaves(old.cluster, new.cluster, place):
            if leaf.place.keys == (*place.keys, "block_cloud_metadata"):
                yield from _judged(leaf, old.tree, new.tree)
    if was.auth.type != now.auth.type:
        return
    kind = now.auth.type
    place = Place().below("cluster").below("operators").below(kind)
    known = [{key: set(getattr(hub.auth, key, ())) for key in Operators.model_fields} for hub in (was, now)]
    for leaf in leaves(old.operators(was), new.operators(now), place):
        key = leaf.place.keys[-1]
        # Whom the hub itself lets in, or lets in from now on, gains and loses nothing here.
        old_names = [name for name in leaf.old if name in leaf.new or name not in known[1][key]]
        new_names = [name for name in leaf.new if name in leaf.old or name not in known[0][key]]
        if set(old_names) != set(new_names):
            yield from _judged(replace(leaf, old=old_names, new=new_names), old.tree, new.tree)


def _hub(old: Stack, was: Hub, new: Stack, now: Hub) -> Iterator[Judgement]:
    """Yield what changes about a hub."""
    trees = old.trees[was.key], new.trees[now.key]
    google = isinstance(was.auth, Google) and isinstance(now.auth, Google)
    if was.key != now.key:
        text = f"{was.key} is called {now.key} now; what is deployed keeps its name"
        source = _source((_NAME,), (_NAME,), *trees)
        yield Judgement(Level.ROUTINE, Touches.NOTHING, _NAME, "name", was.key, now.key, "", source, sentence=text)
    anyone = WITHOUT_ACCOUNTS.get(now.auth.type)
    before = _spelled_alike(_in_effect(old, was, new, now), now, new.user_names(now))
    for leaf in leaves(before, _in_effect(new, now, old, was), Place()):
        keys = leaf.place.keys
        if keys[0] == _NAME or (google and keys[-1] == "strip_domain"):
            continue
        if anyone is not None and keys == ("auth", "allow_all"):
            continue  # they let everyone in anyway
        for one in _judged(leaf, *trees):
            yield replace(one, sentence=f"{one.text}; {anyone}") if anyone and keys == ("auth", "type") else one
    if google:
        yield from _google_names(old, was, new, now)
    yield from override_judgements(old, was, new, now)


def _google_names(old: Stack, was: Hub, new: Stack, now: Hub) -> Iterator[Judgement]:
    """Yield how user names change with the domains of Google accounts, those of the cluster's operators included."""
    sides = []
    for stack, hub in ((old, was), (new, now)):
        names = stack.user_names(hub)
        options: dict[str, Any] = {"allow_all": hub.auth.allow_all or bool(names.domains)}
        if names.domains:
            options |= {"hosted_domain": list(dict.fromkeys(names.domains)), "strip_domain": names.strips}
        kind, section = CLASSES[hub.auth.type]
        sides.append({"hub": {"config": {"JupyterHub": {"authenticator_class": kind}, section: options}}})
    key = (
        "strip_domain"
        if getattr(was.auth, "strip_domain", None) != getattr(now.auth, "strip_domain", None)
        else "allow"
    )
    source = _source(("auth", key), ("auth", key), old.trees[was.key], new.trees[now.key])
    for one in identity_of(*sides).judgements:
        opened = now.auth.allow_all and not was.auth.allow_all and one.sentence.startswith("more people may log in")
        if not opened:  # that is said with its setting
            yield replace(one, path=f"auth.{key}", source=source, origin=Origin.SETTING)


def _spelled_alike(was: Hub, now: Hub, names: UserNames) -> Hub:
    """Return the hub before the change with people's names as they are written now, if they are the same user name."""
    lists = {}
    for key in ("admins", "users"):
        spelled = {names.of(name).lower(): name for name in getattr(now.auth, key)}
        lists[key] = [spelled.get(names.of(name).lower(), name) for name in getattr(was.auth, key)]
    return was.model_copy(update={"auth": was.auth.model_copy(update=lists)})


def _in_effect(stack: Stack, hub: Hub, other_stack: Stack, other: Hub) -> Hub:
    """Return the hub with what it has from its cluster, as far as its own setting changes that."""
    changed: dict[str, Any] = {}
    if hub.block_cloud_metadata is not other.block_cloud_metadata:
        effective = hub.block_cloud_metadata
        changed["block_cloud_metadata"] = stack.cluster.block_cloud_metadata if effective is None else effective
    operators = stack.operators(hub)
    lists = {}
    for key in ("admins", "allow"):
        own, others = getattr(hub.auth, key, None), getattr(other.auth, key, None)
        if own is not None and others is not None and (there := set(getattr(operators, key)) & set(others) - set(own)):
            lists[key] = [*own, *sorted(there)]
    if lists:
        changed["auth"] = hub.auth.model_copy(update=lists)
    return hub.model_copy(update=changed) if changed else hub


def _new_hub(stack: Stack, hub: Hub, old: Stack | None = None) -> Iterator[Judgement]:
    """Yield what is dangerous about a new hub, and who may log in.

    What the community's other hubs had before, in the stack `old`, is a fact and no danger.

    Dangers are settings that open more than the defaults do, if the community's own files contain them. What all hubs
    of the cluster have is not new with it.
    """
    tree, known = stack.trees[hub.key], _known(old, hub.community)
    others = [other.key for other in stack.hubs if other.key != hub.key and other.home.place == hub.home.place]
    if old is not None and hub.home.shared and others:
        text = f"works on the home directories of {listed(others)}: people of the same name share their files"
        source = _source((), ("home",), None, tree)
        yield Judgement(Level.DANGEROUS, Touches.FILES, "home", "home directories", source=source, sentence=text)
    if hub.auth.type in WITHOUT_ACCOUNTS:
        source = _source((), ("auth", "type"), None, tree)
        text = WITHOUT_ACCOUNTS[hub.auth.type]
        level = Level.CAREFUL if text in known else Level.DANGEROUS
        yield Judgement(level, Touches.LOGIN, "auth.type", "login", source=source, sentence=text)
    for leaf in leaves(None, hub, Place()):
        for one in _judged(leaf, None, tree):
            own = one.source.startswith(f"stacks/{stack.name}/")
            if one.level is not Level.DANGEROUS or not own or leaf.place.keys[0] in _ALWAYS_SET:
                continue
            if _opens(leaf):
                yield replace(one, level=Level.CAREFUL) if one.text in known else one
            elif leaf.sentence or leaf.mark.gained:
                yield from _judged(replace(leaf, restricts=True), None, tree)
    for one in override_judgements(None, None, stack, hub):
        if one.source.startswith(f"stacks/{stack.name}/"):
            yield replace(one, level=Level.CAREFUL) if one.text in known else one


def _known(stack: Stack | None, community: str) -> set[str]:
    """Return what is said about the hubs that a community has already."""
    hubs = [hub for hub in stack.hubs if hub.community == community] if stack is not None else []
    return {one.text for hub in hubs for one in _new_hub(stack, hub)} if stack is not None else set()


def _opens(leaf: Leaf) -> bool:
    """Return whether a setting of a new hub opens something. Lists of people and the like are facts to read."""
    collection = isinstance(leaf.new, list | dict)
    directed = leaf.mark.restricts is not None and not collection
    return leaf.restricts is False or leaf.mark.harmless is not None or (directed and leaf.old is not MISSING)


def _judged(leaf: Leaf, old: Node | None, new: Node | None) -> Iterator[Judgement]:
    found = judgement(leaf, _source(leaf.place.before, leaf.place.after, old, new))
    if found is not None:
        yield found


def _source(before: Path, after: Path, old: Node | None, new: Node | None) -> str:
    """Return the file and line of the new value, or of the old one if the value is no longer set."""
    for node, path in ((new, after), (old, before)):
        if node is not None and _is_set(node, path):
            return str(find(node, path))
    return ""


def _is_set(node: Node, path: Path) -> bool:
    """Return whether a tree contains a value at a path. A short form contains the values that it stands for."""
    for step in path:
        value: Any = node.value
        if step in (value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()):
            node = value[step]
        else:
            return value is not None and not isinstance(value, dict) and not isinstance(step, int)
    return True
