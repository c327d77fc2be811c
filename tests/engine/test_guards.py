"""Nothing that holds data is lost or left behind, also after updates that failed or were killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import Rig
from tests.engine.deployment import COMMUNITY, SECRETS, Deployment, deployment
from tests.engine.test_deployment import GCP, OCEAN, PROD, namespaces, volumes

STAGING = "  staging: {domain: staging.enginetest.example.org}\n"
BROKEN = "  prod: {domain: enginetest.example.org, values: {jupyterhub: {hub: {bogus: 1}}}}\n"
DECOMMISSION = "  staging: {domain: staging.enginetest.example.org, decommission: true}\n"


@pytest.fixture
def hubs(rig: Rig, tmp_path: Path) -> Iterator[Deployment]:
    secrets = [path for path in SECRETS if not path.startswith("registry")]
    with deployment(rig, tmp_path, rig.jupyterhub[-1], GCP, OCEAN, secrets) as found:
        yield found


def repositories(hubs: Deployment) -> set[str]:
    return {path.name.rpartition("+")[2] for path in (hubs.folder / "google").iterdir()}


def said(hubs: Deployment, since: int) -> str:
    return "".join(hubs.seen[since:])


def test_a_decommission_that_failed_deletes_nothing(rig: Rig, hubs: Deployment) -> None:
    hubs.up()
    claims, images = volumes(rig), repositories(hubs)
    assert images == {"enginetest-enginetest-staging", "enginetest-enginetest-prod"}

    hubs.replace(STAGING, DECOMMISSION)
    hubs.replace(PROD, BROKEN)
    assert "bogus" in hubs.refused()
    hubs.replace(DECOMMISSION, "")
    hubs.replace(BROKEN, PROD)
    start = len(hubs.seen)
    hubs.up()
    words = "its namespace enginetest-staging, people's files and images are kept. decommission was set"
    assert words in said(hubs, start)
    assert namespaces(rig) == {f"{COMMUNITY}-staging", f"{COMMUNITY}-prod"}
    assert (volumes(rig), repositories(hubs)) == (claims, images)
    start = len(hubs.seen)
    hubs.up()
    assert "images are kept" in said(hubs, start)
    assert namespaces(rig) == {f"{COMMUNITY}-staging", f"{COMMUNITY}-prod"}
    assert (volumes(rig), repositories(hubs)) == (claims, images)
    assert set(hubs.up()) == {"same"}

    hubs.replace(PROD, STAGING + PROD)
    back = hubs.up()
    assert "update" not in back, "its repository was adopted, and Google was not asked to create what exists"
    assert (volumes(rig), repositories(hubs)) == (claims, images)
    assert set(hubs.up()) == {"same"}

    hubs.replace(STAGING, DECOMMISSION)
    hubs.up()
    hubs.replace(DECOMMISSION, "")
    start = len(hubs.seen)
    hubs.up()
    words = "its namespace enginetest-staging with all files in it and its images are deleted (decommission)"
    assert words in said(hubs, start)
    rig.kubectl("wait", "--for=delete", f"namespace/{COMMUNITY}-staging", "--timeout=120s")
    assert repositories(hubs) == {"enginetest-enginetest-prod"}


def test_hubs_are_guarded_although_no_update_has_succeeded(rig: Rig, hubs: Deployment) -> None:
    hubs.replace(PROD, BROKEN)
    assert "bogus" in hubs.refused()
    claims = volumes(rig)
    assert f"{COMMUNITY}-staging/hub-db-dir" in claims

    home = "staging.enginetest.example.org"
    hubs.replace(f"domain: {home}", f"namespace: elsewhere, domain: {home}")
    assert "namespace: is elsewhere, but the deployed hub has enginetest-staging, where people's" in hubs.refused()
    hubs.replace(f"namespace: elsewhere, domain: {home}", f"domain: {home}, home: {{nfs: {{server: nfs, path: /a}}}}")
    assert "home: is nfs nfs:/a, but the deployed hub has volume, where people's files are" in hubs.refused()
    hubs.replace(", home: {nfs: {server: nfs, path: /a}}", "")

    hubs.replace("staging: {domain", "trial: {stage: staging, domain")
    assert "write renamed_from: staging into it, and move the secrets" in hubs.refused()
    hubs.replace("trial: {stage", "trial: {renamed_from: staging, stage")
    hubs.replace(BROKEN, PROD)
    changes = hubs.up()
    assert "delete" not in changes
    assert "replace" not in changes
    assert volumes(rig).items() >= claims.items()
    assert "enginetest/trial" in hubs.stack.outputs()["hubs"].value


NFS = "  prod: {domain: enginetest.example.org, home: {nfs: {server: 10.0.0.7, path: /export}}}\n"


def test_a_removed_hub_comes_back_by_another_name(rig: Rig, hubs: Deployment) -> None:
    hubs.replace(PROD, NFS)
    first = hubs.up()
    claims, images = volumes(rig), repositories(hubs)
    assert len(claims) == 3, "two databases, and the share of prod"
    renamed = {
        NFS: NFS.replace("prod: {", "main: {renamed_from: prod, "),
        STAGING: STAGING.replace("staging: {", "trial: {renamed_from: enginetest/staging, stage: staging, "),
    }
    for old, new in renamed.items():
        hubs.replace(old, "")
        hubs.up()
        hubs.replace("hubs:\n", f"hubs:\n{new}")
        hubs.up()
        assert (volumes(rig), repositories(hubs)) == (claims, images), new
    assert hubs.up() == {"same": first["create"]}
    assert hubs.stack.outputs()["hubs"].value.keys() == {"enginetest/main", "enginetest/trial"}


MOMENTS = (
    "imagebuilding:hub:Decommissions",
    "kubernetes:core/v1:Namespace enginetest-staging updat",
    "gcp:artifactregistry:Repository enginetest-enginetest-staging updat",
)


def test_an_update_that_was_killed_deletes_nothing(rig: Rig, hubs: Deployment) -> None:
    hubs.up()
    claims, images = volumes(rig), repositories(hubs)
    for moment in MOMENTS:
        hubs.replace(STAGING, DECOMMISSION)
        hubs.killed(moment)
        hubs.replace(DECOMMISSION, "")
        start = len(hubs.seen)
        hubs.up()
        assert "its namespace enginetest-staging, people's files and images are kept" in said(hubs, start)
        hubs.up()
        assert namespaces(rig) == {f"{COMMUNITY}-staging", f"{COMMUNITY}-prod"}, moment
        assert (volumes(rig), repositories(hubs)) == (claims, images), moment
        hubs.replace(PROD, STAGING + PROD)
        hubs.up()
        assert (volumes(rig), repositories(hubs)) == (claims, images), moment

    hubs.replace(STAGING, DECOMMISSION)
    hubs.up()
    hubs.replace(DECOMMISSION, "")
    hubs.killed("are deleted (decommission)")
    start = len(hubs.seen)
    hubs.up()
    assert "are deleted (decommission)" in said(hubs, start), "the word was said, and the next update finishes"
    assert repositories(hubs) == {"enginetest-enginetest-prod"}
