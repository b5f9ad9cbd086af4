"""How the lab is, asked now: machines, APIs, nodes, hub members, names, BMCs, operators.

Values for whoever renders them. Nothing is remembered between two calls, nothing is
assumed from what was started: each part is asked over the network, as its users would.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from hospital.estate import Estate, Host, Site
from lab import cluster, node, root
from lab.places import Places
from lab.services import gate_url

REAL, EMULATED, SIMULATED = "real", "emulated", "simulated"
PROBE_SECONDS = 3.0  # two busy cores answer late; who is powered off is not asked
_RMCP_PING = bytes.fromhex("0600ff06000011be80010000")  # ASF presence ping, IPMI 2.0 §13.2.3


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """One node of a site's cluster."""

    name: str
    kind: str  # REAL, EMULATED (real programs of another architecture) or SIMULATED (KWOK)
    architecture: str
    trouble: str  # what its Ready condition says while it is not ready; "" if it is

    @property
    def ready(self) -> bool:
        """Whether it takes pods."""
        return not self.trouble


@dataclass(frozen=True, slots=True)
class HostHealth:
    """One host of a site."""

    id: str
    powered: bool
    ssh: bool
    bmc: bool | None  # whether its BMC answers; None if it has none


@dataclass(frozen=True, slots=True)
class SiteHealth:
    """One site, part by part. None: the site is not meant to have it."""

    name: str
    powered: bool
    api: bool
    hub_api: bool
    hub_member: bool
    names: bool
    admission: bool
    cloud: bool | None
    operator: bool | None
    nodes: tuple[NodeHealth, ...] = ()
    hosts: tuple[HostHealth, ...] = ()

    def missing(self) -> tuple[str, ...]:
        """What a site that should be whole lacks, in words."""
        parts = {
            "power": self.powered,
            "site API": self.api,
            "hub API": self.hub_api,
            "hub member": self.hub_member,
            "DNS": self.names,
            "admission": self.admission,
            "cloud API": self.cloud is not False,
            "nodes": bool(self.nodes),
        }
        nodes = {f"node {one.name} ({one.trouble})": one.ready for one in self.nodes}
        hosts = {
            f"host {one.id}": one.powered and one.ssh and one.bmc is not False for one in self.hosts
        }
        return tuple(name for name, good in {**parts, **nodes, **hosts}.items() if not good)


@dataclass(frozen=True, slots=True)
class LabHealth:
    """The whole lab; ``sites`` is empty when it does not run."""

    running: bool
    sites: tuple[SiteHealth, ...] = field(default=())

    @property
    def hub_quorum(self) -> bool:
        """Whether more than half of the hub's members are healthy."""
        return 2 * sum(one.hub_member for one in self.sites) > len(self.sites)


class Desk:
    """Threads that stand in the lab's network and ask."""

    def __init__(self, places: Places, *, threads: int = 6) -> None:
        root.running(places)
        self._places = places
        self._pool = ThreadPoolExecutor(threads, initializer=root.enter, initargs=(places,))
        self.client = cluster.administrator(places, timeout=PROBE_SECONDS)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.client.close()

    def ask(self, question: Callable[[httpx.Client], bool]) -> bool:
        """One question, answered in the lab's network; no answer is no."""
        try:
            return self._pool.submit(question, self.client).result()
        except (OSError, httpx.HTTPError):
            return False

    def site(self, site: Site, *, operator: bool) -> SiteHealth:
        """Everything about one site; asked in parallel."""
        ask = self._pool.submit
        points = site.endpoints
        powered = root.first_process(self._places, site.name) is not None
        if not powered:
            hosts = tuple(HostHealth(one.id, False, False, _off(one)) for one in site.hosts)
            dark = False if points.cloud else None
            return _dark(site.name, cloud=dark, hosts=hosts)
        asked = {
            "api": ask(cluster.ready, self.client, points.kubernetes),
            "hub_api": ask(cluster.ready, self.client, points.hub),
            "hub_member": ask(_member, self.client, points.etcd),
            "names": ask(_answers_names, points.dns),
            "admission": ask(_listens, gate_url(site)),
        }
        cloud = ask(_listens, points.cloud) if points.cloud else None
        nodes = ask(_nodes, self.client, points.kubernetes)
        hosts = tuple(
            HostHealth(
                one.id,
                root.first_process(self._places, one.id) is not None,
                ask(_listens, f"ssh://{one.address}:22").result(),
                ask(_answers_ipmi, one).result() if one.bmc else None,
            )
            for one in site.hosts
        )
        return SiteHealth(
            name=site.name,
            powered=True,
            **{name: future.result() for name, future in asked.items()},
            cloud=cloud.result() if cloud else None,
            operator=_operator(site, self._places) if operator else None,
            nodes=nodes.result(),
            hosts=hosts,
        )


def status(estate: Estate, *, places: Places | None = None) -> LabHealth:
    """The lab as it is now."""
    places = places or Places.from_environment()
    if root.first_process(places) is None:
        return LabHealth(running=False)
    with Desk(places) as desk:
        sites = tuple(desk.site(one, operator=True) for one in estate.sites)
    return LabHealth(running=True, sites=sites)


def _dark(name: str, *, cloud: bool | None, hosts: tuple[HostHealth, ...]) -> SiteHealth:
    """A site without power."""
    return SiteHealth(
        name,
        powered=False,
        api=False,
        hub_api=False,
        hub_member=False,
        names=False,
        admission=False,
        cloud=cloud,
        operator=None,
        hosts=hosts,
    )


def _off(host: Host) -> bool | None:
    return False if host.bmc else None


def _operator(site: Site, places: Places) -> bool | None:
    """What the site's supervisord says; None where no operator is installed."""
    programs = root.supervisor(places, site.name).programs()
    states = {one.name: one.running for one in programs}
    return states.get("operator")


def _member(client: httpx.Client, url: str) -> bool:
    try:
        answer = client.get(f"{url}/health")
        return answer.status_code == httpx.codes.OK and answer.json().get("health") == "true"
    except (httpx.HTTPError, ValueError):
        return False


def _nodes(client: httpx.Client, url: str) -> tuple[NodeHealth, ...]:
    try:
        found = cluster.conditions(client, url)
    except httpx.HTTPError:
        return ()
    return tuple(
        NodeHealth(name, _kind(one["labels"]), one["labels"]["kubernetes.io/arch"], one["trouble"])
        for name, one in sorted(found.items())
        if "kubernetes.io/arch" in one["labels"]
    )


def _kind(labels: dict[str, str]) -> str:
    if labels.get(node.SIMULATED) == "true":
        return SIMULATED
    return EMULATED if labels.get(node.EMULATED) == "true" else REAL


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname, parts.port), timeout=PROBE_SECONDS):
            return True
    except OSError:
        return False


def _answers_names(endpoint: str) -> bool:
    """Whether the DNS server answers a question about the root at all."""
    address, _, port = endpoint.partition(":")
    question = bytes.fromhex("584c0000000100000000000000") + bytes.fromhex("00020001")
    answer = _exchange(address, int(port), question)
    return answer[:2] == question[:2]


def _answers_ipmi(host: Host) -> bool:
    """Whether the host's BMC answers a presence ping."""
    if not host.bmc:
        return False
    return len(_exchange(host.bmc.address, host.bmc.port, _RMCP_PING)) >= len(_RMCP_PING)


def _exchange(address: str, port: int, packet: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(PROBE_SECONDS)
        try:
            link.sendto(packet, (address, port))
            return link.recv(2048)
        except OSError:
            return b""
