"""What playbooks are told of an estate: its hosts, in the shape of an Ansible inventory.

Plain values, derived from the declaration alone and the same for every caller, so that the
Pulumi provider can hold them as inputs and show what changed. Never a secret: those come from
the access directory while a playbook runs. `playbooks/README.md` says what each variable means.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from hospital.estate import Database, Estate, Host, HostRole, Replication, Site

Plain = dict[str, Any]


def inventory(estate: Estate) -> Plain:
    """The estate's hosts by role with everything the playbooks ask for.

    One database cluster is served per estate: the first declared one.
    """
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
    return variables


def _etcd_endpoints(estate: Estate, *, first: Site) -> list[str]:
    # Own site first: a watch held at a lost site's member misses the change that matters.
    ordered = [first, *(site for site in estate.sites if site != first)]
    return [urlsplit(site.endpoints.etcd).netloc for site in ordered if site.endpoints.etcd]


def _shared_variables(estate: Estate) -> Plain:
    routes = [
        {"host": estate.host_name(workload.name), "port": workload.node_port}
        for workload in estate.workloads
    ]
    variables: Plain = {"estate_domain": estate.domain, "edge_routes": routes}
    if estate.databases:
        variables |= _database_variables(estate, estate.databases[0])
    return variables


def _database_variables(estate: Estate, database: Database) -> Plain:
    members = [estate.host(member) for member in database.members]
    return {
        "database_cluster": database.name,
        "database_members": [{"name": host.id, "address": host.address} for host in members],
        "database_synchronous": database.replication is Replication.SYNCHRONOUS,
        "database_workloads": [
            workload.name for workload in estate.workloads if workload.database == database.name
        ],
    }
