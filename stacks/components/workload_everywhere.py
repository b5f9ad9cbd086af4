"""One workload at all its sites, and the name under which it is found.

Its sites are home, every standby, and the targets of its declared migrations, where a rehearsal
waits beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from hospital.estate import Estate
from hospital.estate import Workload as WorkloadNoun
from stacks.resources import DnsRecord, Workload, within


@dataclass(frozen=True, slots=True)
class WorkloadEverywhereArgs:
    """Which workload of which estate."""

    estate: Estate
    workload: WorkloadNoun


class WorkloadEverywhere(pulumi.ComponentResource):
    """A workload at all its sites."""

    def __init__(
        self, name: str, args: WorkloadEverywhereArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("xinglin:index:WorkloadEverywhere", name, None, opts)
        estate, workload = args.estate, args.workload
        inside = within(self, opts)
        for each, site in estate.deployments:
            if workload.name in (each.name, each.rehearses):
                Workload(each, site=site, estate=estate, opts=inside)
        DnsRecord(
            estate.host_name(workload.name),
            zone=estate.domain,
            address=estate.site(workload.home).endpoints.ingress,
            servers=[site.endpoints.dns for site in estate.sites if site.endpoints.dns],
            opts=inside,
        )
        self.register_outputs({"name": estate.host_name(workload.name)})
