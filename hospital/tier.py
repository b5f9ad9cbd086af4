"""What must hold of a workload's ``hosts``: the machines that run it where it has no pods.

A replica is one program on one host, so that place means the same everywhere: as many replicas are
asked for, run and are ready at a site of hosts as at a site of pods. What must never happen: a
recovery that waits for replicas for which no host is named, or that starts a program on a machine
that was never prepared for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from hospital.estate import Estate, Host, HostRole, Workload
from hospital.kinds import Notes, Path, nearest

ROLE = HostRole.APPLICATION


def note_hosts(estate: Estate, workload: Workload, path: Path, notes: Notes) -> None:
    """Note everything that is wrong with the hosts of a workload; ``path`` is that of the list."""
    known = {host.id: host for site in estate.sites for host in site.hosts if host.name}
    for index, name in enumerate(workload.hosts):
        field = (*path, index)
        if name in known:
            for message, remedy in _misfits(estate, workload, known[name]):
                notes.add(field, message, remedy)
        elif name:
            remedy = nearest(name, known) or f"declared: {', '.join(known) or 'none'}"
            notes.add(field, f"unknown host '{name}'", remedy)
        if name and name in workload.hosts[:index]:
            notes.add(field, f"'{name}' runs it already")
    for site in estate.sites:
        count = len(workload.hosts_at(site))
        if count and count != workload.replicas:
            notes.add(
                path,
                f"'{workload.name}' has {workload.replicas} replicas and {count} hosts at "
                f"'{site.name}'",
                "name one host of that site for each replica",
            )


def _misfits(estate: Estate, workload: Workload, host: Host) -> Iterator[tuple[str, str]]:
    if ROLE not in host.roles:
        yield f"host '{host.id}' has no role '{ROLE}'", "add it to its roles"
    if workload.architectures and host.architecture not in workload.architectures:
        built = ", ".join(workload.architectures)
        yield (
            f"'{workload.name}' is built for {built}; host '{host.id}' has {host.architecture}",
            "choose another host",
        )
    moves = (each.to for each in estate.migrations if each.workload == workload.name)
    sites = [name for name in dict.fromkeys((*workload.sites, *moves)) if name]
    if sites and host.site not in sites:
        yield (
            f"host '{host.id}' is at '{host.site}', where '{workload.name}' never runs",
            f"choose a host at {' or '.join(sites)}, or declare that site as a standby",
        )
