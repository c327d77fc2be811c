"""The reference of all settings: path, type, default, meaning and an example of each, from the models' JSON schema."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from hubs.errors import UnknownNameError, unknown
from hubs.settings.catalog import ANY_NAME, Setting, settings

SECTIONS = {
    "cluster": ("Cluster", "`imagebuilding:cluster` in `stacks/Pulumi.<stack>.yaml`"),
    "registry": ("Registry", "`imagebuilding:registry` in `stacks/Pulumi.<stack>.yaml`"),
    "charts": ("Charts", "`imagebuilding:charts` in `stacks/Pulumi.<stack>.yaml`, merged over `Pulumi.yaml`"),
    "secrets": (
        "Secrets",
        "`imagebuilding:secrets` in `stacks/Pulumi.<stack>.yaml`, for all hubs, for a community, or for a hub",
    ),
    "hub": (
        "Community and hubs",
        "`stacks/<cluster>/<community>.yaml`, at the top for all hubs of the community or below `hubs` for one,"
        " and `imagebuilding:defaults` in `stacks/Pulumi.<stack>.yaml` for all communities",
    ),
}
"""Title of each section, and where its settings are written."""

_WIDTH = 80


def reference(setting: str | None = None) -> str:
    """Return the reference of one setting such as `home.disk` and everything below it, or of all settings, as text.

    Raises UnknownNameError, with the nearest name, if there is no such setting.
    """
    shown = find(setting) if setting is not None else [item for item in settings() if not item.repeated]
    lines: list[str] = []
    section = None
    for item in shown:
        if item.section != section:
            section = item.section
            lines += [*_wrapped(f"In {SECTIONS[section][1]}".replace("`", ""), "# "), ""]
        lines += [item.name, *_wrapped(item.facts), *_wrapped(f"Touches: {item.touches}" if item.touches else "")]
        repeats = f"Settings: the same as those of {item.same_as}." if item.same_as and setting is None else ""
        for paragraph in (item.only, *item.description.split("\n\n"), repeats):
            lines += _wrapped(paragraph)
        if item.example:
            lines += ["", *textwrap.indent(item.example, " " * 8).splitlines()]
        lines.append("")
    return "\n".join(lines)


def markdown() -> str:
    """Return the reference of all settings as a page in MyST Markdown, with a heading and a label for each setting."""
    blocks = ["# Settings"]
    for section, (title, where) in SECTIONS.items():
        blocks += [f"(settings-{section})=\n## {title}", f"In {where}."]
        for item in settings():
            if item.section == section and not item.repeated:
                blocks += _markdown(item)
    return "\n\n".join(blocks) + "\n"


def _markdown(item: Setting) -> Iterator[str]:
    yield f"({_label(item.name)})=\n### `{item.name}`"
    default = f", default `{item.default_text}`" if item.default_text else ""
    touches = f". Touches: {item.touches}" if item.touches else ""
    yield f"*{item.type}*{', required' if item.required else default}{touches}"
    if item.only:
        yield item.only
    if item.description:
        yield item.description
    if item.same_as:
        yield f"Settings: the same as those of [`{item.same_as}`](#{_label(item.same_as)})."
    if item.example:
        yield f"```yaml\n{item.example}\n```"


def _label(name: str) -> str:
    return "setting-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def find(setting: str) -> list[Setting]:
    """Return the setting at a path, and all settings below it. The path may contain list indexes and names that people
    choose: `profiles.0.images.pangeo.image`."""
    steps = [step for step in setting.removeprefix("imagebuilding:").split(".") if step and not step.isdigit()]
    found = [item for item in settings() if any(_below(steps, list(path)) for path in item.addresses())]
    if not found or not steps:
        known = {".".join(path) for item in settings() for path in item.addresses()} | set(SECTIONS)
        problem = f"there is no setting {setting!r}"
        raise UnknownNameError(unknown(problem, setting, sorted(known), otherwise="`hubs settings` lists all"))
    return found


def _below(steps: list[str], path: list[str]) -> bool:
    if not steps:
        return True
    if not path:
        return False
    if path[0] == ANY_NAME:
        return _below(steps[1:], path[1:]) or _below(steps, path[1:])
    return steps[0] == path[0] and _below(steps[1:], path[1:])


def _wrapped(text: str, indent: str = "    ") -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
