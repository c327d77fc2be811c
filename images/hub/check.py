"""Check a hub image from inside: `docker run --rm --interactive IMAGE python - < images/hub/check.py`.

Fails if JupyterHub, the options page or a login provider of this program is missing or can't be loaded.
"""

from __future__ import annotations

import sys
from importlib.metadata import distributions, entry_points, version
from pathlib import Path

PACKAGES = ("jupyterhub", "jupyterhub-fancy-profiles", "jupyterhub-kubespawner", "oauthenticator")
AUTHENTICATORS = ("github", "cilogon", "google", "generic-oauth", "shared-password", "dummy")
"""Entry points of JupyterHub for the types of `auth` (hubs/values/authentication.py)."""


def main() -> None:
    """Load what a hub needs, and print the versions."""
    print("python", sys.version.split()[0])
    for package in PACKAGES:
        print(package, version(package))
    classes = {point.name: point for point in entry_points(group="jupyterhub.authenticators")}
    for name in AUTHENTICATORS:
        print(name, classes[name].load().__name__)

    import kubespawner
    from jupyterhub_fancy_profiles import setup_ui
    from traitlets.config import Config

    config = Config()
    setup_ui(config)
    paths = config.KubeSpawner.additional_profile_form_template_paths
    assert any((Path(path) / "form.html").is_file() for path in paths), "the options page has no template"  # noqa: S101
    assert "profile_list" in kubespawner.KubeSpawner.class_trait_names()  # noqa: S101
    names = [str(found.metadata["Name"]).lower() for found in distributions()]
    assert len(names) == len(set(names)), "a package is installed twice"  # noqa: S101


main()
