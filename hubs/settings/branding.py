"""What the hub's pages show about its organizations: `branding` of a community or hub."""

from __future__ import annotations

import re
from typing import Annotated, Any

from hubs.settings.base import Strict, Url, example
from hubs.settings.touches import Touches, becomes, touches


class Party(Strict):
    """An organization or person involved in the hub."""

    name: Annotated[str, touches(Touches.APPEARANCE), example("Marine Science Fund")]
    """Name on the login page."""
    url: Annotated[Url, touches(Touches.APPEARANCE), example("https://fund.example.org")]
    """Where the name links to."""


class Organization(Party):
    """The community's own organization."""

    logo_url: Annotated[Url | None, touches(Touches.APPEARANCE), example("https://ocean.example.org/logo.svg")] = None
    """Address of the logo on the login page. Default: no logo."""


_TEMPLATES = touches(Touches.CODE, "templates run in the hub, with its rights", becomes(None), subject="page templates")
_CODE = re.compile(
    r"<\s*(script|iframe|object|embed|form|link|meta|base|style)|\bon\w{1,40}\s*=|javascript:|data:", re.IGNORECASE
)


def _plain_html(_old: object, new: object) -> bool:
    return not _CODE.search(str(new or ""))


class Templates(Strict):
    """A git repository with JupyterHub templates in `templates/` and their files in `extra-assets/`.
    The hub fetches it each time it starts."""

    repository: Annotated[Url, _TEMPLATES, example("https://github.com/example-org/hub-templates")]
    """Address of the git repository, which must be public."""
    branch: Annotated[str, _TEMPLATES, example("ocean")] = "main"
    """Branch of the repository."""


class Branding(Strict):
    """Names, links and logo on the login page. Templates get them as `custom.org`, `custom.funded_by` and so on."""

    organization: Annotated[
        Organization | None, touches(Touches.APPEARANCE, subject="organization on the login page")
    ] = None
    """The community's own organization."""
    designed_by: Annotated[Party | None, touches(Touches.APPEARANCE, subject="designer on the login page")] = None
    """Who designed the hub."""
    operated_by: Annotated[Party | None, touches(Touches.APPEARANCE, subject="operator on the login page")] = None
    """Who runs the hub."""
    funded_by: Annotated[Party | None, touches(Touches.APPEARANCE, subject="funder on the login page")] = None
    """Who pays for the hub."""
    announcement: Annotated[
        str | None,
        touches(
            Touches.CODE,
            "it runs code in the browser of everyone who opens the hub, with that person's rights",
            harmless=_plain_html,
            subject="announcement",
        ),
        example("Maintenance on <b>Friday</b>, 18:00 to 20:00 UTC."),
    ] = None
    """HTML at the top of every page of the hub."""
    templates: Annotated[Templates | None, _TEMPLATES] = None
    """A git repository with page templates of your own. Default: the program's."""
    variables: Annotated[
        dict[str, Any], touches(Touches.APPEARANCE), example({"support_email": "help@ocean.example.org"})
    ] = {}
    """Further variables for your own templates, below `custom`."""

    @property
    def template_variables(self) -> dict[str, Any]:
        """The variable `custom` of templates, with the names of 2i2c's default-hub-homepage."""
        parties = {
            "org": self.organization,
            "designed_by": self.designed_by,
            "operated_by": self.operated_by,
            "funded_by": self.funded_by,
        }
        return {
            **{name: party.model_dump(exclude_none=True) for name, party in parties.items() if party},
            **self.variables,
        }
