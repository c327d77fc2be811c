"""Groups of settings that have a meaning only together, such as who may write in which shared directory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from hubs.preview.diff.leaves import MISSING
from hubs.preview.diff.setting_leaves import RULES, Leaf, Place, fields
from hubs.preview.diff.setting_words import listed, value_words
from hubs.preview.diff.words import shown
from hubs.settings.auth import OIDC, CILogon, GitHub, Google, IdentityProvider
from hubs.settings.charts import Chart
from hubs.settings.cluster import Ingress
from hubs.settings.environment import power_of
from hubs.settings.home import Home, SharedDirectory
from hubs.settings.hub import Cull, Hub, NamedServers
from hubs.settings.layers import value_at
from hubs.settings.marks import mark_of
from hubs.settings.profiles import Option, Profile
from hubs.settings.registry import CleanupPolicy
from hubs.settings.touches import Touches, touches

_SERVERS = frozenset({"authorize_url", "token_url", "userdata_url"})
_PEOPLE = frozenset({"users", "allow", "allow_groups", "allowed_domains", "allowed_scopes"})
_PLACES = frozenset({"server", "path", "volume_id", "none"})
_OWN = ("emptyDir", "ephemeral", "configMap", "downwardAPI", "persistentVolumeClaim")
"""Sources of volumes in the hub's own namespace. Others show files of the node, secrets, or files of any server."""
_HARMLESS = ("emptyDir", "ephemeral")
"""Sources of volumes that start empty."""


def _home(old: Any, new: Any, place: Place) -> Iterator[Leaf]:
    moved = old is not None and new is not None and old.place != new.place
    if moved:
        # As it is called everywhere else: the kind only if it is another one.
        places = [old.place, new.place]
        if old.place.partition(" ")[0] == new.place.partition(" ")[0]:
            places = [place.partition(" ")[2] or place for place in places]
        text = f"home directories move: {' → '.join(map(shown, places))}; nothing is copied"
        if new.none:
            text = f"people's files are no longer kept ({shown(old.place)} before): they are deleted with their server"
        yield Leaf(_mark(Home, "none"), place, old.place, new.place, sentence=text)
    kinds = frozenset(
        kind
        for kind in ("nfs", "volume", "disk")
        if getattr(old, kind, None) is None or getattr(new, kind, None) is None
    )
    for leaf in fields(old, new, place, kinds | {"none"}):
        if leaf.place.keys[-1] not in _PLACES:
            yield leaf


def _shared(old: SharedDirectory | None, new: SharedDirectory | None, place: Place) -> Iterator[Leaf]:
    """Yield what changes about a directory as one sentence: who may read or write whose files."""
    changed = [leaf for leaf in fields(old, new, place) if leaf.place.keys[-1] != "everyone"]
    if new is None:
        who = _who(old) if old is not None else ""
        yield _whole(place, old, None, f"{who} no longer get it; its files stay", restricts=True)
    elif old is None:
        yield _whole(place, None, new, _may(new), restricts=not _exposes(new))
    elif changed:
        wider = [leaf for leaf in changed if not _restricts(leaf)]
        other = any(leaf.place.keys[-1] in ("sub_path", "volume") for leaf in wider)
        text = _may(new) if wider else f"only {_may(new)}"
        if not wider and new.read_only and not old.read_only:
            text = f"{_who(new)} may only read {_what(new)} now"
        if other:
            text = f"people see other files there: {_what(old)} → {_what(new)}; {_may(new)}"
            if old.sub_path == new.sub_path and _kinds(old) == _kinds(new) <= {*_HARMLESS}:
                text = f"scratch space: {shown(old.volume)} → {shown(new.volume)}"
        first = (wider or changed)[0]
        only_sizes = other and all(kind in _HARMLESS for kind in (*(old.volume or ["-"]), *(new.volume or ["-"])))
        yield replace(first, sentence=text, restricts=not wider or only_sizes)


def _restricts(leaf: Leaf) -> bool:
    return leaf.mark.restricts is not None and leaf.mark.restricts(leaf.old, leaf.new)


def _whole(place: Place, old: Any, new: Any, text: str, *, restricts: bool) -> Leaf:
    mark = _mark(SharedDirectory, "sub_path")
    sides = [MISSING if side is None else side for side in (old, new)]
    return Leaf(mark, place, sides[0], sides[1], sentence=text, restricts=restricts)


def _exposes(item: SharedDirectory) -> bool:
    """Return whether a new directory shows files that people could not see before."""
    if item.volume is not None:
        return any(kind not in _OWN for kind in item.volume)
    folder = (item.sub_path or "").strip("./").split("/")[0]
    # No user's folder begins with an underscore. Any other could be somebody's home directory. Administrators can open
    # everyone's server anyway.
    return not folder.startswith("_") and not item.admins


def _who(item: SharedDirectory) -> str:
    if item.admins:
        return "administrators"
    return f"members of {listed([shown(group) for group in item.groups])}" if item.groups else "everyone"


def _what(item: SharedDirectory) -> str:
    if item.volume is not None:
        folder = f", folder {shown(item.sub_path)}" if item.sub_path else ""
        if "hostPath" in item.volume:
            return f"the files of their node, of everyone there ({shown(value_at(item.volume, 'hostPath', 'path'))})"
        return f"the volume {shown(item.volume)}{folder}"
    return "everyone's home directory" if item.whole_share else f"the folder {shown(item.sub_path)}"


def _kinds(item: SharedDirectory) -> set[str]:
    return {*(item.volume or ["the share"])}


def _may(item: SharedDirectory) -> str:
    scratch = item.volume is not None and any(kind in _HARMLESS for kind in item.volume)
    return f"{_who(item)} may {'read' if item.read_only and not scratch else 'write in'} {_what(item)}"


def _chart(old: Chart | None, new: Chart | None, place: Place) -> Iterator[Leaf]:
    for leaf in fields(old, new, place):
        key = leaf.place.keys[-1]
        if key == "version" and new is not None and new.archive:
            continue  # an archive has its own version
        if key == "digest" and old is not None and new is not None:
            # A digest belongs to one version of one archive.
            others = ("name", "version", "repository", "archive")
            if any(getattr(old, name) != getattr(new, name) for name in others):
                continue
            if new.digest is None:
                text = "what is installed is no longer compared with a digest"
                yield replace(leaf, sentence=f"digest: {value_words(leaf.old)} → none: {text}")
                continue
        yield leaf


def _cleanup(old: CleanupPolicy | None, new: CleanupPolicy | None, place: Place) -> Iterator[Leaf]:
    for leaf in fields(old, new, place):
        if new is not None and new.dry_run and leaf.place.keys[-1] != "dry_run":
            numbers = f"{value_words(leaf.old)} → {value_words(leaf.new)}"
            text = f"{leaf.mark.subject}: {numbers}: no image is deleted while dry_run is true"
            yield replace(leaf, restricts=True, sentence=text)
        else:
            yield leaf


def _login(old: Any, new: Any, place: Place) -> Iterator[Leaf]:
    """Yield what changes about who may log in. Next to `allow_all`, lists of people let nobody else in."""
    for leaf in fields(old, new, place):
        listed_people = leaf.place.keys[-1] in _PEOPLE and not place.fresh and old is not None and new is not None
        if not listed_people or not (old.allow_all or new.allow_all):
            yield leaf
        elif not new.allow_all and leaf.new:
            text = f"{leaf.mark.subject}: everyone → {value_words(leaf.new)}"
            yield replace(leaf, restricts=True, sentence=text)
        elif isinstance(new, Google) and leaf.place.keys[-1] == "allow" and leaf.new:
            yield leaf  # domains restrict who everyone is


def _oidc(old: OIDC | None, new: OIDC | None, place: Place) -> Iterator[Leaf]:
    servers = []
    for leaf in _login(old, new, place):
        if leaf.place.keys[-1] in _SERVERS:
            servers.append(leaf)
        else:
            yield leaf
    if not servers or new is None:
        return
    if old is None:
        names = sorted({urlsplit(url).netloc for url in _urls(new)})
        yield replace(servers[0], sentence=f"{listed(names)} says who people are, and who administers the hub")
        return
    hosts = [sorted({urlsplit(url).netloc for url in _urls(item)}) for item in (old, new)]
    if hosts[0] == hosts[1]:
        text = f"login uses other addresses of {listed(hosts[1])}: {listed([leaf.place.keys[-1] for leaf in servers])}"
    else:
        text = f"login goes to another server: {listed(hosts[0])} → {listed(hosts[1])}"
    yield replace(servers[0], sentence=f"{text}: {servers[0].mark.effect}")


def _urls(auth: OIDC) -> list[str]:
    return [url for url in (auth.authorize_url, auth.token_url, auth.userdata_url) if url]


def _of_hub(old: Hub | None, new: Hub | None, place: Place) -> Iterator[Leaf]:
    for leaf in fields(old, new, place):
        if leaf.place.keys[-1] == "environment":
            yield from _variables(leaf)
        else:
            yield leaf


def _variables(leaf: Leaf) -> Iterator[Leaf]:
    """Yield each environment variable that changes."""
    before, after = leaf.old or {}, leaf.new or {}
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name, MISSING), after.get(name, MISSING)
        if old == new:
            continue
        effect, what = power_of(name, new) if new is not MISSING else "", Touches.FILES
        reads = leaf.mark.harmless is not None and new is not MISSING and not leaf.mark.harmless(before, {name: new})
        if reads:
            effect, what = leaf.mark.effect, leaf.mark.what or what
        values = [value_words(side) for side in (old, new) if side is not MISSING]
        text = f"{shown(name)} is {'removed' if new is MISSING else 'set'} in servers: {' → '.join(values)}"
        mark = touches(what if effect else Touches.NOTHING, effect, subject=f"environment variable {shown(name)}")
        yield replace(
            leaf,
            mark=mark,
            place=leaf.place.below(name),
            old=old,
            new=new,
            sentence=f"{text}: {effect}" if effect else text,
            restricts=False if effect else None,
        )


def _ingress(old: Ingress | None, new: Ingress | None, place: Place) -> Iterator[Leaf]:
    for leaf in fields(old, new, place):
        key = leaf.place.keys[-1]
        if old is None or new is None or key not in ("cluster_issuer", "tls"):
            yield leaf
        elif key == "cluster_issuer" and old.cluster_issuer and new.cluster_issuer:
            text = f"certificates come from {shown(new.cluster_issuer)}, no longer from {shown(old.cluster_issuer)}"
            yield replace(leaf, sentence=f"{text}: browsers warn if they do not know it")
        elif key == "cluster_issuer" and not new.cluster_issuer:
            lost = f"the hubs no longer get certificates from {shown(old.cluster_issuer)}: passwords and cookies are"
            text = f"{lost} not encrypted on their way"
            elsewhere = f"{text}, unless something in front of the ingress does it (tls: elsewhere)"
            yield replace(leaf, sentence=elsewhere if new.tls else text)
        elif key == "tls" and bool(old.cluster_issuer) == bool(new.cluster_issuer):
            yield leaf


def _cull(old: Cull | None, new: Cull | None, place: Place) -> Iterator[Leaf]:
    """Yield what changes about culling. Without it, its times have no effect."""
    off = new is not None and not new.enabled
    yield from (leaf for leaf in fields(old, new, place) if not off or leaf.place.keys[-1] in ("enabled", "users"))


def _named_servers(old: NamedServers | None, new: NamedServers | None, place: Place) -> Iterator[Leaf]:
    for leaf in fields(old, new, place):
        if leaf.place.keys[-1] != "limit":
            yield leaf
        elif new is not None and new.enabled:
            before, after = (str(side or "no limit") for side in (leaf.old, leaf.new))
            text = f"{leaf.mark.subject}: {before} → {after}"
            yield replace(leaf, sentence=f"{text}: whoever has more can't start others" if new.limit else text)


def _profile(old: Profile | None, new: Profile | None, place: Place) -> Iterator[Leaf]:
    """Yield what changes about a profile. Where it offers images, the menu of images is there without its options."""
    if old is None or new is None:
        yield from fields(old, new, place)
        return
    menus = {"image": Option()}
    sides = [
        side.model_copy(update={"profile_options": menus | side.profile_options}) if side.images else side
        for side in (old, new)
    ]
    yield from fields(sides[0], sides[1], place)


def _mark(model: type[BaseModel], name: str) -> touches:
    mark = mark_of(model.model_fields[name])
    assert mark is not None  # noqa: S101  (a test demands it)
    return mark


RULES |= {Hub: _of_hub, Profile: _profile, Ingress: _ingress, Cull: _cull, NamedServers: _named_servers}
RULES |= {Home: _home, SharedDirectory: _shared, Chart: _chart, CleanupPolicy: _cleanup, OIDC: _oidc}
RULES |= {GitHub: _login, Google: _login, CILogon: _login, IdentityProvider: _login}
