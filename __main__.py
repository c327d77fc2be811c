"""The program that `pulumi up` runs: the hubs of one cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.deployed import deployed_hubs
from components.hub import ImagebuildingHub
from components.registry.kinds import hub_access
from hubs.settings.errors import SettingsError
from hubs.settings.loader import CONFIG_KEYS, load
from hubs.settings.moves import departures, refusals
from hubs.settings.stack import Stack
from hubs.values.releases import charts, check_releases


def main(missing_secret: Callable[[str], Any] | None) -> Stack:
    """Load the stack, create its hubs, export what people need to know about them, and return the settings.

    `missing_secret` creates a placeholder for a secret that is not set yet. Without it, such a stack is refused.
    """
    config = {key: value for key in CONFIG_KEYS if (value := pulumi.runtime.get_config(key)) is not None}
    try:
        root = Path(pulumi.get_root_directory())
        stack = load(pulumi.get_stack(), config, root=root, secret=pulumi.Output.secret, missing_secret=missing_secret)
        check_releases(stack)
    except SettingsError as error:
        raise pulumi.RunError(f"the settings of this stack can't be used:\n{error}") from None
    # Nothing has been registered yet, so nothing changes if a repository serves another chart than the pinned one.
    if missing_secret is None:
        from hubs.clients.charts import unverified  # a plan has no network

        if wrong := unverified(charts(stack), root):
            raise pulumi.RunError("\n".join(wrong))
    deployed = deployed_hubs()
    if refused := refusals(stack, deployed):
        raise pulumi.RunError("\n".join(map(str, refused)))
    for warning in [*stack.warnings, *departures(stack, deployed)]:
        pulumi.log.warn(str(warning))

    # The stack names the cluster. The current context of kubectl is never used.
    provider = kubernetes.Provider(
        stack.cluster.name,
        context=stack.context,
        kubeconfig=pulumi.Config("kubernetes").get_secret("kubeconfig"),
        # Adopt objects that were kept when a hub was removed from the config, if the hub is added again.
        upsert_existing_objects=True,
    )
    registry = hub_access(stack)
    built: dict[str, ImagebuildingHub] = {}
    for hub in sorted(stack.hubs, key=lambda hub: hub.stage == "prod"):
        staging = [
            built[other.key]
            for other in stack.hubs
            if hub.stage == "prod" and other.stage == "staging" and other.community == hub.community
        ]
        built[hub.key] = ImagebuildingHub(stack, hub, registry, provider=provider, after=list(staging))
    pulumi.export("hubs", {key: built[key].outputs for key in sorted(built)})
    return stack


# `hubs plan` runs this file with a global `missing_secret`, and reads `settings`. Under Pulumi there is none.
settings = main(globals().get("missing_secret"))
