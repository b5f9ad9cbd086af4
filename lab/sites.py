"""A site: one machine with a control plane, a node, a hub member, names, BMCs and its hosts.

What burns together is started together and killed together: everything here runs below
one process. Its hosts are machines inside it, on its own network.
"""

from __future__ import annotations

from collections.abc import Mapping

from hospital.estate import Estate, Site
from lab import hosts
from lab.access import Credentials
from lab.machine import Bind, Machine, start_command, start_environment
from lab.network import SiteNetwork, site_commands, site_plug
from lab.places import Places
from lab.supervision import Program

BARE_ROOT = "/.bare"  # where a site sees the root that its hosts' disks are laid over


def host_program(host_id: str) -> str:
    """The name of a host's program in its site's supervisord."""
    return f"host-{host_id}"


def describe(
    site: Site, *, networks: Mapping[str, SiteNetwork], places: Places, binds: tuple[Bind, ...] = ()
) -> Machine:
    """The site as a machine of the lab."""
    network = networks[site.name]
    disks = [Bind(str(places.disk(one.id))) for one in site.hosts]
    logs = [Bind(str(places.logs(one.id))) for one in site.hosts]
    machines = [Bind(str(places.description(one.id)), writable=False) for one in site.hosts]
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
            *disks,
            *logs,
            *machines,
            *binds,
        ),
        plug=site_plug(network),
        setup=site_commands(network, dict(networks)),
        environment={"XINGLIN_MACHINE": site.name, "XINGLIN_LAB": str(places.lab)},
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


def install(
    site: Site,
    *,
    estate: Estate,
    networks: Mapping[str, SiteNetwork],
    places: Places,
    credentials: Credentials,
) -> None:
    """Write the disks and descriptions of a new site and of its hosts; only while it is off."""
    places.logs(site.name).mkdir(parents=True, exist_ok=True)
    upper = places.disk(site.name) / "upper"
    hosts.open_way(upper)
    hosts.identify(upper, site.name, estate)
    programs = []
    for one in site.hosts:
        hosts.install(one, estate=estate, places=places, credentials=credentials)
        machine = hosts.describe(one, network=networks[site.name], places=places, root=BARE_ROOT)
        machine.write(places.description(one.id))
        programs.append(machine_program(one.id, places, program=host_program(one.id)))
    describe(site, networks=networks, places=places).write(places.description(site.name))
    hosts.supervise(upper, tuple(programs))
