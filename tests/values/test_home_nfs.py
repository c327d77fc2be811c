"""Quotas of home directories on a disk, as jupyterhub-home-nfs applies them."""

from __future__ import annotations

from typing import Any

import pytest

from hubs.preview.values import placeholder_values
from tests.repository import OCEAN, Repository

DISK = "home: {disk: {volume_id: vol-0abc, %s}}\n"


def manager(repository: Repository, text: str) -> dict[str, Any]:
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.ocean(OCEAN.replace("  staging: {domain: staging.ocean.example.org}\n", "") + text)
    values = placeholder_values(repository.load(), "ocean/prod")["jupyterhub-home-nfs"].data
    found: dict[str, Any] = values["quotaEnforcer"]["config"]["QuotaManager"]
    return found


def limit(config: dict[str, Any], folder: str) -> int:
    """The limit of a folder in KiB, where 0 is none: QuotaManager.reconcile_quotas of jupyterhub-home-nfs 1.2."""
    if folder in config.get("quota_overrides", {}):
        return int(config["quota_overrides"][folder] * 1024 * 1024)
    return 0 if folder in config.get("exclude", []) else int(config["hard_quota"] * 1024 * 1024)


@pytest.mark.parametrize(("quota", "expected"), [("5", 5 * 2**20), ("0.5", 2**19), ("null", 0), ("0.001", 1048)])
def test_the_quota_of_a_user(repository: Repository, quota: str, expected: int) -> None:
    assert limit(manager(repository, DISK % f"quota: {quota}"), "ada") == expected


@pytest.mark.parametrize("quota", ["0", "0.0000001", "-1", "1.0e+30"])
def test_quotas_that_the_enforcer_does_not_apply(repository: Repository, quota: str) -> None:
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.ocean(OCEAN.replace("  staging: {domain: staging.ocean.example.org}\n", "") + DISK % f"quota: {quota}")
    (error,) = repository.errors()
    assert error.endswith("home.disk.quota: must be from 0.001 to 1000000 GiB, or null for no limit")


def test_shared_folders_do_not_have_the_quota_of_a_user(repository: Repository) -> None:
    config = manager(
        repository,
        DISK % "quota: 5"
        + "shared_directories:\n"
        + "  shared: {sub_path: _shared, read_only: false}\n"
        + "  maps: {sub_path: ./_data/maps}\n"
        + "  more: {sub_path: _data/more}\n"
        + "  own: {sub_path: '_own/{username}', read_only: false}\n"
        + "  drafts: {sub_path: '{username}/drafts'}\n"
        + "  allusers: {admins: true}\n"
        + "  /scratch: {sub_path: x, volume: {emptyDir: {}}}\n",
    )
    assert config["exclude"] == ["_data", "_own", "_shared"]
    assert [limit(config, name) for name in ("_shared", "_data", "ada")] == [0, 0, 5 * 2**20]


def test_a_shared_folder_may_have_a_quota_of_its_own(repository: Repository) -> None:
    config = manager(
        repository,
        DISK % "quota: 5"
        + "shared_directories: {shared: {sub_path: _shared}}\n"
        + "values: {jupyterhub-home-nfs: {quotaEnforcer: {config: {QuotaManager:"
        + " {quota_overrides: {_shared: 100}}}}}}\n",
    )
    assert limit(config, "_shared") == 100 * 2**20
