"""Whose hub it is, as its login page says. `branding` of a community or hub."""

from __future__ import annotations

from typing import Any

from hubs.settings.base import Strict, Url


class Party(Strict):
    """Somebody who has a part in the hub."""

    name: str
    url: Url


class Organization(Party):
    """The community itself."""

    logo_url: Url | None = None


class Templates(Strict):
    """A git repository with JupyterHub templates in `templates/` and files for them in `extra-assets/`.
    Fetched each time the hub starts."""

    repository: Url
    branch: str = "main"


class Branding(Strict):
    """Shown on the login page; given to templates as `custom.org`, `custom.funded_by` and so on."""

    organization: Organization | None = None
    designed_by: Party | None = None
    operated_by: Party | None = None
    funded_by: Party | None = None
    announcement: str | None = None
    """HTML shown on every page of the hub."""
    templates: Templates | None = None
    variables: dict[str, Any] = {}
    """Further variables for one's own templates, below `custom`."""

    @property
    def template_variables(self) -> dict[str, Any]:
        """What templates see as `custom`, in the words of 2i2c's default-hub-homepage."""
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
