"""A site: one machine with a control plane, a node, a hub member, names, BMCs and its hosts.

What burns together is started together and killed together: everything here runs below
one process. Its hosts are machines inside it, on its own network.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from hospital.estate import Estate, Site
from lab import arm64, hosts, network, node, plane, services
from lab.access import Credentials, server_names
from lab.machine import Bind, Machine, start_command, start_environment
from lab.network import SiteNetwork, site_commands, site_plug
from lab.places import Places
from lab.supervision import Program

BARE_ROOT = "/.bare"  # where a site sees the root that its hosts' disks are laid over


def host_program(host_id: str) -> str:
    """The name of a host's program in its site's supervisord."""
    return f"host-{host_id}"


def describe(site: Site, *, networks: Mapping[str, SiteNetwork], places: Places) -> Machine:
    """The site as a machine of the lab."""
    hosts_in = [one.id for one in site.hosts]
    return Machine(
        name=site.name,
        init=hosts.init_command(),
        disk=str(places.disk(site.name)),
        hidden=(str(places.state),),
        binds=(
            *hosts.runtime_binds(),
            Bind("/", BARE_ROOT, writable=False),
            Bind(str(places.cache), writable=False),
            Bind(str(places.logs(site.name)), hosts.LOGS),
            *(Bind(str(places.disk(one))) for one in hosts_in),
            *(Bind(str(places.logs(one))) for one in hosts_in),
            *(Bind(str(places.description(one)), writable=False) for one in hosts_in),
            *node.binds(places.disk(site.name)),
            *services.binds(site, places),
        ),
        plug=site_plug(networks[site.name]),
        setup=(
            (sys.executable, "-m", "lab.control_groups", control_group(site.name, places)),
            *site_commands(networks[site.name], dict(networks)),
        ),
        environment={
            "XINGLIN_MACHINE": site.name,
            "XINGLIN_LAB": str(places.lab),
            "GOGC": "200",  # memory for CPU: two cores carry three control planes and the hub
        },
    )


def machine_program(name: str, places: Places, *, program: str = "") -> Program:
    """A machine as a supervised program of its parent: stop is power off, start is power on."""
    return Program(
        program or name,
        start_command(places.description(name)),
        environment=start_environment(),
        autorestart="false",
        start_seconds=0,
        stop_signal="KILL",
        stop_seconds=2,
        priority=10,
    )


def control_group(site: str, places: Places) -> str:
    """Below which the site's kubelet keeps its pods."""
    return f"/{places.name}/{site}"


def install(
    site: Site,
    *,
    estate: Estate,
    places: Places,
    credentials: Credentials,
    hub: plane.Shared,
    real_node: bool,
) -> None:
    """Write the disks and descriptions of a new site and of its hosts; only while it is off."""
    nets = network.networks(estate)
    here = nets[site.name]
    places.logs(site.name).mkdir(parents=True, exist_ok=True)
    upper = places.disk(site.name) / "upper"
    hosts.open_way(upper)
    hosts.identify(upper, site.name, estate)
    plane.install(upper=upper, credentials=credentials, names=server_names(site, here), hub=hub)
    group = control_group(site.name, places)
    node.install(site, here, upper=upper, credentials=credentials, control_group=group)
    services.install(site, here, estate=estate, upper=upper, credentials=credentials)
    for one in site.hosts:
        hosts.install(one, estate=estate, places=places, credentials=credentials)
        foreign = arm64.binds(one, estate, places)
        machine = hosts.describe(one, network=here, places=places, root=BARE_ROOT, programs=foreign)
        machine.write(places.description(one.id))
    describe(site, networks=nets, places=places).write(places.description(site.name))
    hosts.supervise(upper, programs(site, nets, places, real_node=real_node))


def programs(
    site: Site, networks: Mapping[str, SiteNetwork], places: Places, *, real_node: bool
) -> tuple[Program, ...]:
    """Everything that runs at a site."""
    here = networks[site.name]
    nodes = node.programs(site, here, places) if real_node else (node.kwok(here, places),)
    return (
        *(machine_program(one.id, places, program=host_program(one.id)) for one in site.hosts),
        *plane.site_programs(here, places),
        *plane.hub_programs(here, networks, places),
        *nodes,
        *services.programs(site),
    )
