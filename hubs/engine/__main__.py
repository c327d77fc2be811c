"""`python -m hubs.engine up STACK`: what `pulumi up` does, with the engine found or installed first."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from hubs.engine import demonstration
from hubs.engine.cli import EngineError, find
from hubs.settings.errors import SettingsError
from hubs.settings.loader import ROOT


def main() -> int:
    """Run the command line; the exit code is the engine's."""
    parser = argparse.ArgumentParser(prog="python -m hubs.engine", description=__doc__)
    parser.add_argument("command", choices=["up", "preview", "destroy", "refresh"], help="what the engine should do")
    parser.add_argument("stack", help="name of a stack: stacks/Pulumi.<name>.yaml")
    parser.add_argument("--context", help="kubectl context to deploy to; for stacks for demonstration only")
    arguments, rest = parser.parse_known_args()
    try:
        return _run(arguments.command, arguments.stack, arguments.context or None, rest)
    except (EngineError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1


def _run(command: str, stack: str, context: str | None, rest: list[str]) -> int:
    from hubs.preview.values import load_with_placeholders

    # Mistakes in settings are told before anything is installed or reached.
    settings = load_with_placeholders(stack, ROOT)
    environment = dict(os.environ)
    options: list[str] = []
    if settings.cluster.demonstration:
        context = demonstration.check_context(context)
        environment = demonstration.environment(ROOT)
        options = ["--config-file", str(demonstration.with_context(stack, context, ROOT))]
    elif context:
        raise EngineError(
            f"{stack} names its own cluster: the context {settings.context} in stacks/Pulumi.{stack}.yaml"
        )
    pulumi = find(ROOT)
    environment["PULUMI_SKIP_UPDATE_CHECK"] = "true"
    if settings.cluster.demonstration:
        select = [pulumi, "stack", "select", stack, "--create"]
        if subprocess.run(select, cwd=ROOT, env=environment, check=False).returncode:
            raise EngineError(f"The stack {stack} could not be made in {environment['PULUMI_BACKEND_URL']}.")
    return subprocess.run(
        [pulumi, command, "--stack", stack, *options, *rest], cwd=ROOT, env=environment, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
