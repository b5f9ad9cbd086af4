"""One database cluster across sites: PostgreSQL under Patroni on its member hosts.

Which member is primary is place: Patroni and the operators decide it, never this component.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from hospital.estate import Database, Estate
from hospital.inventory import inventory
from stacks.resources import Hosts, within


@dataclass(frozen=True, slots=True)
class DatabaseClusterArgs:
    """Which database of which estate."""

    estate: Estate
    database: Database


class DatabaseCluster(pulumi.ComponentResource):
    """A database cluster."""

    def __init__(
        self, name: str, args: DatabaseClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("xinglin:index:DatabaseCluster", name, None, opts)
        Hosts(
            f"{name}-members",
            playbook="postgresql_deploy.yml",
            hosts=args.database.members,
            inventory=inventory(args.estate),
            opts=within(self, opts),
        )
        self.register_outputs({"members": list(args.database.members)})
