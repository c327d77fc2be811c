"""What a setting touches is said once, by its mark, also for the values of charts that the program makes from it.

Each setting of the example stacks, and of a community that sets everything, is changed alone. The rule of each value
that changes with it touches the same as the setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from hubs.preview.diff.chart_paths import rule_for
from hubs.preview.diff.leaves import Path as Steps
from hubs.preview.diff.leaves import changes, dotted, leaves
from hubs.preview.diff.rules.rule import Rule
from hubs.preview.values import hub_values, load_with_placeholders
from hubs.settings.hub import Hub
from hubs.settings.marks import groups, mark_of
from hubs.settings.stack import Stack
from hubs.settings.touches import touches
from hubs.stack_files import stack_names
from tests.repository import ROOT, make_repository
from tests.settings.models import fields_of, values_of
from tests.values.test_provenance import EVERYTHING

OTHERWISE = (
    # The name of the hub, the cluster and the registry is part of many values.
    ("renamed_from", "*", "other names of everything"),
    ("cluster.name", "*", "other names of everything"),
    ("registry.*", "*", "where images are: passwords, and what people may start, follow"),
    ("namespace", "hub_url extraEnv", "addresses in the namespace"),
    ("domain", "extraEnv oauth_callback_url ingress.tls", "the address in other values"),
    # One setting decides about values that also exist for themselves.
    ("home.none", "singleuser.storage.capacity singleuser.storage.dynamic.storageClass", "no volumes any more"),
    ("home.mount_path", "working_dir", "servers start there"),
    ("home.disk.path", "paths", "the quota follows the homes"),
    ("shared_directories.*", "paths", "the quota leaves them out"),
    ("resources.memory.guarantee", "mem_limit", "the limit is at least the guarantee"),
    ("cluster.provider", "eks", "how a disk is attached follows from the cloud"),
    ("cluster.build_egress", "**.command", "what opens the addresses is a command"),
    ("*block_cloud_metadata", "custom.imagebuilding.init_containers", "what blocks it is a container"),
    ("build.groups", "hub.loadRoles.*.scopes", "who may build have a role"),
    # Code of the program is configured in the chart's places for code.
    ("auth.groups_claim", "hub.extraConfig.imagebuilding*", "code of the program"),
    ("cluster.ingress.cluster_issuer", "hub.extraConfig.imagebuilding*", "code of the program"),
    ("*user_nodes.tolerations", "extraConfig", "code of the program"),
    ("branding.variables", "hub.extraFiles", "the program's page, which shows them"),
    # The chart's value can be more than the setting.
    ("environment", "environment", "the setting also says which Secrets people can read"),
    ("files.*", "singleuser.extraFiles", "a file of the chart can also be mounted over people's own"),
    ("auth.identity_providers.*.default", "allowed_idps", "the whole provider is judged as one value"),
    # How a profile looks follows from what it is.
    ("profiles.*.node_shares.*", "*", "a share of a node decides the size and the name of its choice"),
    ("profiles.*", "singleuser.profileList", "how it looks on the page"),
)
"""Values that follow from a setting and touch something else: setting, names of their rules, reason."""


def stacks(folder: Path) -> Iterator[Stack]:
    """Yield the example stacks, and one whose community sets everything."""
    for name in stack_names(ROOT):
        yield load_with_placeholders(name, ROOT)
    repository = make_repository(folder / "everything")
    cluster = "{name: earth, provider: aws, storage_class: fast, ingress: {class_name: nginx, cluster_issuer: le}}"
    repository.stack("{name: earth}", cluster)
    repository.ocean(EVERYTHING)
    yield repository.load()


def variants(group: BaseModel, path: Steps = ()) -> Iterator[tuple[Steps, touches, BaseModel]]:
    """Yield each setting in a group with its path, and the group with other values of it."""
    for name, field in fields_of(type(group)):
        value, here = getattr(group, name), (*path, name)
        mark = mark_of(field)
        if not groups(field):
            if mark is not None and mark.what is not None:
                for other in values_of(field):
                    if other != value and name != "type":
                        yield here, mark, group.model_copy(update={name: other})
            continue
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in inner:
            for below, found, other in variants(item, (*here, str(key))):
                copy: Any = dict(value) if isinstance(value, dict) else list(value)
                copy[key] = other
                yield below, found, group.model_copy(update={name: copy})
        if isinstance(value, BaseModel):
            for below, found, other in variants(value, here):
                yield below, found, group.model_copy(update={name: other})


def changed(stack: Stack, hub: Hub) -> Iterator[tuple[Steps, touches, Stack, Hub]]:
    """Yield the stack and the hub with one other setting, with its path and mark."""
    for path, mark, other in variants(stack.cluster, ("cluster",)):
        yield path, mark, replace(stack, cluster=other), hub  # type: ignore[arg-type]
    for path, mark, other in variants(stack.registry, ("registry",)):
        yield path, mark, replace(stack, registry=other), hub  # type: ignore[arg-type]
    for path, mark, group in variants(hub):
        one = cast(Hub, group)
        hubs = [one if item.key == hub.key else item for item in stack.hubs]
        yield path, mark, replace(stack, hubs=hubs), one


def differences(stack: Stack) -> Iterator[tuple[str, touches, str, Rule]]:
    """Yield each setting with the rule of a value that changes with it, and the path of the value."""
    for hub in stack.hubs:
        before = hub_values(stack, hub)
        for path, mark, other, one in changed(stack, hub):
            try:
                after = hub_values(other, one)
            except KeyError:
                continue  # a cloud that the hub's disk is not for
            for chart in {*before} & {*after}:
                for change in changes(before[chart].data, after[chart].data):
                    for leaf in {**dict(leaves(change.old, change.path)), **dict(leaves(change.new, change.path))}:
                        found = rule_for(chart, leaf)
                        if found is not None:
                            yield ".".join(path), mark, f"{chart}: {dotted(leaf)}", found.rule


def reason(setting: str, item: Rule) -> tuple[str, str, str] | None:
    for one in OTHERWISE:
        if fnmatchcase(setting, one[0]) and (one[1] == "*" or item.names[0] in one[1].split()):
            return one
    return None


def test_values_touch_what_the_settings_touch_that_they_are_made_from(tmp_path: Path) -> None:
    compared, used, wrong = set(), set(), {}
    for stack in stacks(tmp_path):
        for setting, mark, place, item in differences(stack):
            compared.add((setting, item.names))
            if item.mark.what is not mark.what:
                why = reason(setting, item)
                used.add(why)
                if why is None:
                    wrong[f"{setting} ({mark.what}), {place} ({item.mark.what})"] = "use as_setting, or give a reason"
    assert wrong == {}
    assert used >= set(OTHERWISE), "no longer needed"
    assert len(compared) > 150
