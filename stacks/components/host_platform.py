"""All hosts of an estate, hardened: the sites' ways in, and what runs on hosts instead of as pods.

Estate-wide on purpose: one run of a playbook serves all hosts at once, and a host that does not
answer is named while the others are done.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from hospital.estate import Estate, HostRole
from hospital.inventory import inventory
from stacks.resources import Hosts, within


@dataclass(frozen=True, slots=True)
class HostPlatformArgs:
    """Whose hosts."""

    estate: Estate


class HostPlatform(pulumi.ComponentResource):
    """Hardened hosts, working edges, workloads ready to be placed."""

    def __init__(
        self, name: str, args: HostPlatformArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("xinglin:index:HostPlatform", name, None, opts)
        hosts = [host for site in args.estate.sites for host in site.hosts]
        variables = inventory(args.estate)
        hardened = Hosts(
            f"{name}-hardened",
            playbook="host_harden.yml",
            hosts=[host.id for host in hosts],
            inventory=variables,
            opts=within(self, opts),
        )
        Hosts(
            f"{name}-edges",
            playbook="haproxy_deploy.yml",
            hosts=[host.id for host in hosts if HostRole.EDGE in host.roles],
            inventory=variables,
            opts=within(self, opts, hardened),
        )
        applications = [host.id for host in hosts if HostRole.APPLICATION in host.roles]
        if applications:
            Hosts(
                f"{name}-applications",
                playbook="application_deploy.yml",
                hosts=applications,
                inventory=variables,
                opts=within(self, opts, hardened),
            )
        self.register_outputs({})
