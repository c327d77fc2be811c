"""Deployments with a real engine and a real API server, from the first update to the deletion."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine.conftest import Rig
from tests.engine.deployment import COMMUNITY, MARKER, SECRETS, Deployment, deployment

QUAY = """\
  imagebuilding:cluster: {name: enginetest, core_nodes: {selector: {}}, user_nodes: {selector: {}}}
  imagebuilding:registry: {type: quay, organization: enginetest}
"""
GCP = """\
  gcp:project: enginetest
  imagebuilding:cluster:
    name: enginetest
    provider: gcp
    core_nodes: {selector: {}}
    user_nodes: {selector: {}}
    ingress: {class_name: nginx}
  imagebuilding:registry: {type: artifact-registry, location: us-central1}
"""
OCEAN = """\
display_name: Test of the engine
auth: {type: github, allow: ["enginetest:hub-users"]}
profiles:
  - display_name: Python
    images:
      scipy: quay.io/jupyter/scipy-notebook:2026-07-28
      r: {display_name: R, image: "quay.io/jupyter/r-notebook:2026-07-28"}
    kubespawner_override: {mem_limit: null}
hubs:
  staging: {domain: staging.enginetest.example.org}
  prod: {domain: enginetest.example.org}
"""
PROD = "  prod: {domain: enginetest.example.org}\n"


def test_life_of_a_stack_on_google_cloud(rig: Rig, tmp_path: Path) -> None:
    with deployment(
        rig, tmp_path, rig.jupyterhub[-1], GCP, OCEAN, [path for path in SECRETS if not path.startswith("registry")]
    ) as hubs:
        first = hubs.up()
        assert set(first) == {"create"}
        assert_outputs(hubs)
        claims = volumes(rig)
        assert claims.keys() == {f"{COMMUNITY}-staging/hub-db-dir", f"{COMMUNITY}-prod/hub-db-dir"}

        assert set(hubs.up()) == {"same"}, "a second update has nothing to do"

        hubs.replace("quay.io/jupyter/r-notebook:2026-07-28", "quay.io/jupyter/r-notebook:2026-08-01")
        changes, changed = hubs.preview()
        assert changes == {"same": first["create"] - 2, "update": 2}
        leaf = "values.singleuser.profileList[0].profile_options.image.choices.r.kubespawner_override.image"
        assert changed == {f"{COMMUNITY}-staging": {leaf}, f"{COMMUNITY}-prod": {leaf}}
        hubs.replace("quay.io/jupyter/r-notebook:2026-08-01", "quay.io/jupyter/r-notebook:2026-07-28")

        hubs.replace(PROD, "")
        removed = hubs.up()
        assert removed.keys() == {"same", "delete"}
        assert namespaces(rig) == {f"{COMMUNITY}-staging", f"{COMMUNITY}-prod"}, "the removed hub's namespace is kept"
        assert workloads(rig, f"{COMMUNITY}-prod") == set(), "nothing of it runs"
        assert volumes(rig) == claims, "its data is kept"

        hubs.replace("hubs:\n", f"hubs:\n{PROD}")
        back = hubs.up()
        imported = {"import": 1}  # Google refuses to create the repository that it kept
        assert back == {"same": removed["same"], "create": removed["delete"] - 1, **imported}
        assert volumes(rig) == claims, "it came back to its data"

        hubs.destroy()
        assert namespaces(rig) == {f"{COMMUNITY}-staging", f"{COMMUNITY}-prod"}
        assert workloads(rig, f"{COMMUNITY}-staging") == set()
        assert_no_secret(hubs, "RIG-KEY-")


def test_stack_with_images_on_quay(rig: Rig, tmp_path: Path) -> None:
    with deployment(rig, tmp_path, rig.jupyterhub[0], QUAY, OCEAN.replace(PROD, ""), SECRETS) as hubs:
        assert set(hubs.up()) == {"create"}
        pull = rig.kubectl("--namespace", f"{COMMUNITY}-staging", "get", "secret", "image-pull-secret", "-o", "name")
        assert pull.strip() == "secret/image-pull-secret"
        assert set(hubs.up()) == {"same"}

        hubs.replace("auth: {type: github", "auth: {type: dummy")
        said = hubs.refused()
        assert f"stacks/{COMMUNITY}/{COMMUNITY}.yaml:2: " in said
        assert "Traceback" not in said
        hubs.replace("auth: {type: dummy", "auth: {type: github")
        home = "staging.enginetest.example.org"
        hubs.replace(f"domain: {home}", f"namespace: elsewhere, domain: {home}")
        assert "where people's files are" in hubs.refused()
        hubs.replace(f"namespace: elsewhere, domain: {home}", f"domain: {home}")
        assert set(hubs.up()) == {"same"}, "refused updates left everything as it was"

        hubs.destroy()
        assert_no_secret(hubs)


def assert_outputs(hubs: Deployment) -> None:
    outputs = hubs.stack.outputs()["hubs"].value
    assert outputs.keys() == {f"{COMMUNITY}/staging", f"{COMMUNITY}/prod"}
    prod = outputs[f"{COMMUNITY}/prod"]
    assert prod["url"] == "https://enginetest.example.org/"
    assert prod["oauth_callback_url"] == "https://enginetest.example.org/hub/oauth_callback"
    assert prod["image_prefix"] == "us-central1-docker.pkg.dev/enginetest/enginetest-enginetest-prod/"


def assert_no_secret(hubs: Deployment, *others: str) -> None:
    """Assert that nothing printed, reported or written contains a secret."""
    everything = "\n".join([*hubs.seen, hubs.written()])
    assert f"{COMMUNITY}-staging" in everything, "it was looked for in the right place"
    for marker in (MARKER, *others):
        assert marker not in everything


def namespaces(rig: Rig) -> set[str]:
    names = rig.kubectl("get", "namespaces", "-o", "name").split()
    return {name.removeprefix("namespace/") for name in names if f"/{COMMUNITY}-" in name}


def workloads(rig: Rig, namespace: str) -> set[str]:
    """Return the objects that create pods."""
    return set(
        rig.kubectl("--namespace", namespace, "get", "deployments,statefulsets,daemonsets", "-o", "name").split()
    )


def volumes(rig: Rig) -> dict[str, str]:
    """Return the volume of each claim in the test's namespaces."""
    claims = json.loads(rig.kubectl("get", "persistentvolumeclaims", "--all-namespaces", "-o", "json"))["items"]
    return {
        f"{claim['metadata']['namespace']}/{claim['metadata']['name']}": claim["spec"]["volumeName"]
        for claim in claims
        if claim["metadata"]["namespace"].startswith(f"{COMMUNITY}-")
    }
