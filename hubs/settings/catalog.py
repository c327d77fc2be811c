"""All settings as a list, read from the JSON schema of their models."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import yaml

from hubs.settings.hub import Hub
from hubs.settings.model_schema import TOUCHES, Schema, sections, target, targets

ANY_NAME = "<name>"
_WIDTH = 80


@dataclass(frozen=True)
class Setting:
    """A setting as the reference shows it."""

    section: str
    path: tuple[str, ...]
    """Keys, starting with the section's. `<name>` stands for any name. List items add no key."""
    type: str
    default: Any = None
    required: bool = False
    octal: bool = False
    description: str = ""
    touches: str = ""
    """What a change of it affects, such as `people's files`; empty for nothing, and for a group."""
    examples: tuple[Any, ...] = ()
    kinds: tuple[str, ...] = ()
    """The values of the neighboring `type` that have this setting, such as github."""
    kind_at: int = 0
    """Position in the path where such a kind is, or can be, written."""
    only: str = ""
    """A sentence that names the kinds, if only some have the setting and the path does not show which."""
    is_group: bool = False
    """Whether it consists of other settings."""
    same_as: str = ""
    """For a group: the first group that consists of the same settings."""
    repeated: bool = False
    """Whether it belongs to a group with the same settings as an earlier one."""

    @property
    def name(self) -> str:
        """The path as text."""
        return ".".join(self.path)

    @property
    def example(self) -> str:
        """An example as YAML, with its key; empty for a group that has none."""
        if not self.examples:
            return ""
        text = f"{self.examples[0]:04o}" if self.octal else _yaml(self.examples[0])
        return f"{self.path[-1]}:" + (f"\n{textwrap.indent(text, '  ')}" if _is_long(text) else f" {text}")

    @property
    def default_text(self) -> str:
        """The default as YAML, or empty text for an empty default."""
        if self.default in (None, "", [], {}):
            return ""
        return json.dumps(_without_nulls(self.default), ensure_ascii=False).strip('"')

    @property
    def facts(self) -> str:
        """Type and default in one line."""
        facts = [self.type]
        if self.required:
            facts.append("required")
        elif self.default_text:
            facts.append(f"default {self.default_text}")
        return "; ".join(facts)

    def addresses(self) -> Iterator[tuple[str, ...]]:
        """Yield the paths that refer to this setting: as shown, and with or without a kind."""
        yield self.path
        if self.kind_at:
            bare = self.path[: self.kind_at]
            rest = self.path[self.kind_at + (self.path[self.kind_at :][:1] == self.kinds[:1]) :]
            yield (*bare, *rest)
            yield from ((*bare, kind, *rest) for kind in self.kinds)


@cache
def settings() -> tuple[Setting, ...]:
    """All settings, section by section."""
    found, definitions = sections()
    result: list[Setting] = []
    first: dict[str, str] = {}
    for section, schema in found.items():
        reader = _Reader(section, definitions, first)
        step, members = reader.objects(schema)
        result += reader.group(members, () if section == "hub" else (section, *step), None)
    return tuple(result)


@dataclass(frozen=True)
class _Reader:
    section: str
    definitions: dict[str, Schema]
    first: dict[str, str]
    """The first group with the settings of a definition, by the definition's name."""

    def group(self, members: list[Schema], path: tuple[str, ...], default: Any) -> Iterator[Setting]:
        """Yield the settings of a mapping, or of each kind of a mapping. Settings that kinds share appear once."""
        if len(members) == 1:
            yield from self.properties(members[0], path, default)
            return
        kinds = [str(member["properties"]["type"]["const"]) for member in members]
        texts = [f"{kind}: {member['description']}" for kind, member in zip(kinds, members, strict=True)]
        yield Setting(
            self.section,
            (*path, "type"),
            f"one of {', '.join(kinds)}",
            required=True,
            description="\n\n".join(texts),
            examples=(kinds[0],),
        )
        written: list[Schema] = []
        for name, schema in ((name, item) for member in members for name, item in member["properties"].items()):
            if name == "type" or schema in written:
                continue
            written.append(schema)
            having = [index for index, member in enumerate(members) if member["properties"].get(name) == schema]
            own = tuple(kinds[index] for index in having)
            only = f"Only with type {', '.join(own[:-1])} or {own[-1]}." if 1 < len(own) < len(kinds) else ""
            required = name in members[having[0]].get("required", ())
            at = (*path, *own) if len(own) == 1 else path
            for item in self.setting(name, schema, at, schema.get("default"), required=required):
                yield replace(item, kinds=own, kind_at=len(path), only=only)

    def properties(self, schema: Schema, path: tuple[str, ...], default: Any) -> Iterator[Setting]:
        for name, item in schema["properties"].items():
            if self.section == "hub" and not path and name in Hub.set_elsewhere:
                continue
            own = default[name] if isinstance(default, dict) and name in default else item.get("default")
            yield from self.setting(name, item, path, own, required=name in schema.get("required", ()))

    def setting(
        self, name: str, schema: Schema, path: tuple[str, ...], default: Any, *, required: bool
    ) -> Iterator[Setting]:
        here = (*path, name)
        step, members = self.objects(schema)
        if here == ("charts",):
            members = []  # described in the section `charts`
        description = schema.get("description") or (members[0].get("description", "") if len(members) == 1 else "")
        models = list(targets(schema)) if members else []
        first = self.first.setdefault(models[0], ".".join(here)) if len(models) == 1 else ""
        same_as = first if first != ".".join(here) else ""
        yield Setting(
            self.section,
            here,
            self.type(schema, null=default is not None),
            default=None if members else default,
            required=required and "Default:" not in description and self.section != "charts",
            octal=schema.get("format") == "octal",
            description=description,
            touches="" if members else schema.get(TOUCHES, ""),
            examples=tuple(schema.get("examples") or _obvious(schema, default)),
            is_group=bool(members) or here == ("charts",),
            same_as=same_as,
        )
        if members:
            for item in self.group(members, (*here, *step), default if not step else None):
                yield replace(item, repeated=item.repeated or bool(same_as))

    def objects(self, schema: Schema) -> tuple[tuple[str, ...], list[Schema]]:
        """Return the mappings with fixed keys that a value consists of, and the path step that leads to them."""
        name = target(schema)
        if name is not None:
            return self.objects(self.definitions[name])
        if "properties" in schema:
            return (), [schema]
        if isinstance(schema.get("items"), dict):
            return (), self._models(schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            return (ANY_NAME,), self._models(schema["additionalProperties"])
        models = self._models(schema)
        if models:
            return (), models
        containers = [item for item in schema.get("anyOf", ()) if "properties" not in item]
        return next((found for found in map(self.objects, containers) if found[1]), ((), []))

    def _models(self, schema: Schema) -> list[Schema]:
        """Return the models that a schema refers to, without the form of an encrypted secret."""
        found = []
        for item in schema.get("anyOf", [schema] if "$ref" in schema else []):
            if target(item) is not None:
                found += self.objects(item)[1]
            elif "properties" in item and "secure" not in item["properties"]:
                found.append(item)
        return found

    def type(self, schema: Schema, *, null: bool = False) -> str:
        """The type in words."""
        words = list(dict.fromkeys(self._types(schema)))
        if not null and len(words) > 1:
            words = [word for word in words if word != "null"]
        return (", or " if any(" or " in word for word in words) else " or ").join(sorted(words, key="mapping".__ne__))

    def _types(self, schema: Schema) -> Iterator[str]:
        name = target(schema)
        if name is not None:
            yield from self._types(self.definitions[name])
        elif "anyOf" in schema:
            if any("secure" in item.get("properties", ()) for item in schema["anyOf"]):
                yield "secret"
                return
            for item in schema["anyOf"]:
                yield from self._types(item)
        elif "const" in schema:
            yield json.dumps(schema["const"]).strip('"')
        elif "enum" in schema:
            yield f"one of {', '.join(map(str, schema['enum']))}"
        else:
            yield self._simple(schema)

    def _simple(self, schema: Schema) -> str:
        kind = schema.get("type")
        if kind == "array":
            return f"list of {_plural(self.type(schema['items']))}"
        if kind == "object":
            values = schema.get("additionalProperties")
            return f"mapping of names to {_plural(self.type(values))}" if isinstance(values, dict) else "mapping"
        word = {
            "string": "text",
            "integer": "whole number",
            "number": "number",
            "boolean": "true or false",
            "null": "null",
        }.get(str(kind), "any value")
        if "exclusiveMinimum" in schema:
            return f"{word} above {schema['exclusiveMinimum']}"
        if "minimum" in schema and "maximum" in schema:
            return f"{word} from {schema['minimum']} to {schema['maximum']}"
        return f"{word} from {schema['minimum']}" if "minimum" in schema else word


def _plural(words: str) -> str:
    return re.sub(r"\b(mapping|whole number|number|list)\b(?! of)", r"\1s", words)


def _obvious(schema: Schema, default: Any) -> list[Any]:
    """Return an example for a setting with few possible values: one that is not the default."""
    choices = schema.get("enum") or ([True, False] if "boolean" in json.dumps(schema) else [])
    if "const" in schema:
        choices = [schema["const"]]
    return [choice for choice in choices if choice != default][:1]


def _yaml(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=None, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text.removesuffix("...\n").strip()


def _is_long(text: str) -> bool:
    return "\n" in text or (text[:1] not in "{['\"" and ": " in text)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
