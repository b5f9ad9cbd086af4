"""A move that ``pulumi up`` begins: a Migration in the hub, asked for once.

Pulumi owns that it was asked for, and nothing else: how it goes on is ordered by people and carried
out by operators. So it is never asked for twice under one name, never changed, and never taken away
while it goes on.
"""

from __future__ import annotations

import time

from hospital.codec import decode, estate_from
from hospital.errors import RefusedError
from hospital.estate import DeclaredMove
from hospital.migration import TERMINAL
from hospital.proposal import proposed
from providers.hub import Hub
from providers.resources import Plain
from providers.resources.hub import HubKind


class MigrationKind(HubKind):
    """One Migration, by its name."""

    token = "Migration"
    kind = "Migration"
    field = "move"
    noun = DeclaredMove
    required = (("move", dict), ("hubs", list))

    def drift(self, new: Plain) -> tuple[()]:
        """None: what became of it is no matter of the declaration."""
        return ()

    def create(self, inputs: Plain) -> None:
        """Ask for it, from wherever the workload is; one that was asked for already stays."""
        move = decode(DeclaredMove, inputs["move"], where=self.token)
        hub = Hub(self._hub(inputs["hubs"]))
        earlier = hub.migrations()
        if any(each.name == move.name for each in earlier):
            return
        for each in earlier:
            if each.workload == move.workload and each.phase not in TERMINAL:
                raise RefusedError(move.name, f"{each.name} is under way ({each.phase})")
        active = hub.active_sites()[move.workload]
        way = proposed(
            estate_from(hub.declared()), move.workload, move.to, active=active, earlier=earlier
        )
        hub.create_migration(
            way.asked(move.name, reason=move.reason, by=move.requested_by, at=time.time())
        )

    def read(self, id: str, state: Plain) -> Plain | None:  # noqa: A002
        """As it was asked for, also when somebody took the object away: it is not begun anew."""
        return state or None

    def update(self, old: Plain, new: Plain) -> None:
        """Only where the hub is may change."""
        if old["move"] != new["move"]:
            name = new["move"]["name"]
            raise RefusedError(name, "what was asked for never changes: give the new move a name")

    def delete(self, state: Plain) -> None:
        """One that is over stays in the hub; RefusedError while it goes on."""
        name = state["move"]["name"]
        for each in Hub(self._hub(state["hubs"])).migrations():
            if each.name == name and each.phase not in TERMINAL:
                remedy = "roll it back or finalize it first: `xinglin migrate status`"
                raise RefusedError(name, f"it goes on ({each.phase}); {remedy}")
