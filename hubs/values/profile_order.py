"""Keep the order of options and choices, which Helm does not preserve.

Helm sorts the keys of mappings (jupyterhub/kubespawner#888), so sizes would be listed as 114, 13, 26, 3 GB.
"""

from __future__ import annotations

from typing import Any

from hubs.settings.layers import mapping


def written_order(profiles: Any) -> list[list[Any]]:
    """Return `[*path, keys]` for each mapping of options or choices whose keys are not in alphabetical order. The path
    starts at the list of profiles. `values` may hold anything there: what is not a profile has no order."""
    found: list[list[Any]] = []
    for index, profile in enumerate(profiles if isinstance(profiles, list) else []):
        options = mapping(profile, "profile_options")
        _note(found, [index, "profile_options"], options)
        for name, option in options.items():
            _note(found, [index, "profile_options", name, "choices"], mapping(option, "choices"))
    return found


def _note(found: list[list[Any]], path: list[Any], written: dict[str, Any]) -> None:
    if list(written) != sorted(written):
        found.append([*path, list(written)])
