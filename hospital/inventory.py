"""What playbooks are told of an estate: its hosts, in the shape of an Ansible inventory.

Plain values, derived from the declaration alone and the same for every caller, so that the
Pulumi provider can hold them as inputs and show what changed. Never a secret: those come from
the access directory while a playbook runs. `playbooks/README.md` says what each variable means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from hospital.codec import encode
from hospital.estate import Database, Estate, Host, HostRole, Replication, Site

Plain = dict[str, Any]


def inventory(estate: Estate) -> Plain:
    """The estate's hosts by role with everything the playbooks ask for."""
    hosts = [(site, host) for site in estate.sites for host in site.hosts]
    groups = {
        role.value: {
            "hosts": {
                host.id: _host_variables(estate, site, host)
                for site, host in hosts
                if role in host.roles
            }
        }
        for role in HostRole
    }
    return {"all": {"vars": _shared_variables(estate), "children": groups}}


def _host_variables(estate: Estate, site: Site, host: Host) -> Plain:
    variables: Plain = {
        "ansible_host": host.address,
        "host_site": site.name,
        "etcd_endpoints": _etcd_endpoints(estate, first=site),
    }
    if HostRole.EDGE in host.roles:
        variables["edge_node"] = urlsplit(site.endpoints.kubernetes).hostname
    if HostRole.APPLICATION in host.roles:
        variables |= _application_variables(estate, site, host)
    for database in estate.databases:
        if host.id in database.members:
            variables |= _database_variables(estate, database)
    return variables


def _application_variables(estate: Estate, site: Site, host: Host) -> Plain:
    """What a host that runs workloads is told: which, and their ways to their databases."""
    runs = [each for each, at in estate.deployments if at == site and host.id in each.hosts]
    ways = {each.name: estate.way(each, site.name) for each in runs}
    return {
        "host_architecture": host.architecture.value,
        "application_edge": site.endpoints.ingress,
        "application_workloads": [
            {
                "name": each.name,
                "plays": each.rehearses or each.name,
                "port": each.node_port,
                "database": encode(ways[each.name]) if ways[each.name] else {},
            }
            for each in runs
        ],
    }


def _etcd_endpoints(estate: Estate, *, first: Site) -> list[str]:
    # Own site first: a watch held at a lost site's member misses the change that matters.
    ordered = [first, *(site for site in estate.sites if site != first)]
    return [urlsplit(site.endpoints.etcd).netloc for site in ordered if site.endpoints.etcd]


def _shared_variables(estate: Estate) -> Plain:
    routes = [
        {
            "host": estate.host_name(workload.name),
            "port": workload.node_port,
            "servers": [
                {"site": host.site, "name": host.id, "address": host.address}
                for host in map(estate.host, workload.hosts)
            ],
        }
        for workload in (*estate.workloads, *estate.rehearsals)
    ]
    ways = [
        {"name": each.name, "port": each.edge_port, "members": _members(estate, [each])}
        for each in estate.databases
    ]
    return {
        "estate_domain": estate.domain,
        "edge_clients": list(estate.clients),
        "edge_routes": routes,
        "edge_databases": ways,
    }


def _database_variables(estate: Estate, database: Database) -> Plain:
    """What a member is told of its own cluster, and of those that share a migration with it."""
    name = database.name
    arriving = [each for each in estate.migrations if each.database == name]
    leaving = [
        each for each in estate.migrations if estate.workload(each.workload).database == name
    ]
    own = [each.name for each in estate.workloads if each.database == name]
    rehearsals = [each.name for each in estate.rehearsals if each.database == name]
    arrivals = list(dict.fromkeys(each.workload for each in arriving))
    moved = list(dict.fromkeys(each.workload for each in (*leaving, *arriving)))
    peers = {each.database for each in leaving}
    peers |= {estate.workload(each.workload).database for each in arriving}
    return {
        "database_cluster": name,
        "database_members": _members(estate, [database]),
        "database_synchronous": database.replication is Replication.SYNCHRONOUS,
        "database_workloads": own + rehearsals,
        "database_arrivals": arrivals,
        "postgresql_version": database.version,
        "migration_databases": moved + rehearsals,
        "migration_peers": _members(estate, [estate.database(one) for one in sorted(peers)]),
    }


def _members(estate: Estate, databases: Sequence[Database]) -> list[Plain]:
    hosts = [estate.host(member) for database in databases for member in database.members]
    return [{"name": host.id, "address": host.address} for host in hosts]
