"""A project in a separate git repository: this program's code, a stack, and the stand-in charts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.repository import ROOT, Repository, copy_files

STACK = """\
encryptionsalt: v1:c2FsdA==:v1:bm9uY2U=:Y2hlY2s=
config:
  kubernetes:context: earth
  imagebuilding:cluster: {name: earth, ingress: {class_name: nginx, cluster_issuer: letsencrypt}}
  imagebuilding:registry: {type: quay, organization: earth}
  imagebuilding:charts:
    jupyterhub: {name: jupyterhub, version: 4.4.0, archive: charts/jupyterhub, repository: null}
    binderhub-service:
      {name: binderhub-service, version: 0.1.0, archive: charts/binderhub-service, repository: null}
  imagebuilding:defaults: {hub_image: "quay.io/earth/hub:4.4.0-jupyterhub5.5.4-1"}
  imagebuilding:secrets:
    registry: {username: earth+robot, password: {secure: 'v1:registry:aaaa'}}
    ocean:
      auth: {client_id: {secure: 'v1:id:aaaa'}, client_secret: {secure: 'v1:secret:aaaa'}}
"""

OCEAN = """\
display_name: Ocean Observatory
auth: {type: github, allow: ["ocean-org:hub-users"], admins: [ada]}
home: {nfs: {server: 10.0.0.7, path: /export/ocean}}
image: quay.io/ocean/image:2026-01
hubs:
  staging: {domain: staging.ocean.example.org}
  prod: {domain: ocean.example.org}
"""


@dataclass(frozen=True)
class Project(Repository):
    """A repository to change, commit to, and run the preview in."""

    cache: Path

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", str(self.root), *identity, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")
        return self.git("rev-parse", "HEAD").strip()

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "hubs", *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {"XDG_CACHE_HOME": str(self.cache)} | more

    def hubs(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `hubs` with these arguments in the repository."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def make_project(root: Path, cache: Path) -> Project:
    """Create the stack `earth` with the community `ocean`, committed."""
    copy_files(root)
    shutil.copytree(ROOT / "tests" / "charts", root / "charts")
    project = Project(root, cache)
    project.write("stacks/Pulumi.earth.yaml", STACK)
    project.write("stacks/earth/ocean.yaml", OCEAN)
    project.write(".gitignore", "__pycache__/\n.venv/\n")
    project.git("init", "--quiet", "--initial-branch", "main")
    project.commit()
    return project
