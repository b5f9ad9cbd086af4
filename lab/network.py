"""Addresses of the lab: from the declaration where it names them, from one pattern elsewhere.

The pattern is in ``docs/architecture.md``: site *i* is ``10.0.0.i`` on the wide-area
network and ``10.i.0.1`` inside, with its hosts, pods and services below ``10.i``.
No address is routed anywhere but between these namespaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from urllib.parse import urlsplit

from hospital.errors import DeclarationError, Problem
from hospital.estate import Estate, Host, Site
from lab.machine import Plug

WIDE = IPv4Network("10.0.0.0/24")
DESK = "10.0.0.254"  # where console, Pulumi and the counter client work
SITE_PREFIX = 16

API_PORT, HUB_PORT, ETCD_CLIENT_PORT, ETCD_PEER_PORT = 6443, 7443, 2379, 2380
SITE_ETCD = "https://127.0.0.1:12379"
NODE_PORTS = "30000-32767"  # what an API server gives out by default


@dataclass(frozen=True, slots=True)
class SiteNetwork:
    """Where one site is and what it may hand out."""

    name: str
    router: str  # on the wide-area network
    address: str  # of the site machine on its own network
    everything: str  # the site's whole range, as the others route it
    local: str  # hosts and the site machine
    pods: str
    services: str
    edge: str  # whom clients are sent to

    @property
    def local_with_prefix(self) -> str:
        """The site machine's address as ``ip address`` wants it."""
        return f"{self.address}/{IPv4Network(self.local).prefixlen}"

    @property
    def api_service(self) -> str:
        """The first service address, under which pods find the API."""
        return str(IPv4Network(self.services)[1])

    @property
    def pod_gateway(self) -> str:
        """The node's address on the pod network."""
        return str(IPv4Network(self.pods)[1])


def site_network(site: Site) -> SiteNetwork:
    """The network of a site, from the address in its API server's URL."""
    host = urlsplit(site.endpoints.kubernetes).hostname or ""
    try:
        address = IPv4Address(host)
    except ValueError as error:
        raise _not_ours(site, f"{host or 'nothing'} is no IPv4 address") from error
    net, index, *rest = address.packed
    if net != 10 or not 1 <= index <= 200 or rest != [0, 1]:
        raise _not_ours(site, f"{address} is not of the form 10.i.0.1")
    return SiteNetwork(
        name=site.name,
        router=f"10.0.0.{index}",
        address=str(address),
        everything=f"10.{index}.0.0/{SITE_PREFIX}",
        local=f"10.{index}.0.0/24",
        pods=f"10.{index}.128.0/20",
        services=f"10.{index}.96.0/20",
        edge=site.endpoints.ingress,
    )


def networks(estate: Estate) -> dict[str, SiteNetwork]:
    """Site name → network, for the whole estate."""
    return {site.name: site_network(site) for site in estate.sites}


def site_plug(network: SiteNetwork) -> Plug:
    """The site's cable to the wide-area network."""
    return Plug(
        bridge="wan",
        peer=f"v-{network.name}"[:15],
        address=f"{network.router}/{WIDE.prefixlen}",
        device="wan0",
    )


def host_plug(host: Host, network: SiteNetwork) -> Plug:
    """A host's cable to its site's network."""
    prefix = IPv4Network(network.local).prefixlen
    return Plug(bridge="lan", peer=f"v-{host.name}"[:15], address=f"{host.address}/{prefix}")


def desk_commands(everyone: dict[str, SiteNetwork]) -> tuple[tuple[str, ...], ...]:
    """The wide-area network, made in the lab's root machine."""
    bridge = ("ip", "link", "add", "wan", "type", "bridge", "stp_state", "0", "forward_delay", "0")
    return (
        bridge,
        ("ip", "address", "add", f"{DESK}/{WIDE.prefixlen}", "dev", "wan"),
        ("ip", "link", "set", "wan", "up"),
        *(_route(site) for site in everyone.values()),
    )


def site_commands(
    network: SiteNetwork, everyone: dict[str, SiteNetwork]
) -> tuple[tuple[str, ...], ...]:
    """The site's own network and its routes to the others, made in the site machine."""
    bridge = ("ip", "link", "add", "lan", "type", "bridge", "stp_state", "0", "forward_delay", "0")
    return (
        bridge,
        ("ip", "address", "add", network.local_with_prefix, "dev", "lan"),
        ("ip", "link", "set", "lan", "up"),
        ("sysctl", "-qw", "net.ipv4.ip_forward=1"),
        *(
            _route(site, "src", network.address)
            for site in everyone.values()
            if site.name != network.name
        ),
        ("nft", _border(network)),
    )


def _border(network: SiteNetwork) -> str:
    """The site's firewall: pods are reached through the edge, which knows its callers.

    The bridge network of the node enforces no NetworkPolicy, and node ports are open to whoever
    reaches a node. Judged before kube-proxy leads a connection elsewhere; answers pass.
    """
    node = network.address
    asked = f"ct state new ip daddr {node} tcp dport {NODE_PORTS}"
    known = f"127.0.0.0/8, {node}, {network.edge}"
    inside = f"{network.pods}, {network.services}"
    return f"""table inet border {{
  chain incoming {{
    type filter hook prerouting priority mangle;
    {asked} ip saddr != {{ {known} }} reject with tcp reset
    ct state new ip daddr {{ {inside} }} iifname {{ wan0, lan }} reject
  }}
}}"""


def host_commands(network: SiteNetwork) -> tuple[tuple[str, ...], ...]:
    """A host's way out: the site's router."""
    return (("ip", "route", "add", "default", "via", network.address),)


def _route(site: SiteNetwork, *source: str) -> tuple[str, ...]:
    return ("ip", "route", "add", site.everything, "via", site.router, *source)


def _not_ours(site: Site, message: str) -> DeclarationError:
    problem = Problem(
        where=f"site {site.name}",
        field="endpoints.kubernetes",
        message=message,
        remedy="the lab serves 10.i.0.1, one i for each site",
    )
    return DeclarationError((problem,))
