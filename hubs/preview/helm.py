"""Find the helm binary, and run it without access to a cluster or to the user's settings."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubs.preview.cache import Cache, key_of
from hubs.preview.releases import Release

HELM_VERSION = "v3.22.0"
"""The version that `make tools` builds. Helm 3, because the Pulumi Kubernetes provider's Release embeds Helm 3."""

TEMPLATE_SECONDS = 120
PULL_SECONDS = 60

_NO_FOLDER = "/nonexistent"


class HelmError(Exception):
    """Helm is missing or failed. The message is one line."""


class HelmRefusedError(HelmError):
    """Helm ran, and refused what it was given. The message is Helm's."""


@dataclass(frozen=True)
class Helm:
    """A helm binary and its version."""

    path: Path
    version: str

    def template(self, archive: Path, release: Release) -> str:
        """Return the manifests of a release as YAML documents. Helm checks the values against the chart's schema.

        Raises HelmError with helm's message. Omits tests, because `helm install` does not install them either.
        """
        command = ["template", release.name, str(archive), "--namespace", release.namespace, "--skip-tests"]
        # Without it, a helm built without version flags assumes v1.20, which charts refuse.
        command += ["--kube-version", release.kubernetes, "--values", "-"] + (
            ["--include-crds"] if release.crds else []
        )
        return self._run(command, TEMPLATE_SECONDS, values_text(release.values))

    def pull(self, chart: str, version: str, repository: str | None, folder: Path) -> Path:
        """Download a chart archive into `folder`. Raises HelmError if that fails."""
        command = ["pull", chart, "--destination", str(folder)]
        command += ["--version", version] if version else []
        command += ["--repo", repository] if repository else []
        with tempfile.TemporaryDirectory(prefix="imagebuilding-helm-") as home:
            self._run(command, PULL_SECONDS, home=home)
        archives = list(folder.glob("*.tgz"))
        if len(archives) != 1:
            raise HelmError(f"helm pull left {len(archives)} archives instead of one")
        return archives[0]

    def ask(self, *arguments: str) -> str:
        """Return the output of a command that reads no input. Raises HelmError."""
        return self._run([*arguments], TEMPLATE_SECONDS)

    def _run(self, arguments: list[str], seconds: int, stdin: str = "", home: str = _NO_FOLDER) -> str:
        try:
            done = subprocess.run(
                [str(self.path), *arguments],
                input=stdin,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=seconds,
                env=_environment(home),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise HelmError(f"helm {arguments[0]} took more than {seconds} s") from None
        except OSError as error:
            raise HelmError(f"{self.path} can't be run: {error.strerror}") from None
        if done.returncode != 0:
            raise HelmRefusedError(_said(done.stderr))
        return done.stdout


_ESCAPED = re.compile("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")


def values_text(values: Any) -> str:
    """Return values as text that Helm reads as the same values: JSON that is YAML too.

    Helm reads values as YAML, whose escapes can't have the two halves of a character beyond U+FFFF, as JSON's do. Such
    a character is written as it is. Escaped is what YAML doesn't accept as it is or takes for a line break.
    """
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(values, ensure_ascii=False))


def find_helm(cache: Cache) -> Helm:
    """Return Helm 3 from PATH, or from `make tools`, next to the running Python. Raises HelmError without either."""
    others = []
    for place in (os.environ.get("PATH", ""), str(Path(sys.prefix) / "bin")):
        found = shutil.which("helm", path=place)
        if found is not None:
            helm = Helm(Path(found).resolve(), "")
            version = _version(helm, cache)
            if version.startswith("v3."):
                return Helm(helm.path, version)
            others.append(f"{helm.path} is Helm {version}")
    why = "; ".join(others) or "helm is not on PATH"
    raise HelmError(f"{why}: install Helm 3, or install Go and run `make tools`, which builds {HELM_VERSION}")


def _version(helm: Helm, cache: Cache) -> str:
    """Return the binary's version, which is cached for each binary."""
    status = helm.path.stat()
    key = key_of("helm version", str(helm.path), str(status.st_size), str(status.st_mtime_ns))
    known = cache.get(key)
    if known is None:
        known = helm.ask("version", "--template", "{{.Version}}").strip().encode()
        cache.put(key, known)
    return known.decode()


def _environment(home: str) -> dict[str, str]:
    """Return the variables that helm needs, and `home` for its folders: no plugin, repository or login of the user.

    The garbage collector starts at 256 MiB, which few charts reach, and helm uses one thread, because several releases
    are rendered in parallel. This takes a third less time.
    """
    keep = ("PATH", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    return environment | {
        "HOME": home,
        "HELM_CONFIG_HOME": home,
        "HELM_CACHE_HOME": home,
        "HELM_DATA_HOME": home,
        "KUBECONFIG": os.devnull,
        # Helm contains kubectl, which reads its translations at every start: 200 kB for the default, 3 kB for this
        # locale. A run takes a sixth less time, and none of the messages that helm prints here are translated.
        "LC_ALL": "zh_TW.UTF-8",
        "GOGC": "off",
        "GOMEMLIMIT": "256MiB",
        "GOMAXPROCS": "1",
    }


def _said(stderr: str) -> str:
    """Return helm's error in one line, without its warnings, and without the frames around messages of charts."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    start = next((number for number, line in enumerate(lines) if line.startswith("Error:")), 0)
    texts = [re.sub(r"^Error: |execution error at \([^()]*\):\s*", "", line) for line in lines[start:]]
    said = [text for text in texts if text and not text.startswith("#####")]
    return "; ".join(said) or "helm failed without an error message"
