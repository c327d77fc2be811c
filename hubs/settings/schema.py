"""JSON schemas of stack and community files, with which editors complete, explain and check settings as you type.

pydantic describes the models. This module adds what pydantic does not know: the layers of a community's file, each of
which may omit what another one sets or remove it with a null, and the other keys of Pulumi's stack file. Loading
settings does not import this module.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hubs.settings.base import NAME
from hubs.settings.hub import Hub
from hubs.settings.model_schema import REFERENCE, TOUCHES, Schema, inner, sections, target, targets
from hubs.settings.secrets import ENCRYPTED, PURPOSES

COMMUNITY_FILE = "community.schema.json"
STACK_FILE = "stack.schema.json"


def write_schemas(folder: Path) -> list[Path]:
    """Write each schema into `folder`, which must exist, and return their paths."""
    paths = []
    for name, text in schemas().items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def _for_editors(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _for_editors(item) for key, item in data.items() if key != TOUCHES or not isinstance(item, str)}
    return [_for_editors(item) for item in data] if isinstance(data, list) else data


def schemas() -> dict[str, str]:
    """Return the text of each schema file, by file name. Draft-07, which the YAML language server supports best."""
    return {name: json.dumps(_for_editors(schema), indent=1) + "\n" for name, schema in _files().items()}


def _files() -> dict[str, Schema]:
    found, definitions = sections()
    definitions["Hub"] = _without(definitions["Hub"], Hub.set_elsewhere)
    community = {name: definitions[name] for name in _reachable([definitions["Hub"]], definitions)}
    return {
        COMMUNITY_FILE: _file(
            "A community: settings that all its hubs share, and its hubs.",
            _community(definitions["Hub"]),
            _written({**community, "Hub": definitions["Hub"]}, ["Hub"]),
        ),
        STACK_FILE: _file(
            "A stack: one cluster, its registry, and the secrets of its hubs.",
            _stack(found),
            _written(definitions, ["Hub", "HubSecrets"]),
        ),
    }


def _file(description: str, schema: Schema, definitions: dict[str, Schema]) -> Schema:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "Written by `hubs settings --schema`.",
        "description": description,
        **schema,
        "definitions": dict(sorted(definitions.items())),
    }


def _community(hub: Schema) -> Schema:
    def each(rule: Schema) -> Schema:
        return {"properties": {"hubs": {"additionalProperties": rule}}}

    return {
        "type": "object",
        "properties": {
            **{name: {"$ref": f"{REFERENCE}Hub/properties/{name}"} for name in hub["properties"]},
            "hubs": {
                "description": "The community's hubs, by name. Settings of a hub are merged over those above: mappings"
                " merge, lists and other values replace, null removes.",
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": f"^(?:{NAME.pattern})$", "not": {"enum": sorted(PURPOSES)}},
                "additionalProperties": _or_null({"$ref": f"{REFERENCE}Hub"}),
                "defaultSnippets": [
                    {
                        "label": "staging and prod",
                        "body": {"staging": {"domain": "staging.$1"}, "prod": {"domain": "$1"}},
                    }
                ],
            },
        },
        "patternProperties": {"^x-": {"description": "Ignored: a place for YAML anchors."}},
        "additionalProperties": False,
        "required": ["hubs"],
        "allOf": [
            {"if": {"required": [name]}, "else": each({"required": [name]})} for name in ("display_name", "domain")
        ],
    }


def _stack(found: dict[str, Schema]) -> Schema:
    keys: dict[str, tuple[str, Schema]] = {
        "cluster": ("The cluster that all hubs of the stack share.", found["cluster"]),
        "registry": ("The image registry that builds are pushed to.", found["registry"]),
        "charts": (
            "Chart versions of this stack, merged over those of Pulumi.yaml.",
            _layer(found["charts"], partial=True),
        ),
        "defaults": ("Settings that all communities share. Each may override them.", {"$ref": f"{REFERENCE}Hub"}),
        "secrets": (
            "Secrets by purpose, for all hubs, for a community, or for a hub. The most specific one is used.",
            {"anyOf": [_secrets(2), ENCRYPTED]},
        ),
    }
    return {
        "type": "object",
        "required": ["config"],
        "properties": {
            "encryptionsalt": {"type": "string", "description": "Written by Pulumi."},
            "encryptedkey": {"type": "string", "description": "Written by Pulumi."},
            "secretsprovider": {
                "type": "string",
                "description": "Key that Pulumi encrypts secrets with. Default: a passphrase.",
                "examples": ["gcpkms://projects/P/locations/global/keyRings/R/cryptoKeys/K"],
            },
            "config": {
                "type": "object",
                "required": ["imagebuilding:cluster", "imagebuilding:registry"],
                "properties": {
                    **{
                        f"imagebuilding:{key}": {"description": text, **_bare(item)}
                        for key, (text, item) in keys.items()
                    },
                    "kubernetes:context": {
                        "type": "string",
                        "description": "Context of the cluster in the kubeconfig. The current context is never used.",
                        "examples": ["gke_earth-hubs_us-central1_earth"],
                    },
                    "kubernetes:kubeconfig": {
                        "description": "A kubeconfig as a secret, in place of `kubernetes:context`.",
                        "anyOf": [{"type": "string"}, ENCRYPTED],
                    },
                    "gcp:project": {
                        "type": "string",
                        "description": "Google Cloud project that holds the images.",
                        "examples": ["earth-hubs"],
                    },
                },
                "patternProperties": {f"^imagebuilding:(?!(?:{'|'.join(keys)})$)": False},
            },
        },
    }


def _secrets(levels: int) -> Schema:
    """Return the schema of secrets for all hubs (2 levels below), a community (1) or a hub (0)."""
    if levels == 0:
        return {"$ref": f"{REFERENCE}HubSecrets"}
    return {
        "type": "object",
        "properties": {name: {"$ref": f"{REFERENCE}HubSecrets/properties/{name}"} for name in sorted(PURPOSES)},
        "additionalProperties": _or_null(_secrets(levels - 1)),
    }


def _bare(schema: Schema) -> Schema:
    """Move a `$ref` into `allOf`, because draft-07 ignores keywords next to it."""
    if "$ref" not in schema:
        return schema
    return {**{key: value for key, value in schema.items() if key != "$ref"}, "allOf": [{"$ref": schema["$ref"]}]}


def _without(schema: Schema, names: tuple[str, ...]) -> Schema:
    properties = {name: item for name, item in schema["properties"].items() if name not in names}
    return {**schema, "properties": properties}


def _reachable(roots: list[Schema], definitions: dict[str, Schema], *, into_lists: bool = True) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        for name in targets(waiting.pop(), into_lists=into_lists):
            if name not in found:
                found.add(name)
                waiting.append(definitions[name])
    return found


def _written(definitions: dict[str, Schema], layered: list[str]) -> dict[str, Schema]:
    """Return the definitions as they apply to files. In definitions that are merged from several layers, nothing is
    required, except in list items, because lists replace each other. A null means the same as a missing key."""
    roots = [definitions[name] for name in layered]
    partial = {*layered, *_reachable(roots, definitions, into_lists=False)}
    required = {name: schema["required"] for name, schema in definitions.items() if "required" in schema}
    written = {name: _layer(schema, partial=name in partial) for name, schema in definitions.items()}
    return {name: _complete_items(schema, required) for name, schema in written.items()}


def _complete_items(schema: Schema, required: dict[str, list[str]]) -> Schema:
    """Return the schema with items of lists that need what their definitions did before they became partial."""
    result = inner(schema, lambda item: _complete_items(item, required))
    items = result.get("items")
    name = target(items) if isinstance(items, dict) else None
    if name in required:
        result["items"] = {"allOf": [items], "required": required[name]}
    return result


def _layer(schema: Schema, *, partial: bool) -> Schema:
    result = inner(schema, lambda item: _layer(item, partial=partial))
    required = [] if partial else result.get("required", [])
    if "properties" in result:
        result["properties"] = {
            name: _bare(item) if name in required else _or_null(item) for name, item in result["properties"].items()
        }
    if isinstance(result.get("additionalProperties"), dict):
        result["additionalProperties"] = _or_null(result["additionalProperties"])
    if partial:
        result.pop("required", None)
    if isinstance(result.get("default"), dict) or result.get("default", 0) is None:
        del result["default"]
    examples = [example for example in result.get("examples", []) if isinstance(example, dict | list)]
    if examples:
        result["defaultSnippets"] = [{"label": "example", "body": _escaped(examples[0])}]
    return result


def _escaped(value: Any) -> Any:
    """Return a value as the body of a snippet, with escaped dollar signs, because they begin placeholders."""
    return json.loads(json.dumps(value).replace("$", "\\\\$"))


def _or_null(schema: Schema) -> Schema:
    if "const" in schema:
        return schema
    if "$ref" in schema:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**rest, "anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]}
    if "anyOf" in schema:
        return (
            schema if {"type": "null"} in schema["anyOf"] else {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
        )
    if isinstance(schema.get("type"), str):
        enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        return {**schema, "type": [schema["type"], "null"], **enum}
    return schema
