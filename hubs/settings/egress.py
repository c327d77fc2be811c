"""What builds can't reach, and the setting that opens single addresses to them: `cluster.build_egress`."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from hubs.settings.base import Strict, example
from hubs.settings.touches import Touches, touches

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

NFS_PORTS = (111, 2049, 20048)
"""Ports of portmapper, NFS and mountd, through which pods could read and write all files of a share."""

PRIVATE = (
    "10.0.0.0/8",  # RFC 1918
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",  # RFC 6598: carrier-grade NAT, also pods and services of some clusters
    "169.254.0.0/16",  # RFC 3927: link-local
    "fc00::/7",  # RFC 4193: unique local
    "fe80::/10",  # RFC 4291: link-local
)
"""Networks that are not public: nodes, pods, Services, and what else the operator's network has."""

METADATA = (
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html,
    # https://docs.cloud.google.com/compute/docs/metadata/querying-metadata, and the same address on Azure, Oracle
    # Cloud, OpenStack and others. The range also has GKE's metadata server of the node (169.254.169.252), Tencent
    # Cloud's (169.254.0.23), Scaleway's (169.254.42.42), and the agent of EKS Pod Identity (169.254.170.23).
    "169.254.0.0/16",
    "100.100.100.200/32",  # Alibaba Cloud
    "168.63.129.16/32",  # Azure's WireServer, which is a public address
    "192.0.0.192/32",  # Oracle Cloud Classic
    "fe80::/10",  # OpenStack (fe80::a9fe:a9fe)
    "fd00:ec2::/32",  # AWS
    "fd20:ce::254/128",  # Google Cloud
    "fd00:c1::a9fe:a9fe/128",  # Oracle Cloud
    "fd00:42::42/128",  # Scaleway
    "fd00:a9fe:a9fe::1/128",  # Akamai
    "fd00:100::100:200/128",  # Alibaba Cloud
)
"""Addresses of the clouds' metadata servers, which give the credentials of the node to every process on it."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: with NAT64, the IPv6 addresses through which IPv4 addresses are reached."""


def networks(*written: str, version: int) -> list[str]:
    """Return the networks of one IP version. For IPv6, with those through which NAT64 reaches the IPv4 networks."""
    found = [ipaddress.ip_network(text) for text in written]
    result: list[Network] = [network for network in found if network.version == version]
    if version == 6:
        result += [_through_nat64(network) for network in found if isinstance(network, ipaddress.IPv4Network)]
    return [str(network) for network in result]


def _through_nat64(network: ipaddress.IPv4Network) -> ipaddress.IPv6Network:
    start = int(_NAT64.network_address) + int(network.network_address)
    return ipaddress.IPv6Network((start, _NAT64.prefixlen + network.prefixlen))


def _cidr(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        network = None
    if network is None or "%" in value:  # a scope (fe80::1%eth0) has a meaning on one machine only
        raise ValueError("must be an address such as 10.20.0.5, or a network such as 10.20.0.0/28")
    if ipaddress.ip_interface(value).ip != network.network_address:
        raise ValueError(f"is an address and a prefix: write the network {network}, or the address alone")
    return str(network)


_OPENED = touches(Touches.NETWORK, "builds reach other addresses")


class Egress(Strict):
    """An address or network that builds may reach."""

    cidr: Annotated[str, _OPENED, AfterValidator(_cidr), example("10.20.0.5", "10.20.0.0/28")]
    """IP address or network, IPv4 or IPv6. Not a host name, because rules of networks contain addresses only."""
    ports: Annotated[
        list[Annotated[int, Field(ge=1, le=65535)]], _OPENED, Field(min_length=1), example([443, 8081])
    ] = [443]
    """TCP ports."""

    def __str__(self) -> str:
        return f"{self.cidr} (port {', '.join(map(str, self.ports))})"

    @property
    def version(self) -> int:
        """4 or 6."""
        return ipaddress.ip_network(self.cidr).version

    def exposes(self) -> Iterator[str]:
        """Yield what builds reach through this entry that they should not: the metadata server, files by NFS."""
        own = ipaddress.ip_network(self.cidr)
        if any(own.overlaps(ipaddress.ip_network(text)) for text in METADATA):
            yield "the cloud's metadata server, which may give them the credentials of the node"
        if ports := sorted(set(self.ports) & set(NFS_PORTS)):
            yield f"NFS (port {', '.join(map(str, ports))}), and with it all files of a server that trusts the nodes"
