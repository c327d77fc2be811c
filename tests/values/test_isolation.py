"""What builds and servers can reach, by the rules of the program. `tests/isolation` tries them for real."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from hubs.preview.values import placeholder_values
from hubs.settings.egress import networks
from hubs.values.network_policies import build_policies
from tests.repository import OCEAN, Repository

EVERYWHERE = ("8.8.8.8", "2001:4860:4860::8888")
INSIDE = (
    *("10.0.0.7", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "169.254.169.254"),
    *("169.254.169.252", "169.254.42.42", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42", "fe80::a9fe:a9fe", "fdff::1"),
    *("64:ff9b::10.0.0.7", "64:ff9b::169.254.169.254", "64:ff9b::168.63.129.16"),
)
METADATA = tuple(address for address in INSIDE[6:] if address not in ("fdff::1", "64:ff9b::10.0.0.7"))


def reaches(egress: list[dict[str, Any]], address: str, port: int, protocol: str = "TCP") -> bool:
    """Return whether the egress rules of a policy allow this packet, as Kubernetes defines them."""
    ip = ipaddress.ip_address(address)

    def is_in(block: dict[str, Any]) -> bool:
        inside = ip in ipaddress.ip_network(block["cidr"])
        return inside and not any(ip in ipaddress.ip_network(text) for text in block.get("except", []))

    return any(
        (not rule.get("ports") or {"protocol": protocol, "port": port} in rule["ports"])
        and (not rule.get("to") or any(is_in(item["ipBlock"]) for item in rule["to"]))
        for rule in egress
    )


def firewall(rules: str, address: str, port: int, protocol: str = "tcp") -> bool:
    """Return whether rules for iptables-restore let this packet pass: the first that matches decides."""
    ip = ipaddress.ip_address(address)
    for rule in rules.splitlines():
        words = rule.split()
        options = dict(zip(words[2::2], words[3::2], strict=True))
        if (
            options["-p"] == protocol
            and options.get("--dport", str(port)) == str(port)
            and ip in ipaddress.ip_network(options.get("-d", f"{address}"))
        ):
            return options["-j"] == "ACCEPT"
    return True


def build_egress(repository: Repository) -> list[dict[str, Any]]:
    policies = build_policies(repository.load())
    assert {name: spec["podSelector"]["matchLabels"] for name, spec in policies.items()} == {
        "imagebuilding-builds": {"component": "binderhub-build"},
        "imagebuilding-docker-api": {"app.kubernetes.io/component": "docker-api"},
    }
    assert all(spec["policyTypes"] == ["Ingress", "Egress"] and "ingress" not in spec for spec in policies.values())
    first, second = (spec["egress"] for spec in policies.values())
    assert first == second
    egress: list[dict[str, Any]] = first
    return egress


def build_rules(repository: Repository) -> dict[int, str]:
    (block,) = placeholder_values(repository.load(), "ocean/prod")["binderhub-service"].data["dockerApi"][
        "initContainers"
    ]
    return dict(zip((4, 6), block["command"][-2:], strict=True))


def servers(repository: Repository, more: str = "") -> tuple[dict[str, Any], dict[int, str]]:
    """Return the policy of servers, and the rules of their init container."""
    repository.ocean(OCEAN + more)
    values = placeholder_values(repository.load(), "ocean/prod")["jupyterhub"].data
    block = values["custom"]["imagebuilding"]["init_containers"][-1]
    return values["singleuser"]["networkPolicy"], dict(zip((4, 6), block["command"][-2:], strict=True))


def of(rules: dict[int, str], address: str) -> str:
    return rules[ipaddress.ip_address(address).version]


@pytest.mark.parametrize("address", EVERYWHERE)
def test_builds_reach_public_addresses(repository: Repository, address: str) -> None:
    assert reaches(build_egress(repository), address, 443)
    assert firewall(of(build_rules(repository), address), address, 443)


@pytest.mark.parametrize("address", INSIDE)
def test_builds_reach_no_other_address_where_policies_are_enforced(repository: Repository, address: str) -> None:
    egress = build_egress(repository)
    for protocol in ("TCP", "UDP"):
        assert not any(reaches(egress, address, port, protocol) for port in (80, 111, 443, 2049, 8081, 20048))
        assert reaches(egress, address, 53, protocol), "DNS"


@pytest.mark.parametrize("address", METADATA)
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_builds_reach_no_metadata_server_on_any_cluster(repository: Repository, address: str, protocol: str) -> None:
    rules = of(build_rules(repository), address)
    assert not any(firewall(rules, address, port, protocol) for port in (80, 443, 988))
    assert firewall(rules, address, 53, protocol), "DNS"


@pytest.mark.parametrize("address", [*EVERYWHERE, *INSIDE])
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_nothing_reaches_nfs_on_any_cluster(repository: Repository, address: str, protocol: str) -> None:
    for rules in (build_rules(repository), servers(repository)[1]):
        assert not any(firewall(of(rules, address), address, port, protocol) for port in (111, 2049, 20048))


@pytest.mark.parametrize("address", ["10.20.0.5", "169.254.20.7", "fd00:42::42"])
def test_addresses_can_be_opened_to_builds(repository: Repository, address: str) -> None:
    repository.stack("{name: earth}", f"{{name: earth, build_egress: [{{cidr: '{address}', ports: [443, 2049]}}]}}")
    egress, rules = build_egress(repository), of(build_rules(repository), address)
    assert [reaches(egress, address, port) for port in (443, 2049, 80)] == [True, True, False]
    assert firewall(rules, address, 443)
    assert firewall(rules, address, 2049)
    neighbour = str(ipaddress.ip_address(address) + 1)
    assert not reaches(egress, neighbour, 443)
    assert not firewall(rules, neighbour, 2049)
    assert not firewall(rules, address, 2049, "udp")


def test_a_registry_at_an_address_is_open(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")
    repository.stack("{type: quay, organization: earth}", "{type: oci, host: '10.1.2.3:5000', insecure: true}")
    assert [reaches(build_egress(repository), "10.1.2.3", port) for port in (5000, 80, 443)] == [True, False, False]
    repository.stack("10.1.2.3:5000", "10.1.2.3")
    assert [reaches(build_egress(repository), "10.1.2.3", port) for port in (5000, 80, 443)] == [False, True, False]


def test_what_opens_too_much_is_said(repository: Repository) -> None:
    entries = "{cidr: 10.20.0.5}, {cidr: 169.254.169.254, ports: [80]}, {cidr: 10.0.0.0/8, ports: [2049]}"
    repository.stack("{name: earth}", f"{{name: earth, build_egress: [{entries}]}}")
    repository.ocean(OCEAN + "values: {binderhub-service: {networkPolicy: {enabled: false}}}\n")
    found = [str(warning) for warning in repository.load().warnings]
    where = "stacks/Pulumi.earth.yaml:4: imagebuilding:cluster.build_egress"
    assert found[:2] == [
        f"{where}.1: lets builds reach the cloud's metadata server, which may give them the credentials of the node",
        f"{where}.2: lets builds reach NFS (port 2049), and with it all files of a server that trusts the nodes",
    ]
    assert found[2].startswith("stacks/earth/ocean.yaml:6: ocean/staging: values.binderhub-service.networkPolicy: ")


@pytest.mark.parametrize("address", INSIDE)
def test_servers_reach_public_addresses_and_dns_only(repository: Repository, address: str) -> None:
    policy, _ = servers(repository)
    assert policy["enabled"]
    assert policy["egressAllowRules"] == {"cloudMetadataServer": False, "nonPrivateIPs": False}, (
        "the chart's rule allows link-local and carrier-grade addresses"
    )
    assert all(reaches(policy["egress"], public, 443) for public in EVERYWHERE)
    assert not any(reaches(policy["egress"], address, port) for port in (80, 443, 2049, 8000, 8081))
    assert reaches(policy["egress"], address, 53, "UDP")


def test_pods_of_other_hubs_do_not_reach_the_hub(repository: Repository) -> None:
    values = placeholder_values(repository.load(), "ocean/prod")["jupyterhub"].data
    assert values["hub"]["networkPolicy"] == {"enabled": True, "interNamespaceAccessLabels": "ignore"}


@pytest.mark.parametrize("address", METADATA)
def test_servers_and_the_metadata_server(repository: Repository, address: str) -> None:
    assert not firewall(of(servers(repository)[1], address), address, 80)
    assert firewall(of(servers(repository, "block_cloud_metadata: false\n")[1], address), address, 80)


@pytest.mark.parametrize("address", ["169.254.170.23", "fd00:ec2::23"])
def test_servers_reach_the_agent_of_pod_identity(repository: Repository, address: str) -> None:
    policy, rules = servers(repository)
    assert reaches(policy["egress"], address, 80)
    assert firewall(of(rules, address), address, 80)
    assert not firewall(of(build_rules(repository), address), address, 80), "builds have no identity"


def test_servers_that_may_reach_the_metadata_server_do(repository: Repository) -> None:
    policy, _ = servers(repository, "block_cloud_metadata: false\n")
    assert policy["egressAllowRules"] == {"cloudMetadataServer": True, "nonPrivateIPs": False}
    assert reaches(policy["egress"], "169.254.169.252", 988), "GKE's, as policies see it"


def test_values_of_a_hub_are_respected(repository: Repository) -> None:
    own = {"to": [{"ipBlock": {"cidr": "10.9.9.9/32"}}], "ports": [{"protocol": "TCP", "port": 5432}]}
    text = "values: {jupyterhub: {singleuser: {cloudMetadata: {blockWithIptables: false}, networkPolicy: "
    policy, rules = servers(repository, f"{text}{{egress: [{own}]}}}}}}}}\n")
    assert policy["egress"][0] == own
    assert reaches(policy["egress"], "8.8.8.8", 443)
    assert firewall(rules[4], "169.254.169.254", 80)
    policy, _ = servers(repository, f"{text}{{egressAllowRules: {{nonPrivateIPs: false}}}}}}}}}}\n")
    assert "egress" not in policy, "no access to the internet stays none"


def test_networks_through_nat64() -> None:
    assert networks("10.0.0.0/8", "fc00::/7", version=6) == ["fc00::/7", "64:ff9b::a00:0/104"]
    assert networks("10.0.0.0/8", "fc00::/7", version=4) == ["10.0.0.0/8"]
