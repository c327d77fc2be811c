"""What people choose from when they start a server. `profiles` of a community or hub.

This is KubeSpawner's `profile_list`, all of it
(https://jupyterhub-kubespawner.readthedocs.io/en/latest/spawner.html#kubespawner.KubeSpawner.profile_list), with
`allowed_groups` beside it and two short forms: `images` and `node_shares`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hubs.settings.base import Memory, Strict
from hubs.settings.image import Image, check_versioned, is_template
from hubs.settings.instance_types import AVAILABLE


def _check_override(value: dict[str, Any]) -> dict[str, Any]:
    image = value.get("image")
    if isinstance(image, str) and not is_template(image):
        try:
            check_versioned(image)
        except ValueError as error:
            raise ValueError(f"image: {error}") from None
    return value


Override = Annotated[dict[str, Any], AfterValidator(_check_override)]
"""KubeSpawner traits and their values. Any trait: KubeSpawner is the one that knows them."""


class Choice(Strict):
    """A choice of an option."""

    display_name: str
    description: str | None = None
    slug: str | None = None
    default: bool | None = None
    kubespawner_override: Override = {}
    allowed_groups: list[str] | None = None


class UnlistedChoice(Strict):
    """A value that people type in."""

    enabled: bool | None = None
    """Default: true for the option `image`, else KubeSpawner's false."""
    display_name: str | None = None
    display_name_in_choices: str | None = None
    description_in_choices: str | None = None
    validation_regex: str | None = None
    validation_message: str | None = None
    kubespawner_override: Override | None = None
    allowed_groups: list[str] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_bool(cls, value: Any) -> Any:
        return {"enabled": value} if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _regex_compiles(self) -> Self:
        try:
            re.compile(self.validation_regex or "")
        except re.error:
            raise ValueError("validation_regex is not a regular expression of Python") from None
        return self


class DynamicImageBuilding(Strict):
    """Whether the option offers to build an image from a GitHub repository."""

    enabled: bool

    @model_validator(mode="before")
    @classmethod
    def _from_bool(cls, value: Any) -> Any:
        return {"enabled": value} if isinstance(value, bool) else value


class Option(Strict):
    """A selection within a profile."""

    display_name: str | None = None
    """Default: Image for `image`, Resource Allocation for `resource_allocation`; any other says its own."""
    choices: dict[str, Choice] = {}
    unlisted_choice: UnlistedChoice | None = None
    dynamic_image_building: DynamicImageBuilding | None = None


class ImageChoice(Strict):
    """Short form of a choice of the `image` option."""

    image: Image
    display_name: str | None = None
    """Default: the image itself."""
    description: str | None = None
    slug: str | None = None
    default: bool | None = None
    default_url: str | None = None
    kubespawner_override: Override = {}
    """Whatever else goes with the image, such as {image_pull_policy: Always}."""
    allowed_groups: list[str] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"image": value} if isinstance(value, str) else value


def _parts(value: Any) -> Any:
    """The denominators that a number of sizes stands for: 3 is [1, 2, 4]."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 1 <= value <= 10:
            raise ValueError("must be from 1 to 10, or a list of parts such as [2, 8]")
        return [2**step for step in range(value)]
    return value


class NodeShare(Strict):
    """Short form of choices of size: the whole of a node, a half, a quarter ... each with that part of its memory.

    Memory is guaranteed and limited to the part; CPU is guaranteed to the part and limited to the whole, as 2i2c's
    node sharing does (https://infrastructure.2i2c.org/topic/resource-allocation/).
    """

    instance_type: str
    """Value of the label node.kubernetes.io/instance-type. Memory and CPU of common types are known."""
    shares: Annotated[list[Annotated[int, Field(ge=1)]], BeforeValidator(_parts), Field(min_length=1)] = [1, 2, 4, 8]
    """How many sizes: 1 is the whole node, 2 adds the half, 3 the quarter ... Or a list of parts: [2, 8] is the half
    and the eighth. Default: 4."""
    default: int | None = None
    """The part that is chosen at first: 4 is the quarter. Default: the smallest size of all."""
    memory: Memory | None = None
    """What pods of people can have on such a node: allocatable less the DaemonSets."""
    cpu: float | None = None
    allowed_groups: list[str] | None = None

    @model_validator(mode="after")
    def _size_is_known(self) -> Self:
        if self.instance_type not in AVAILABLE and (self.memory is None or self.cpu is None):
            raise ValueError(f"needs memory and cpu: the size of {self.instance_type} is not known")
        return self


class Profile(Strict):
    """An entry of the list."""

    display_name: str
    description: str | None = None
    slug: str | None = None
    default: bool | None = None
    allowed_groups: list[str] | None = None
    kubespawner_override: Override = {}
    profile_options: dict[str, Option] = {}
    images: dict[str, ImageChoice] = {}
    """Short form of `profile_options.image.choices`: name -> image, or name -> {image, display_name, ...}."""
    node_shares: list[NodeShare] = []
    """Short form of `profile_options.resource_allocation.choices`."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        for name, option in self.profile_options.items():
            if option.display_name is None and name not in ("image", "resource_allocation"):
                raise ValueError(f"needs a display_name for the option {name}")
        if self.images and self.profile_options.get("image", Option()).choices:
            raise ValueError("has both images and profile_options.image.choices: write all of them in one")
        return self
