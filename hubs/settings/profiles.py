"""What people choose from when they start a server: `profiles` of a community or hub.

This is KubeSpawner's `profile_list`, complete, as a list or a mapping
(https://jupyterhub-kubespawner.readthedocs.io/en/latest/spawner.html#kubespawner.KubeSpawner.profile_list), plus
`allowed_groups` and two short forms: `images` and `node_shares`.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from hubs.settings.auth import Group
from hubs.settings.base import Short, Strict, example
from hubs.settings.image import Image, check_versioned, is_template, same_repository
from hubs.settings.instance_types import AVAILABLE
from hubs.settings.javascript import not_javascript
from hubs.settings.kubespawner import RENAMED
from hubs.settings.regular_expressions import check_expression
from hubs.settings.sizes import Cpu, Memory
from hubs.settings.touches import Touches, becomes, each, more, narrower, touches


def _check_override(value: dict[str, Any]) -> dict[str, Any]:
    for name, image in value.items():
        if RENAMED.get(name, name) == "image" and isinstance(image, str) and not is_template(image):
            try:
                check_versioned(image)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
    return value


_PASSED_ON = touches(None)
Override = Annotated[
    dict[str, Any],
    _PASSED_ON,
    AfterValidator(_check_override),
    example({"mem_guarantee": "14G", "mem_limit": None, "node_selector": {"example.org/gpu": "t4"}}),
]
"""KubeSpawner traits and their values. hubs.settings.overrides checks them, each with its own line."""


def _some(value: list[str] | None) -> list[str] | None:
    if value == []:
        raise ValueError("must name a group: with an empty list, nobody sees this; without the key, everyone does")
    return value


_SEEN_BY = touches(
    Touches.LOGIN,
    "more people may use it",
    restricts=narrower,
    otherwise="fewer people may use it",
    empty="everyone",
    subject="groups that may use it",
)
Groups = Annotated[list[Group] | None, _SEEN_BY, AfterValidator(_some), example(["ocean-observatory:modelling"])]
"""JupyterHub groups."""


class Choice(Strict):
    """A choice of an option."""

    display_name: Annotated[str, touches(Touches.APPEARANCE, subject="name"), example("PyTorch")]
    """Name in the menu."""
    description: Annotated[str | None, touches(Touches.APPEARANCE), example("With CUDA")] = None
    """Text under the name."""
    slug: Annotated[str | None, touches(Touches.APPEARANCE), example("pytorch")] = None
    """Name in URLs, in lower case. Default: derived from the name."""
    default: Annotated[bool | None, touches(Touches.APPEARANCE)] = None
    """Selected at first. Default: the first choice is."""
    kubespawner_override: Annotated[Override, example({"image": "quay.io/pangeo/pytorch-notebook:2026.06.04"})] = {}
    """KubeSpawner traits to set when this choice is selected."""
    allowed_groups: Groups = None
    """Only members of these JupyterHub groups (`org:team` with GitHub) see this choice. Default: everyone."""


def _was_none(old: str | None, new: str | None) -> bool:
    return not old


class UnlistedChoice(Short):
    """A value that people type instead of selecting a choice."""

    short_key = "enabled"

    enabled: Annotated[
        bool | None,
        touches(
            Touches.COST,
            restricts=becomes(False, None),
            subject="typed values",
            gained="people may type a value of their own",
            lost="people can't type a value of their own any more",
        ),
    ] = None
    """Offer to type a value. Default: true for the option `image`, false for others."""
    display_name: Annotated[str | None, touches(Touches.APPEARANCE), example("Image")] = None
    """Label of the text field."""
    display_name_in_choices: Annotated[str | None, touches(Touches.APPEARANCE), example("Other image")] = None
    """Name of this entry in the menu."""
    description_in_choices: Annotated[str | None, touches(Touches.APPEARANCE), example("Any public image")] = None
    """Text under that name."""
    validation_regex: Annotated[
        str | None,
        touches(
            Touches.ISOLATION,
            "people may type other values",
            restricts=_was_none,
            otherwise="people may type fewer values",
            subject="values that people may type",
        ),
        example("^quay\\.io/ocean/.+:.+$"),
    ] = None
    """Regular expression that a typed value must match, from its beginning. It is run by Python and by browsers.
    Images that were built on the hub are always allowed where building is offered, images of other hubs never."""
    validation_message: Annotated[
        str | None, touches(Touches.APPEARANCE), example("Must be an image of quay.io/ocean with a tag")
    ] = None
    """Message to people whose value does not match."""
    kubespawner_override: Annotated[Override | None, _PASSED_ON, example({"image": "{value}"})] = None
    """KubeSpawner traits to set; `{value}` stands for what was typed."""
    allowed_groups: Groups = None
    """Only members of these JupyterHub groups can type a value. Default: everyone."""

    @model_validator(mode="after")
    def _regex_compiles(self) -> Self:
        if self.validation_regex:
            check_expression("validation_regex", self.validation_regex)
            if problem := not_javascript(self.validation_regex):
                raise ValueError(f"validation_regex is run by browsers too: {problem}")
        return self


class DynamicImageBuilding(Short):
    """Whether the option offers to build an image from a GitHub repository."""

    short_key = "enabled"

    enabled: Annotated[
        bool,
        touches(
            Touches.COST,
            subject="building of images",
            gained="people may build images there",
            lost="people can't build images there any more",
        ),
    ]
    """Offer to build an image."""


class Option(Strict):
    """A menu within a profile."""

    display_name: Annotated[str | None, touches(Touches.APPEARANCE), example("Dataset")] = None
    """Label of the menu. Default: Image for `image`, Resource Allocation for `resource_allocation`. Other menus need
    a label."""
    choices: Annotated[
        dict[str, Choice],
        each("choice {}"),
        touches(
            Touches.AVAILABILITY,
            harmless=more,
            gained="{} is added",
            lost="{} is removed: servers can't be started with it any more",
        ),
        example({"pytorch": {"display_name": "PyTorch"}}),
    ] = {}
    """Entries of the menu, by a name of your choice."""
    unlisted_choice: UnlistedChoice | None = None
    """A value that people type instead of selecting a choice. `true` and `false` stand for `enabled`."""
    dynamic_image_building: DynamicImageBuilding | None = None
    """Whether the menu offers to build an image from a GitHub repository. `true` and `false` stand for `enabled`.
    Default: true for the option `image`."""


class ImageChoice(Short):
    """An image that people can choose."""

    short_key = "image"

    image: Annotated[
        Image,
        touches(
            Touches.AVAILABILITY, "servers that start from now on use it", harmless=same_repository, subject="image"
        ),
        example("quay.io/pangeo/pangeo-notebook:2026.06.04"),
    ]
    """The image, with a tag or a digest."""
    display_name: Annotated[str | None, touches(Touches.APPEARANCE, subject="name"), example("Pangeo")] = None
    """Name in the menu. Default: the image itself."""
    description: Annotated[
        str | None, touches(Touches.APPEARANCE), example("Python with Dask and geospatial tools")
    ] = None
    """Text under the name."""
    slug: Annotated[str | None, touches(Touches.APPEARANCE), example("pangeo")] = None
    """Name in URLs, in lower case. Default: derived from the name."""
    default: Annotated[bool | None, touches(Touches.APPEARANCE)] = None
    """Selected at first. Default: the first image is."""
    default_url: Annotated[str | None, touches(Touches.APPEARANCE), example("/rstudio")] = None
    """Page that opens when a server with this image has started. Default: the hub's `default_url`."""
    kubespawner_override: Annotated[Override, example({"image_pull_policy": "Always"})] = {}
    """Further KubeSpawner traits to set with this image."""
    allowed_groups: Groups = None
    """Only members of these JupyterHub groups (`org:team` with GitHub) see this image. Default: everyone."""


def _parts(value: Any) -> Any:
    """Return the denominators for a number of sizes: 3 means [1, 2, 4]."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 1 <= value <= 10:
            raise ValueError("must be from 1 to 10, or a list of parts such as [2, 8]")
        return [2**step for step in range(value)]
    return value


_Parts = list[Annotated[int, Field(ge=1)]]


class NodeShare(Strict):
    """Choices of size on one type of node: the whole node, a half, a quarter and so on.

    Memory is guaranteed and limited to the part. CPU is guaranteed to the part and limited to the whole node, as in
    2i2c's node sharing (https://infrastructure.2i2c.org/topic/resource-allocation/).
    """

    instance_type: Annotated[str, touches(Touches.COST, subject="type of node"), example("n2-highmem-4", "r5.xlarge")]
    """Value of the node label node.kubernetes.io/instance-type. Memory and CPU of common types are known."""
    shares: Annotated[
        _Parts,
        touches(Touches.COST, subject="parts of a node"),
        BeforeValidator(_parts, json_schema_input_type=Annotated[int, Field(ge=1, le=10)] | _Parts),
        Field(min_length=1),
        example(3, [2, 8]),
    ] = [1, 2, 4, 8]
    """How many sizes: 1 is the whole node, 2 adds the half, 3 adds the quarter, and so on. Or a list of parts: [2, 8]
    is the half and the eighth. Default: 4 sizes."""
    default: Annotated[int | None, touches(Touches.APPEARANCE), example(4)] = None
    """Part that is selected at first: 4 is the quarter. Default: the smallest size of all."""
    memory: Annotated[Memory | None, touches(Touches.COST, subject="memory of a node"), example("27G")] = None
    """Memory that a node has left for people's servers: allocatable memory minus that of DaemonSets. Default: known
    for common instance types."""
    cpu: Annotated[Cpu | None, touches(Touches.COST, subject="CPU of a node"), example(3.4)] = None
    """CPU that a node has left for people's servers, in cores. Default: known for common instance types."""
    allowed_groups: Groups = None
    """Only members of these JupyterHub groups (`org:team` with GitHub) see these sizes. Default: everyone."""

    @model_validator(mode="after")
    def _size_is_known(self) -> Self:
        if self.instance_type not in AVAILABLE and (self.memory is None or self.cpu is None):
            raise ValueError(f"needs memory and cpu: the size of {self.instance_type} is not known")
        return self


class Profile(Strict):
    """An entry on the page where people start a server."""

    display_name: Annotated[str, touches(Touches.APPEARANCE, subject="name"), example("CPU")]
    """Name on the page."""
    description: Annotated[str | None, touches(Touches.APPEARANCE), example("For most work")] = None
    """Text under the name."""
    slug: Annotated[str | None, touches(Touches.APPEARANCE), example("cpu")] = None
    """Name in URLs, in lower case. Default: derived from the name."""
    default: Annotated[bool | None, touches(Touches.APPEARANCE)] = None
    """Selected at first. Default: the first profile is."""
    allowed_groups: Groups = None
    """Only members of these JupyterHub groups (`org:team` with GitHub) see this profile. Default: everyone."""
    kubespawner_override: Override = {}
    """KubeSpawner traits to set when this profile is selected, such as memory, CPU, GPU and node labels."""
    profile_options: Annotated[
        dict[str, Option],
        each("menu {}"),
        touches(Touches.AVAILABILITY, harmless=more, gained="{} is added", lost="{} is removed"),
        example({"image": {"unlisted_choice": False}}),
    ] = {}
    """Menus of the profile, by name. `image` and `resource_allocation` have the short forms below."""
    images: Annotated[
        dict[str, ImageChoice],
        each("image {}"),
        touches(
            Touches.AVAILABILITY,
            harmless=more,
            gained="{} is added",
            lost="{} is removed: servers can't be started with it any more",
        ),
        example(
            {"scipy": "quay.io/jupyter/scipy-notebook:2026-07-28"},
            {"pangeo": {"image": "quay.io/pangeo/pangeo-notebook:2026.06.04", "display_name": "Pangeo"}},
        ),
    ] = {}
    """Images to choose from, by a name of your choice: an image, or {image: ..., display_name: ...}. Short form of
    `profile_options.image.choices`."""
    node_shares: Annotated[
        list[NodeShare],
        each("sizes of {}"),
        touches(Touches.COST, gained="{} are added", lost="{} are removed"),
        example([{"instance_type": "n2-highmem-4", "shares": 3}]),
    ] = []
    """Sizes to choose from, as parts of a node. Short form of `profile_options.resource_allocation.choices`."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        for name, option in self.profile_options.items():
            if option.display_name is None and name not in ("image", "resource_allocation"):
                raise ValueError(f"needs a display_name for the option {name}")
            building, typed = option.dynamic_image_building, option.unlisted_choice
            builds = name == "image" if building is None else building.enabled
            override = typed.kubespawner_override if typed is not None and typed.enabled is not False else None
            if builds and override is not None and override.get("image") != "{value}":
                raise ValueError(
                    f"profile_options.{name}.unlisted_choice.kubespawner_override.image must be '{{value}}', which"
                    " stands for a built image too; or write dynamic_image_building: false"
                )
        if self.images and self.profile_options.get("image", Option()).choices:
            raise ValueError("has both images and profile_options.image.choices: write all of them in one")
        return self

    def slug_in(self, key: str | int) -> str:
        """Return the slug of the profile at `key`, as KubeSpawner computes it. In a mapping, the key is the slug."""
        if self.slug is not None:
            return self.slug
        if isinstance(key, str):
            return key
        return slug_of(self.display_name)


def slug_of(display_name: str) -> str:
    """Return the slug that KubeSpawner derives from a name. It is empty for a name without letters and digits."""
    from slugify import slugify  # takes as long to import as all settings, and most profiles have a slug

    return slugify(display_name)


def _form(value: Any) -> str:
    return "mapping" if isinstance(value, dict) else "list"


def _without_nulls(value: Any) -> Any:
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


Profiles = Annotated[
    Annotated[list[Profile], Tag("list")] | Annotated[dict[str, Profile], Field(min_length=1), Tag("mapping")],
    Discriminator(_form),
    BeforeValidator(_without_nulls),
]
"""A list of profiles, or a mapping of slugs to profiles. A null removes the profile of a layer below."""
