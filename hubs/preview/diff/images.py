"""Which images a release's values name, and which of them change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hubs.settings import image as names

_PEOPLE = "singleuser"
"""Where the jupyterhub chart's values have what people start."""


@dataclass(frozen=True, order=True)
class ImageChange:
    """An image that is another one now. `old` or `new` is empty where there is none. `people`: they start it."""

    people: bool
    old: str
    new: str

    def __str__(self) -> str:
        if not (self.old and self.new):
            return self.new or self.old
        name, version = _split(self.old), _split(self.new)
        return f"{self.old} → {version[1]}" if name[0] == version[0] else f"{self.old} → {self.new}"


def image_changes(old: Any, new: Any) -> list[ImageChange]:
    """The images that come, go or change between two releases' values; another version of one is a change of it."""
    found = []
    before, after = set(images_in(old)), set(images_in(new))
    gone, come = sorted(before - after), sorted(after - before)
    for people, image in gone:
        successor = next((c for c in come if c[0] == people and _split(c[1])[0] == _split(image)[0]), None)
        if successor is not None:
            come.remove(successor)
        found.append(ImageChange(people, image, successor[1] if successor else ""))
    return sorted([*found, *(ImageChange(people, "", image) for people, image in come)])


def images_in(values: Any) -> Iterator[tuple[bool, str]]:
    """Each image that a release's values name, with whether users start it."""
    for key, part in values.items() if isinstance(values, dict) else ():
        for image in names.images_in(part):
            yield key == _PEOPLE, image


def _split(image: str) -> tuple[str, str]:
    """The name, and the tag or digest. The values of a plan may hold anything: what is not an image has no version."""
    try:
        parsed = names.parse(image)
    except ValueError:
        return image, ""
    return parsed.name, parsed.version
