"""Create stacks of any size, each in its own git repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_CODE = ("__main__.py", "Pulumi.yaml", "components", "hubs")

_STACK = """\
config:
  kubernetes:context: bench
  imagebuilding:cluster: {name: bench, ingress: {class_name: nginx, cluster_issuer: letsencrypt}}
  imagebuilding:registry: {type: quay, organization: bench}
  imagebuilding:charts:
    jupyterhub: {name: jupyterhub, version: 0.0.0, archive: %s, repository: null}
    binderhub-service: {name: binderhub-service, version: 0.0.0, archive: %s, repository: null}
  imagebuilding:secrets:
    registry: {username: bench+robot, password: {secure: 'v1:cipher'}}
"""

_LOGIN = "    %s: {auth: {client_id: {secure: 'v1:cipher'}, client_secret: {secure: 'v1:cipher'}}}\n"

_COMMUNITY = """\
display_name: Community {number}
auth: {{type: github, allow: ["org{number}:hub-users"], admins: [ada, grace]}}
home: {{nfs: {{server: 10.0.{number}.7, path: /export/community{number}}}}}
environment: {{SCRATCH_BUCKET: "s3://scratch-{number}/$(JUPYTERHUB_USER)"}}
profiles:
  - display_name: Small
    slug: small
    default: true
    kubespawner_override: {{mem_guarantee: 1G, mem_limit: 2G}}
    images: {{scipy: "quay.io/jupyter/scipy-notebook:2026-07-28", pangeo: "quay.io/pangeo/pangeo-notebook:2026.07.28"}}
  - display_name: Large
    slug: large
    allowed_groups: ["org{number}:power-users"]
    kubespawner_override: {{mem_guarantee: 8G, mem_limit: 16G}}
    images: {{scipy: "quay.io/jupyter/scipy-notebook:2026-07-28"}}
hubs:
{hubs}"""

IMAGE = "quay.io/jupyter/scipy-notebook:2026-07-28"


def make_stack(folder: Path, hubs: int) -> Path:
    """Create a repository with the stack `bench` of `hubs` hubs, two per community, and return its root."""
    root = folder / f"hubs-{hubs}"
    root.mkdir()
    for name in _CODE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)
    shutil.copytree(_charts(), root / "charts")
    jupyterhub, binderhub = (
        next((root / "charts").glob(f"{name}*")).relative_to(root) for name in ("jupyterhub", "binderhub-service")
    )
    communities = [f"community{number}" for number in range((hubs + 1) // 2)]
    stack = _STACK % (jupyterhub, binderhub) + "".join(_LOGIN % community for community in communities)
    (root / "stacks" / "bench").mkdir(parents=True)
    (root / "stacks" / "Pulumi.bench.yaml").write_text(stack)
    for number, community in enumerate(communities):
        stages = ("prod", "staging") if 2 * number + 1 < hubs else ("prod",)
        lines = "".join(f"  {stage}: {{domain: {stage}.{community}.example.org}}\n" for stage in stages)
        (root / "stacks" / "bench" / f"{community}.yaml").write_text(_COMMUNITY.format(number=number, hubs=lines))
    for command in ("init --quiet", "add --all", "commit --quiet --message bench"):
        identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", root, *identity, *command.split()], check=True)
    return root


def charts_in_use() -> Iterator[str]:
    """Yield the names of the rendered charts: files of BENCH_CHARTS, or the stand-in charts of the tests."""
    yield from sorted(path.name for path in _charts().iterdir() if path.suffix != ".md")


def _charts() -> Path:
    return Path(os.environ.get("BENCH_CHARTS") or ROOT / "tests" / "charts")
