"""A whole hospital: hosts, then databases, then workloads, then the truth that operators act on."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from hospital.codec import encode
from hospital.estate import Estate
from stacks.components.cloud_foundation import CloudFoundation, CloudFoundationArgs
from stacks.components.database_cluster import DatabaseCluster, DatabaseClusterArgs
from stacks.components.declared_truth import DeclaredTruth, DeclaredTruthArgs
from stacks.components.host_platform import HostPlatform, HostPlatformArgs
from stacks.components.workload_everywhere import WorkloadEverywhere, WorkloadEverywhereArgs
from stacks.resources import within


@dataclass(frozen=True, slots=True)
class HospitalArgs:
    """The declaration; without ``hosts`` only what needs no SSH is built."""

    estate: Estate
    hosts: bool = True


class Hospital(pulumi.ComponentResource):
    """Everything that a declaration describes, in the order in which it can work."""

    def __init__(
        self, name: str, args: HospitalArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        estate = args.estate
        # Every gate that sees resources reads it here: the parent is registered before all else.
        said = {"policy": encode(estate.policy)}
        super().__init__("xinglin:index:Hospital", name, said, opts)
        for site in estate.sites:
            if site.endpoints.cloud:
                CloudFoundation(site.name, CloudFoundationArgs(estate, site), within(self, opts))
        databases = self._databases(args, opts) if args.hosts else []
        workloads = [
            WorkloadEverywhere(
                each.name, WorkloadEverywhereArgs(estate, each), within(self, opts, *databases)
            )
            for each in estate.workloads
        ]
        DeclaredTruth(f"{name}-truth", DeclaredTruthArgs(estate), within(self, opts, *workloads))
        self.register_outputs({"estate": estate.name})

    def _databases(
        self, args: HospitalArgs, opts: pulumi.ResourceOptions | None
    ) -> list[pulumi.Resource]:
        estate = args.estate
        hosts = HostPlatform(f"{estate.name}-hosts", HostPlatformArgs(estate), within(self, opts))
        return [
            DatabaseCluster(each.name, DatabaseClusterArgs(estate, each), within(self, opts, hosts))
            for each in estate.databases
        ]
