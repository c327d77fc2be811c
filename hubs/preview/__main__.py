"""`python -m hubs.preview`: what the program would do, without an engine, an account or a cluster."""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
from pathlib import Path

from hubs.settings.errors import SettingsError

ROOT = Path(__file__).resolve().parents[2]  # not settings' own: importing that takes as long as a warm render

COMMANDS = {
    "plan": ("hubs.preview.plan_command", "the resources that an update would make"),
    "render": ("hubs.preview.render_command", "the manifests that reach the cluster, made by Helm"),
    "where": ("hubs.preview.where_command", "file and line that said a setting of a hub"),
    "diff": ("hubs.preview.diff.command", "what changes between two git revisions"),
}
"""Of each command: the module, which has `add_<command>_arguments` and `run_<command>`, and what it shows.
Only the module of the command that runs is imported."""


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hubs.preview", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (module, about) in COMMANDS.items():
        command = commands.add_parser(name, help=about)
        if name in sys.argv[1:2]:
            getattr(importlib.import_module(module), f"add_{name}_arguments")(command)
    return parser.parse_args()


def main() -> int:
    """Run the command line. Mistakes in settings are one line each on stderr, and exit code 1."""
    arguments = _parse()
    module = sys.modules[COMMANDS[arguments.command][0]]
    try:
        return int(getattr(module, f"run_{arguments.command}")(arguments, ROOT))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader has seen enough
        return 0


if __name__ == "__main__":
    # Nearly all that a run makes stays in use until it ends: looking for garbage takes a tenth of the time.
    gc.disable()
    sys.exit(main())
