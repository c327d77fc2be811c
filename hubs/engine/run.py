"""Run Pulumi's engine on a stack: `hubs up STACK` and the like."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from hubs.engine import demonstration
from hubs.engine.cli import EngineError, find
from hubs.preview.configuration import configuration
from hubs.settings.loader import load


def run_engine(command: str, stack: str, context: str | None, options: Sequence[str], root: Path) -> NoReturn:
    """Replace this process with `pulumi COMMAND --stack STACK OPTIONS`, so that Ctrl-C and the exit code are Pulumi's.

    Pulumi is installed if it is not on PATH. A demonstration stack is deployed to `context`, and its state is in a
    folder. Raises SettingsError before anything is installed or contacted, EngineError, and for `up`
    MissingImagesError.
    """
    settings = load(stack, configuration(stack, root), root=root)
    environment = dict(os.environ)
    if settings.cluster.demonstration:
        context = demonstration.check_context(context)
        environment = demonstration.environment(root)
        options = ["--config-file", str(demonstration.with_context(stack, context, root)), *options]
    elif context:
        where = f"the context {settings.context} in stacks/Pulumi.{stack}.yaml"
        raise EngineError(f"{stack} names its own cluster ({where}): --context is only for demonstration stacks")
    pulumi = find(root)
    environment["PULUMI_SKIP_UPDATE_CHECK"] = "true"
    if settings.cluster.demonstration:
        select = [pulumi, "stack", "select", stack, "--create"]
        if subprocess.run(select, cwd=root, env=environment, check=False).returncode:
            raise EngineError(f"the stack {stack} could not be created in {environment['PULUMI_BACKEND_URL']}")
    if command == "up":
        from hubs.check.before_up import deployed_state, refuse_missing_images

        refuse_missing_images(settings, deployed_state(pulumi, stack, root, environment))
    os.chdir(root)
    sys.stdout.flush()
    os.execve(pulumi, [pulumi, command, "--stack", stack, *options], environment)  # noqa: S606
