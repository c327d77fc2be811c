"""Permissions that get wider, against an oracle that asks each rule about each request."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubs.preview.diff.kubernetes.permissions import in_words, more_permissions

NAMESPACE = "ocean-prod"
ACCOUNT = {"kind": "ServiceAccount", "name": "hub"}

GROUPS, RESOURCES, VERBS, NAMES = ["", "apps"], ["pods", "secrets"], ["get", "create"], ["a", "b"]
rules = st.lists(
    st.builds(
        lambda groups, resources, verbs, names: {
            "apiGroups": groups,
            "resources": resources,
            "verbs": verbs,
            **({"resourceNames": names} if names else {}),
        },
        st.lists(st.sampled_from([*GROUPS, "*"]), min_size=1, max_size=2),
        st.lists(st.sampled_from([*RESOURCES, "*", "pods/log", "*/log"]), min_size=1, max_size=2),
        st.lists(st.sampled_from([*VERBS, "*"]), min_size=1, max_size=2),
        st.lists(st.sampled_from(NAMES), max_size=1),
    ),
    max_size=3,
)


def role(found: list[dict[str, Any]], kind: str = "Role", name: str = "hub") -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name}, "rules": found}


def binding(
    kind: str = "RoleBinding", role_kind: str = "Role", name: str = "hub", subjects: Any = (ACCOUNT,)
) -> dict[str, Any]:
    reference = {"kind": role_kind, "name": name}
    return {"kind": kind, "metadata": {"name": name}, "roleRef": reference, "subjects": list(subjects)}


def allows(found: list[dict[str, Any]], request: tuple[str, str, str, str, str]) -> bool:
    """Kubernetes' own semantics: VerbMatches, APIGroupMatches, ResourceMatches and ResourceNameMatches of
    pkg/apis/rbac/v1/evaluation_helpers.go."""
    group, resource, part, verb, name = request
    whole = f"{resource}/{part}" if part else resource
    return any(
        {"*", verb} & set(rule["verbs"])
        and {"*", group} & set(rule["apiGroups"])
        and ({"*", whole} & set(rule["resources"]) or (part and f"*/{part}" in rule["resources"]))
        and (not rule.get("resourceNames") or name in rule["resourceNames"])
        for rule in found
    )


REQUESTS = list(itertools.product([*GROUPS, "x"], [*RESOURCES, "x"], ["", "log", "x"], [*VERBS, "x"], [*NAMES, "x"]))


@settings(max_examples=500, deadline=None)
@given(rules, rules, st.sampled_from(["Role", "ClusterRole"]))
def test_wider_is_what_an_oracle_finds(old: Any, new: Any, kind: str) -> None:
    bound = binding("RoleBinding" if kind == "Role" else "ClusterRoleBinding", kind)
    wider = bool(list(more_permissions([role(old, kind), bound], [role(new, kind), bound], NAMESPACE)))
    assert wider == any(allows(new, request) and not allows(old, request) for request in REQUESTS)


@given(rules, rules)
def test_a_superset_is_wider_and_a_subset_is_not(some: Any, more: Any) -> None:
    small, large = [role(some), binding()], [role([*some, *more]), binding()]
    assert not list(more_permissions(large, small, NAMESPACE))
    assert not list(more_permissions(small, [role([*some, *some]), binding()], NAMESPACE))


GET = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}


def said(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[str]:
    return [
        f"{subject[2]}: {in_words(box)}" for subject, boxes in more_permissions(old, new, NAMESPACE) for box in boxes
    ]


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ([role([GET]), binding()], ["hub: get, list secrets in the namespace ocean-prod"]),
        ([role([GET])], []),
        (
            [role([GET], "ClusterRole"), binding("ClusterRoleBinding", "ClusterRole")],
            ["hub: get, list secrets in the whole cluster"],
        ),
        (
            [binding("ClusterRoleBinding", "ClusterRole", "cluster-admin")],
            ["hub: do everything with everything in the whole cluster"],
        ),
        (
            [binding("RoleBinding", "ClusterRole", "edit")],
            ["hub: whatever the ClusterRole edit allows in the namespace ocean-prod"],
        ),
        (
            [
                role([{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}], "ClusterRole"),
                binding("ClusterRoleBinding", "ClusterRole"),
            ],
            ["hub: get /metrics"],
        ),
        (
            [role([{**GET, "resourceNames": ["tls"], "verbs": ["*"], "apiGroups": ["x.io"]}]), binding()],
            ["hub: do everything with secrets of x.io with the name tls in the namespace ocean-prod"],
        ),
    ],
)
def test_words(new: Any, expected: list[str]) -> None:
    assert said([], new) == expected
    assert said(new, new) == []
    assert said(new, []) == []


def test_permissions_that_move_to_another_role_are_not_wider() -> None:
    assert said([role([GET]), binding()], [role([GET], name="other"), binding(name="other")]) == []


def test_another_subject() -> None:
    other = {"kind": "Group", "name": "system:authenticated"}
    found = said([role([GET]), binding()], [role([GET]), binding(subjects=[ACCOUNT, other])])
    assert found == ["system:authenticated: get, list secrets in the namespace ocean-prod"]
