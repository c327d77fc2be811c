"""Names of container images: their grammar, a parser, and the tags that move.

The grammar is Docker's (https://pkg.go.dev/github.com/distribution/reference), which containerd and Kubernetes share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from hubs.settings import docker_hub

EXAMPLE = "quay.io/jupyter/scipy-notebook:2026-07-28"

_HOST_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][-a-zA-Z0-9]*[a-zA-Z0-9])"
_HOST = rf"(?:{_HOST_LABEL}(?:\.{_HOST_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_HOST}/)?{COMPONENT}(?:/{COMPONENT})*)"
    r"(?::(?P<tag>[a-zA-Z0-9_][-.a-zA-Z0-9_]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?"
)
LONGEST_NAME = 255
"""Characters of a name without tag and digest. BinderHub counts the host too (binderhub/builder.py)."""

_MOVING = frozenset(
    "latest main master develop dev edge nightly stable staging testing unstable snapshot".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class ImageReference:
    """An image's name in its parts."""

    name: str
    """As written, without tag and digest: `quay.io/jupyter/scipy-notebook`."""
    tag: str = ""
    digest: str = ""
    """`sha256:...`."""

    @property
    def host(self) -> str:
        """The registry, with its port if it has one. Docker Hub if the name has no host."""
        host, _ = self._split()
        return docker_hub.image_host(host) if host else docker_hub.NAME

    @property
    def repository(self) -> str:
        """The path at the registry. On Docker Hub a name without a `/` is in `library`."""
        _, path = self._split()
        return f"library/{path}" if self.host == docker_hub.NAME and "/" not in path else path

    def _split(self) -> tuple[str, str]:
        """Return the host as written, which is empty if there is none, and what follows it."""
        first, slash, rest = self.name.partition("/")
        # As in Docker, only such a name is a host. Otherwise `jupyter/scipy-notebook` would be on the host `jupyter`.
        named = slash and (first == "localhost" or any(c in ".:" or c.isupper() for c in first))
        return (first, rest) if named else ("", self.name)

    @property
    def reference(self) -> str:
        """The reference to request from a registry: the digest if there is one, else the tag, else `latest`."""
        return self.digest or self.tag or "latest"

    @property
    def version(self) -> str:
        """What follows the name: the tag, the digest, or `tag@digest`. Empty if there is neither."""
        return "@".join(part for part in (self.tag, self.digest) if part)

    @property
    def moves(self) -> bool:
        """Whether this name can refer to another image later."""
        return not self.digest and self.reference in _MOVING

    def pinned(self, digest: str) -> str:
        """The name with `digest` in place of the tag."""
        return f"{self.name}@{digest}"


def parse(text: str) -> ImageReference:
    """Return the parts of an image's name. Raises ValueError, with the reason, if Docker would refuse it."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        upper = _REFERENCE.fullmatch(text.lower()) is not None
        hint = " (upper-case letters are allowed in the tag and the host only)" if upper else ""
        raise ValueError(f"is not a valid image name{hint}; write one such as {EXAMPLE}")
    if len(found["name"]) > LONGEST_NAME:
        raise ValueError(f"is not a valid image name: it has more than {LONGEST_NAME} characters")
    return ImageReference(found["name"], found["tag"] or "", found["digest"] or "")


def same_repository(old: str | None, new: str | None) -> bool:
    """Return whether two images differ in tag and digest only."""
    try:
        return bool(old and new) and parse(str(old)).name == parse(str(new)).name
    except ValueError:
        return False


def moves(text: str) -> bool:
    """Return whether this name can refer to another image later. False for text that is not an image's name."""
    try:
        return parse(text).moves
    except ValueError:
        return False


def check_versioned(text: str) -> str:
    """Return `text`. Raises ValueError unless it is an image's name with a tag or a digest."""
    if not parse(text).version:
        raise ValueError(f"must be an image with a tag or a digest, such as {EXAMPLE}")
    return text


Image = Annotated[
    str,
    AfterValidator(check_versioned),
    Field(
        json_schema_extra={
            # For editors: simpler than the grammar, but detects a missing tag.
            "pattern": r"^\S+(:[a-zA-Z0-9_][-.a-zA-Z0-9_]{0,127}|@sha(256|512):[0-9a-f]+)$",
            "patternErrorMessage": f"must be an image with a tag or a digest, such as {EXAMPLE}",
        }
    ),
]
"""A setting that names an image, with a tag or a digest."""


def chart_image(text: str) -> dict[str, str]:
    """Return `name` and `tag` for the jupyterhub chart, which joins them with a colon.

    A digest is split at its own colon: `{name: quay.io/a/b@sha256, tag: 0a1b...}`.
    """
    name, _, tag = text.rpartition(":")
    return {"name": name, "tag": tag}


def is_template(text: str) -> bool:
    """Return whether the text is a template: KubeSpawner replaces `{value}` with what people type."""
    return "{" in text


def images_in(data: Any) -> Iterator[str]:
    """Yield every image that chart values or settings name as `image`, as text or as `{name, tag}` or
    `{repository, tag}`. Omits templates."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "image" and isinstance(value, str):
                if value and not is_template(value):
                    yield value
            elif key == "image" and isinstance(value, Mapping) and isinstance(_name(value), str):
                yield f"{_name(value)}:{value['tag']}" if value.get("tag") else _name(value)
            else:
                yield from images_in(value)
    elif isinstance(data, list):
        for item in data:
            yield from images_in(item)


def _name(image: Mapping[str, Any]) -> Any:
    return image.get("name") or image.get("repository")
