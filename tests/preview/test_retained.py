"""What `decommission`, protection and a removed hub mean for files and images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hubs.preview.diff.claims import Claims
from hubs.preview.diff.contents import contents_of
from hubs.preview.diff.judged import Judgement, Level, Origin
from hubs.preview.diff.resource_judgements import not_compared, resource_judgements
from hubs.preview.diff.resources import Resource, compare_resources
from hubs.preview.diff.retained import removed_hub, retention
from hubs.settings.touches import Touches

HUB = "climate-staging"
REPOSITORY, MEMBER = (
    "gcp:artifactregistry/repository:Repository",
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
)
IMAGES = "us-central1-docker.pkg.dev/earth-hubs/earth-climate-staging"


def resource(kind: str, name: str, kept: bool, **inputs: Any) -> dict[str, Any]:
    options = {"retain_on_delete": kept, "protect": False}
    return {"type": kind, "name": name, "urn": f"{kind}::{name}", "parent": HUB, "inputs": inputs, **options}


def plan(
    kept: bool = True, *, storage: dict[str, Any] | None = None, database: str = "sqlite-pvc", google: bool = True
) -> list[dict[str, Any]]:
    """Return the planned resources of a hub."""
    values = {
        "singleuser": {"storage": storage or {"type": "dynamic", "capacity": "20Gi"}},
        "hub": {"db": {"type": database}},
    }
    prefix = f"{IMAGES}/" if google else "quay.io/earth/climate-staging-"
    found = [
        {"type": "imagebuilding:hub:ImagebuildingHub", "name": HUB, "urn": HUB, "parent": "", "inputs": {}},
        resource("kubernetes:core/v1:Namespace", HUB, kept, metadata={"name": HUB}),
        resource("kubernetes:helm.sh/v3:Release", HUB, False, namespace=HUB, values=values),
        resource(
            "kubernetes:helm.sh/v3:Release",
            f"{HUB}-b",
            False,
            values={"config": {"BinderHub": {"image_prefix": prefix}}},
        ),
    ]
    if google:
        place = {"location": "us-central1", "project": "earth-hubs", "repositoryId": "earth-climate-staging"}
        found.append(resource(REPOSITORY, "earth-climate-staging", kept, **place))
        found.append(resource(MEMBER, "earth-climate-staging-writer", False, **place, role="writer"))
    if storage and storage.get("type") == "static":
        spec = {"persistentVolumeReclaimPolicy": "Retain", "nfs": {"server": "10.0.0.7", "path": "/export/ocean"}}
        found.append(resource("kubernetes:core/v1:PersistentVolume", f"{HUB}-home", kept, spec=spec))
    return found


def judged(old: Sequence[Resource], new: Sequence[Resource]) -> list[Judgement]:
    return list(retention(compare_resources(old, new), old, HUB))


def test_decommission_names_what_may_be_deleted() -> None:
    (one,) = judged(plan(), plan(kept=False))
    assert (one.level, one.touches, one.origin) == (Level.DANGEROUS, Touches.FILES, Origin.DECOMMISSION)
    assert one.text == (
        "files and images may be deleted from now on: when the hub is removed from the config, these are deleted:"
        " its namespace climate-staging with all volumes in it: a volume of 20Gi for each user, with the home"
        f" directory, the hub's database (hub-db-dir); and its images, all of the repository {IMAGES}"
    )


def test_what_is_elsewhere_stays() -> None:
    nfs = {"type": "static", "static": {"pvcName": "home-1"}}
    (one,) = judged(plan(storage=nfs, database="postgres", google=False), plan(False, storage=nfs, google=False))
    assert (
        "when the hub is removed from the config, these are deleted: its namespace climate-staging. These stay:"
        in one.text
    )
    assert "people's files on the NFS share 10.0.0.7:/export/ocean" in one.text
    assert "the hub's database (postgres)" in one.text
    assert one.text.endswith("images at quay.io/earth/climate-staging-")


def test_a_claim_that_is_not_the_programs_is_deleted_with_the_namespace() -> None:
    claim = {"type": "static", "static": {"pvcName": "our-files"}}
    plans = [one for one in plan(storage=claim) if not one["type"].endswith(":PersistentVolume")]
    assert "all home directories (PersistentVolumeClaim our-files)" in contents_of(plans).volumes


def test_to_take_decommission_back_is_routine() -> None:
    (one,) = judged(plan(kept=False), plan())
    assert one.level is Level.ROUTINE
    assert one.subject == "kept again when it is removed from the config"


def test_nothing_changes() -> None:
    assert judged(plan(), plan()) == []


@pytest.mark.parametrize("kept", [True, False])
def test_a_removed_hub(kept: bool) -> None:
    old = plan(kept)
    claims = {HUB: Claims(kept=("hub-db-dir",)), f"{HUB}-b": Claims()}
    found = list(removed_hub(compare_resources(old, []), old, claims))
    if kept:
        deleted, stays = found
        assert deleted.text.endswith("these are deleted: its pods (2 releases) and its tokens")
        assert stays.level is Level.CAREFUL
        assert "its namespace climate-staging with a volume of 20Gi for each user" in stays.text
        assert "the hub's database (hub-db-dir)" in stays.text
        assert stays.text.endswith(f"its images in {IMAGES}")
    else:
        (deleted,) = found
        assert "a volume of 20Gi for each user, with the home directory" in deleted.text
        assert f"all of the repository {IMAGES}" in deleted.text
    assert deleted.level is Level.DANGEROUS
    assert "IamMember" not in " ".join(one.text for one in found), "an IAM member holds no data"


def test_what_protects_the_database_of_a_removed_hub() -> None:
    """A claim that Helm does not keep is deleted, although the namespace stays."""
    old = plan()
    claims = {HUB: Claims(lost=("hub-db-dir",)), f"{HUB}-b": Claims()}
    deleted, stays = removed_hub(compare_resources(old, []), old, claims)
    assert "the data in PersistentVolumeClaim hub-db-dir" in deleted.text
    assert "hub-db-dir" not in stays.text


def test_another_location_of_the_registry_is_one_danger() -> None:
    old = plan()
    new = [
        {**one, "inputs": {**one["inputs"], "location": "europe-west1"}} if "location" in one["inputs"] else one
        for one in old
    ]
    changes = compare_resources(old, new)
    assert [change.action for change in changes] == ["replaced", "replaced"]
    (one,) = [judgement for change in changes for judgement in resource_judgements(change, {})]
    assert one.text == (
        "Repository earth-climate-staging: is replaced (location); the old one is kept, but its images are no longer"
        " used"
    )


def test_protection_that_is_taken_away() -> None:
    protected = [{**one, "protect": True} for one in plan()]
    found = {one.subject: one.level for one in judged(protected, plan())}
    assert found["Namespace climate-staging is no longer protected"] is Level.DANGEROUS
    assert found["Repository earth-climate-staging is no longer protected"] is Level.DANGEROUS
    assert found["RepositoryIamMember earth-climate-staging-writer is no longer protected"] is Level.CAREFUL
    assert judged(plan(), protected) == []


def test_resources_that_belong_to_no_hub() -> None:
    bucket = "gcp:storage/bucket:Bucket"
    for kind, level in ((bucket, Level.DANGEROUS), ("gcp:projects/service:Service", Level.CAREFUL)):
        old, new = [resource(kind, "shared", True)], [resource(kind, "shared", False)]
        (one,) = retention(compare_resources(old, new), old)
        assert (one.level, one.subject) == (level, "no longer kept when they are removed from the config")


@pytest.mark.parametrize(
    ("kind", "spec", "holds"),
    [
        ("kubernetes:core/v1:PersistentVolumeClaim", {"accessModes": []}, True),
        ("kubernetes:core/v1:PersistentVolumeClaim", {"volumeName": "share"}, False),
        ("kubernetes:core/v1:PersistentVolume", {"persistentVolumeReclaimPolicy": "Retain"}, False),
        ("kubernetes:core/v1:PersistentVolume", {"persistentVolumeReclaimPolicy": "Delete"}, True),
        (REPOSITORY, {}, True),
        (MEMBER, {}, False),
        ("gcp:serviceaccount/key:Key", {}, False),
        ("pulumi-python:dynamic:Resource", {}, False),
    ],
)
def test_only_what_holds_data_loses_data(kind: str, spec: dict[str, Any], holds: bool) -> None:
    (change,) = compare_resources([resource(kind, "a", False, spec=spec)], [])
    assert change.holds_data == holds
    assert any("are lost" in one.text for one in resource_judgements(change, {})) == holds


def test_values_that_helm_refuses_make_the_update_fail() -> None:
    problem = "helm: chart requires kubeVersion: >=1.28.0-0; Use --debug flag to render out invalid YAML"
    one = not_compared("ocean-prod", problem, refused=True)
    assert one.level is Level.DANGEROUS
    assert one.text == "the update fails: Helm refuses release ocean-prod: chart requires kubeVersion: >=1.28.0-0"
    missing = not_compared("ocean-prod", "chart jupyterhub 4.4.0 can't be pulled", refused=False)
    assert (missing.level, missing.touches) == (Level.CAREFUL, None), "what is not compared is not judged"
