"""Create the kubeconfig context of a stack on a CI runner, with the runner's cloud credentials.

    python -m scripts.kubeconfig STACK

Supports contexts with names as in `gcloud container clusters get-credentials` and `aws eks update-kubeconfig`. For any
other cluster, store a kubeconfig in the stack's secrets (`kubernetes:kubeconfig`). The context is written to KUBECONFIG
or ~/.kube/config.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from hubs.settings.errors import SettingsError
from hubs.settings.loader import read_stack_file
from hubs.usage import arguments

GKE = re.compile(r"gke_(?P<project>[^_]+)_(?P<location>[^_]+)_(?P<name>[^_]+)")
EKS = re.compile(r"arn:aws[-a-z]*:eks:(?P<region>[^:]+):\d+:cluster/(?P<name>.+)")


def main() -> int:
    """Create the context. Return 1, with a line on stderr, if that is not possible."""
    (stack,) = arguments(__doc__, 1)
    try:
        config = read_stack_file(stack)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    if config.get("kubernetes:kubeconfig") is not None:
        return 0
    node = config.get("kubernetes:context")
    context = str(node.value) if node is not None else ""
    try:
        if found := GKE.fullmatch(context):
            _gke(context, **found.groupdict())
        elif found := EKS.fullmatch(context):
            _run("aws", "eks", "update-kubeconfig", "--region", found["region"], "--name", found["name"])
        else:
            print(
                f"{stack} has the context {context!r}, which is not the name of a GKE or EKS cluster;"
                f" store a kubeconfig: pulumi config set -s {stack} --secret kubernetes:kubeconfig",
                file=sys.stderr,
            )
            return 1
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"could not create the kubeconfig for {context}: {error}", file=sys.stderr)
        return 1
    return 0


def _gke(context: str, project: str, location: str, name: str) -> None:
    """Write a kubeconfig with a token for one hour, because runners lack the plugin that gets tokens for kubectl."""
    wanted = "json(endpoint,masterAuth.clusterCaCertificate)"
    place = ("--project", project, "--location", location, "--format", wanted)
    cluster = json.loads(_run("gcloud", "container", "clusters", "describe", name, *place))
    server = {
        "server": f"https://{cluster['endpoint']}",
        "certificate-authority-data": cluster["masterAuth"]["clusterCaCertificate"],
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": context, "cluster": server}],
        "users": [{"name": context, "user": {"token": _run("gcloud", "auth", "print-access-token").strip()}}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
    }
    path = Path(os.environ.get("KUBECONFIG") or Path.home() / ".kube" / "config")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(config), encoding="utf-8")


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
