"""Compare what ServiceAccounts and people may do in the cluster: https://kubernetes.io/docs/reference/access-authn-authz/rbac/.

Permissions are compared by subject, as sets, so it does not matter which role or binding gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hubs.preview.diff.kubernetes.boxes import ANY, Box, Values, only, without
from hubs.preview.manifests import Document

Subject = tuple[str, str, str]
"""Kind, namespace (empty for users and groups) and name."""

_ROLES = ("Role", "ClusterRole")
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_WHOLE_CLUSTER = "cluster-admin"


def permissions(documents: Iterable[Document], namespace: str) -> dict[Subject, list[Box]]:
    """Return what each subject of the bindings among `documents` may do. `namespace`: that of the release.

    The dimensions: group, resource, part (the subresource), name, verb, namespace; url and verb; or role, for a role
    that is not among the documents.
    """
    documents = list(documents)
    rules = {
        (document["kind"], _space(document, namespace), str(_meta(document, "name"))): list(_rules(document))
        for document in documents
        if document.get("kind") in _ROLES
    }
    found: dict[Subject, list[Box]] = {}
    for document in documents:
        if document.get("kind") not in _BINDINGS:
            continue
        everywhere = document["kind"] == "ClusterRoleBinding"
        role = document.get("roleRef") or {}
        kind, name = str(role.get("kind")), str(role.get("name"))
        key = (kind, "" if kind == "ClusterRole" else _space(document, namespace), name)
        if key in rules:
            boxes = rules[key]
        elif name == _WHOLE_CLUSTER:
            boxes = [{}]
        else:
            boxes = [{"role": only(f"{kind} {name}")}]
        if not everywhere:
            boxes = [{**box, "namespace": only(_space(document, namespace))} for box in boxes if "url" not in box]
        for subject in document.get("subjects") or []:
            found.setdefault(_subject(subject, namespace), []).extend(boxes)
    return found


def more_permissions(
    old: Sequence[Document], new: Sequence[Document], namespace: str
) -> Iterator[tuple[Subject, list[Box]]]:
    """Yield each subject that may do more in `new`, with what it may do in addition."""
    before, after = permissions(old, namespace), permissions(new, namespace)
    for subject, boxes in after.items():
        if more := without(boxes, before.get(subject, [])):
            yield subject, more


def in_words(box: Box) -> str:
    """Return permissions as text: `get, list secrets in the namespace ocean-prod`."""
    if "role" in box:
        return f"whatever the {_names(box, 'role')} allows{_where(box)}"
    if "url" in box:
        return f"{_names(box, 'verb')} {_names(box, 'url')}"
    resource = _names(box, "resource") or "everything"
    if part := _names(box, "part"):
        resource += f"/{part}"
    group = _names(box, "group")
    named = _names(box, "name")
    return (
        f"{_names(box, 'verb') or 'do everything with'} {resource}"
        + (f" of {group}" if group else "")
        + (f" with the name {named}" if named else "")
        + _where(box)
    )


def _where(box: Box) -> str:
    space = _names(box, "namespace")
    return f" in the namespace {space}" if space else " in the whole cluster"


def _names(box: Box, dimension: str) -> str:
    """Return the values of a dimension as text, empty for all values or the core API group."""
    values = box.get(dimension, ANY)
    if not isinstance(values, Values) or (values.others and not values.items):
        return ""
    names = ", ".join(sorted(item for item in values.items if item))
    return f"everything except {names}" if values.others else names


def _rules(role: Document) -> Iterator[Box]:
    for rule in role.get("rules") or []:
        verbs = _all_or(rule.get("verbs"))
        for url in rule.get("nonResourceURLs") or []:
            yield {"url": ANY if url == "*" else only(str(url)), "verb": verbs}
        names = rule.get("resourceNames") or []
        for resource in rule.get("resources") or []:
            name, _, part = str(resource).partition("/")
            box: dict[str, Values] = {"group": _all_or(rule.get("apiGroups")), "verb": verbs}
            if resource != "*":  # `*` includes all subresources, a name none, `*/scale` that of all resources
                box |= {"resource": ANY if name == "*" else only(name), "part": only(part)}
            if names:
                box["name"] = only(*map(str, names))
            yield box


def _all_or(items: Any) -> Values:
    found = [str(item) for item in items or []]
    return ANY if "*" in found else only(*found)


def _subject(subject: dict[str, Any], namespace: str) -> Subject:
    kind = str(subject.get("kind"))
    space = str(subject.get("namespace") or namespace) if kind == "ServiceAccount" else ""
    return kind, space, str(subject.get("name"))


def _space(document: Document, namespace: str) -> str:
    return "" if str(document.get("kind")).startswith("Cluster") else str(_meta(document, "namespace") or namespace)


def _meta(document: Document, key: str) -> Any:
    return (document.get("metadata") or {}).get(key)
