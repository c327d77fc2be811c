"""The program that `pulumi up` runs: the hubs of one cluster."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.departed import keep_what_departed
from components.deployed import deployed, resources
from components.hub import ImagebuildingHub
from components.registry.kinds import hub_access
from hubs.settings.errors import SettingsError
from hubs.settings.loader import CONFIG_KEYS, load
from hubs.settings.moves import departures, refusals
from hubs.settings.stack import Stack
from hubs.values.releases import charts, release_problems


def load_settings(missing_secret: Callable[[str], Any] | None) -> Stack:
    """Load the stack.

    `missing_secret` is for previews: it creates a placeholder for a secret that is not set yet, and hubs that have
    problems are left out. Without it, such a stack is refused: an update without a deployed hub would delete it.
    """
    config = {key: value for key in CONFIG_KEYS if (value := pulumi.runtime.get_config(key)) is not None}
    try:
        root = Path(pulumi.get_root_directory())
        stack = load(
            pulumi.get_stack(),
            config,
            root=root,
            secret=pulumi.Output.secret,
            missing_secret=missing_secret,
            leave_out=missing_secret is not None,
            check=release_problems,
        )
    except SettingsError as error:
        raise pulumi.RunError(f"the settings of this stack can't be used:\n{error}") from None
    # Nothing has been registered yet, so nothing changes if a repository serves another chart than the pinned one.
    if missing_secret is None:
        from hubs.clients.charts import unverified  # a plan has no network

        if wrong := unverified(charts(stack), root):
            raise pulumi.RunError("\n".join(wrong))
    return stack


async def main(stack: Stack) -> dict[str, Any]:
    """Create the stack's hubs, and return the outputs: what people need to know about them."""
    before = deployed(await resources())
    if refused := refusals(stack, before):
        raise pulumi.RunError("\n".join(map(str, refused)))
    for warning in [*stack.warnings, *departures(stack, before)]:
        pulumi.log.warn(str(warning))

    # The stack names the cluster. The current context of kubectl is never used.
    provider = kubernetes.Provider(
        stack.cluster.name,
        context=stack.context,
        kubeconfig=pulumi.Config("kubernetes").get_secret("kubeconfig"),
        # Adopt objects that were kept when a hub was removed from the config, if the hub is added again.
        upsert_existing_objects=True,
    )
    keep_what_departed(stack, before, provider)
    registry = hub_access(stack, before)
    built: dict[str, ImagebuildingHub] = {}
    for hub in sorted(stack.hubs, key=lambda hub: hub.stage == "prod"):
        staging = [
            built[other.key]
            for other in stack.hubs
            if hub.stage == "prod" and other.stage == "staging" and other.community == hub.community
        ]
        built[hub.key] = ImagebuildingHub(stack, hub, registry, provider=provider, after=list(staging))
    return {"hubs": {key: built[key].outputs for key in sorted(built)}}


# `hubs plan` runs this file with a global `missing_secret`, and reads `settings`. Under Pulumi there is none.
settings = load_settings(globals().get("missing_secret"))
pulumi.run(partial(main, settings))
