"""The estate in the hub: what operators act on.

It comes after the workloads exist, so that no operator moves what is not there yet.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from hospital.estate import Estate
from stacks.resources import HubWorkload, Migration, RecoveryPlan, Site, within


@dataclass(frozen=True, slots=True)
class DeclaredTruthArgs:
    """Whose truth."""

    estate: Estate


class DeclaredTruth(pulumi.ComponentResource):
    """Sites, workloads, recovery plans and begun moves in the hub."""

    def __init__(
        self, name: str, args: DeclaredTruthArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("xinglin:index:DeclaredTruth", name, None, opts)
        inside, estate = within(self, opts), args.estate
        known: list[pulumi.Resource] = [
            *(Site(site, estate=estate, opts=inside) for site in estate.sites),
            *(HubWorkload(each, estate=estate, opts=inside) for each in estate.workloads),
        ]
        # A plan makes operators act: last, when all that it names is known.
        after = within(self, opts, *known)
        for plan in estate.plans:
            RecoveryPlan(plan, estate=estate, opts=after)
        for move in estate.moves:
            Migration(move, estate=estate, opts=after)
        self.register_outputs({"plans": [plan.name for plan in estate.plans]})
