"""Local replacements for addresses and secrets of the cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hubs.page.run import service_environment
from hubs.page.site import Site, Target
from tests.page.example import DOMAIN, MARKER


@pytest.fixture
def site(target: Target, tmp_path: Path) -> Site:
    return Site(**vars(target), directory=tmp_path, public=1001, hub=1002, proxy_api=1003, builder=1004)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        (f"https://{DOMAIN}/services/binder/oauth_callback", "http://127.0.0.1:1001/services/binder/oauth_callback"),
        (f"https://{DOMAIN}", "http://127.0.0.1:1001"),
        ("http://hub.ocean-prod.svc.cluster.local:8081/hub/api", "http://127.0.0.1:1002/hub/api"),
        ("http://hub:8081/hub/api?x=1#y", "http://127.0.0.1:1002/hub/api?x=1#y"),
        ("http://binderhub:8090", "http://127.0.0.1:1004"),
    ],
)
def test_names_of_the_cluster_lead_here(site: Site, url: str, here: str) -> None:
    assert site.here(url) == here


@pytest.mark.parametrize(
    "url",
    [
        f"http://{DOMAIN}/services/binder/oauth_callback",
        f"https://staging.{DOMAIN}/services/binder/oauth_callback",
        "http://hub.ocean-staging.svc.cluster.local:8081/hub/api",
        "http://hub:8080/hub/api",
        "http://binderhub",
        "http://binderhub:80",
        "http://binder:8090",
    ],
)
def test_any_other_name_stays_wrong(site: Site, url: str) -> None:
    assert site.here(url) == url


def test_names_follow_the_charts_overrides(site: Site) -> None:
    assert site.binderhub
    site.binderhub = {**site.binderhub, "fullnameOverride": "builds", "service": {"port": 80}}
    assert site.here("http://builds-binderhub/x") == "http://127.0.0.1:1004/x"
    assert site.here("http://binderhub:8090") == "http://binderhub:8090"


def test_secrets_are_stand_ins_that_still_match(site: Site) -> None:
    environment = service_environment(site)
    token = environment["JUPYTERHUB_API_TOKEN"]
    assert token == site.hub_secret("hub.services.binder.apiToken")
    assert len(bytes.fromhex(token)) == 32
    assert MARKER not in str(environment)
    assert site.stand_in("another") != token
    assert site.hub_secret("hub.services.other.apiToken") is None


def test_a_written_token_matches_the_same_token_only(site: Site) -> None:
    assert site.binderhub
    entry: dict[str, Any] = {"name": "JUPYTERHUB_API_TOKEN", "value": f"{MARKER}-binder"}
    site.binderhub = {**site.binderhub, "extraEnv": [entry]}
    assert service_environment(site)["JUPYTERHUB_API_TOKEN"] == site.hub_secret("hub.services.binder.apiToken")
    entry["value"] = "another"
    assert service_environment(site)["JUPYTERHUB_API_TOKEN"] != site.hub_secret("hub.services.binder.apiToken")


def test_two_runs_have_nothing_in_common(target: Target, tmp_path: Path) -> None:
    one, two = (Site(**vars(target), directory=tmp_path, public=1, hub=2, proxy_api=3, builder=4) for _ in range(2))
    assert one.stand_in("x") != two.stand_in("x")


def test_the_other_processes_read_the_same_site(site: Site) -> None:
    path = site.save()
    assert Site.load(str(path)) == site
    assert path.stat().st_mode & 0o777 == 0o600


def test_only_the_build_service_is_served(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("jupyterhub")
    from hubs.page.local import local_service

    callback = f"https://{DOMAIN}/services/binder/oauth_callback"
    binder = {"name": "binder", "api_token": "t", "url": "http://binderhub:8090", "oauth_redirect_uri": callback}
    here = {
        "url": "http://127.0.0.1:1004",
        "oauth_redirect_uri": "http://127.0.0.1:1001/services/binder/oauth_callback",
    }
    assert local_service(binder, site) == binder | here
    # A wrong address stays unchanged, so that the mistake is visible.
    assert local_service(binder | {"url": "http://binder:8090"}, site)["url"] == "http://binder:8090"
    assert capsys.readouterr().out == ""
    dask = {"name": "dask", "api_token": "t", "admin": True, "url": "http://dask", "oauth_client_id": "service-dask"}
    assert local_service(dask, site) == {"name": "dask", "api_token": "t", "admin": True}
    assert capsys.readouterr().out == "local hub: the service dask does not run locally\n"
    assert local_service({"name": "quota", "api_token": "t", "command": ["x"]}, site) == {
        "name": "quota",
        "api_token": "t",
    }
