"""Find the images in a release's values, and the changes between two releases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hubs.settings import image as names

_PEOPLE = "singleuser"
"""The part of the jupyterhub chart's values for the servers that people start."""


@dataclass(frozen=True, order=True)
class ImageChange:
    """A changed image. `old` is empty for a new one, `new` for a removed one. `people`: people start it."""

    people: bool
    old: str
    new: str

    def __str__(self) -> str:
        if not (self.old and self.new):
            return self.new or self.old
        name, version = _split(self.old), _split(self.new)
        return f"{self.old} → {version[1]}" if name[0] == version[0] else f"{self.old} → {self.new}"


def image_changes(old: Any, new: Any) -> list[ImageChange]:
    """Return the images that are added, removed or changed between the values of two releases.

    Another version of an image is a change of it.
    """
    found = []
    before, after = set(images_in(old)), set(images_in(new))
    removed, added = sorted(before - after), sorted(after - before)
    for people, image in removed:
        successor = next((new for new in added if new[0] == people and _split(new[1])[0] == _split(image)[0]), None)
        if successor is not None:
            added.remove(successor)
        found.append(ImageChange(people, image, successor[1] if successor else ""))
    return sorted([*found, *(ImageChange(people, "", image) for people, image in added)])


def images_in(values: Any) -> Iterator[tuple[bool, str]]:
    """Yield for each image in `values` whether people start it, and its name with tag or digest.

    Omits images that people enter themselves, for which the values contain `{value}`.
    """
    for key, part in values.items() if isinstance(values, dict) else ():
        for image in names.images_in(part):
            yield key == _PEOPLE, image


def _split(image: str) -> tuple[str, str]:
    """Return the name, and the tag or digest. Text that is not an image's name has no version."""
    try:
        parsed = names.parse(image)
    except ValueError:
        return image, ""
    return parsed.name, parsed.version
