"""What the hub's pages show about its organizations: `branding` of a community or hub."""

from __future__ import annotations

from typing import Annotated, Any

from hubs.settings.base import Strict, Url, example


class Party(Strict):
    """An organization or person involved in the hub."""

    name: Annotated[str, example("Marine Science Fund")]
    """Name on the login page."""
    url: Annotated[Url, example("https://fund.example.org")]
    """Where the name links to."""


class Organization(Party):
    """The community's own organization."""

    logo_url: Annotated[Url | None, example("https://ocean.example.org/logo.svg")] = None
    """Address of the logo on the login page. Default: no logo."""


class Templates(Strict):
    """A git repository with JupyterHub templates in `templates/` and their files in `extra-assets/`.
    The hub fetches it each time it starts."""

    repository: Annotated[Url, example("https://github.com/example-org/hub-templates")]
    """Address of the git repository, which must be public."""
    branch: Annotated[str, example("ocean")] = "main"
    """Branch of the repository."""


class Branding(Strict):
    """Names, links and logo on the login page. Templates get them as `custom.org`, `custom.funded_by` and so on."""

    organization: Organization | None = None
    """The community's own organization."""
    designed_by: Party | None = None
    """Who designed the hub."""
    operated_by: Party | None = None
    """Who runs the hub."""
    funded_by: Party | None = None
    """Who pays for the hub."""
    announcement: Annotated[str | None, example("Maintenance on <b>Friday</b>, 18:00 to 20:00 UTC.")] = None
    """HTML at the top of every page of the hub."""
    templates: Templates | None = None
    """A git repository with page templates of your own. Default: the program's."""
    variables: Annotated[dict[str, Any], example({"support_email": "help@ocean.example.org"})] = {}
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
