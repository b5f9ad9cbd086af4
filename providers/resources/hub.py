"""Declarations in the hub: Site, HubWorkload, RecoveryPlan.

The hub answers at every site, so a declaration is written through the first API server that
answers: changing it needs quorum, never a particular site. Place is set once, at creation, and
never again: afterwards it belongs to the operators.
"""

from __future__ import annotations

from hospital.codec import decode
from hospital.errors import UnavailableError
from hospital.estate import RecoveryPlan, Site, Workload
from providers.changes import Difference
from providers.hub import API_VERSION, Hub
from providers.kubernetes import PULUMI, Cluster, Object, Ref
from providers.resources import Plain, ResourceKind


class HubKind(ResourceKind):
    """An object of the hub whose ``spec`` is one noun."""

    kind: str
    field: str  # the input that holds the noun
    noun: type

    def check(self, inputs: Plain) -> Plain:
        """The noun must decode."""
        checked = super().check(inputs)
        decode(self.noun, checked[self.field], where=self.token)
        return checked

    def id(self, inputs: Plain) -> str:
        """``<hub endpoint>/<name>``."""
        return f"{inputs['hubs'][0]}/{inputs[self.field]['name']}"

    def drift(self, new: Plain) -> tuple[Difference, ...]:
        """By a dry run of server-side apply."""
        hub = self._hub(new["hubs"])
        found = hub.apply([self._object(new)], field_manager=PULUMI, dry_run=True)
        return tuple(
            (one.kind, (self.field, *one.path[1:]), one.before, one.after)
            for one in found
            if one.path[:1] in ((), ("spec",))
        )

    def create(self, inputs: Plain) -> None:
        """Apply; the first place is home."""
        hub = self._hub(inputs["hubs"])
        hub.apply([self._object(inputs)], field_manager=PULUMI)
        noun = inputs[self.field]
        ref = Ref(API_VERSION, self.kind, noun["name"])
        there = hub.get(ref) or {}
        if "home" in noun and not there.get("status", {}).get("activeSite"):
            Hub(hub).set_status(self.kind, noun["name"], status={"activeSite": noun["home"]})

    def update(self, old: Plain, new: Plain) -> None:
        """Apply shape only."""
        self._hub(new["hubs"]).apply([self._object(new)], field_manager=PULUMI)

    def read(self, id: str, state: Plain) -> Plain | None:  # noqa: A002
        """The hub's own words."""
        endpoint, _, name = id.rpartition("/")
        hubs = state.get("hubs") or [endpoint]
        found = self._hub(hubs).get(Ref(API_VERSION, self.kind, name))
        return None if found is None else {self.field: found["spec"], "hubs": hubs}

    def delete(self, state: Plain) -> None:
        """Operators forget it at once."""
        ref = Ref(API_VERSION, self.kind, state[self.field]["name"])
        self._hub(state["hubs"]).delete(ref)

    def _object(self, inputs: Plain) -> Object:
        noun = inputs[self.field]
        return {
            "apiVersion": API_VERSION,
            "kind": self.kind,
            "metadata": {"name": noun["name"]},
            "spec": noun,
        }

    def _hub(self, endpoints: list[str]) -> Cluster:
        """The first that is ready; UnavailableError that names all if none is."""
        for endpoint in endpoints:
            cluster = Cluster(endpoint, self.access, connect=1.0, read=5.0)
            if cluster.ready():
                return cluster
        raise UnavailableError(", ".join(endpoints), "the hub is not ready at any site")


class SiteKind(HubKind):
    """A site, with the part of the estate that lives with it."""

    token = "Site"
    kind = "Site"
    field = "site"
    noun = Site
    required = (("site", dict), ("hubs", list))


class HubWorkloadKind(HubKind):
    """A workload as the hub knows it, once for all sites."""

    token = "HubWorkload"
    kind = "Workload"
    field = "workload"
    noun = Workload
    required = (("workload", dict), ("hubs", list))


class RecoveryPlanKind(HubKind):
    """What to do when a site is lost."""

    token = "RecoveryPlan"
    kind = "RecoveryPlan"
    field = "plan"
    noun = RecoveryPlan
    required = (("plan", dict), ("hubs", list))
