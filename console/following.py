"""Shows a migration while it goes on, until it has settled or waits for a person.

The operators act; here they are only watched, so that closing the terminal changes nothing. What
counts as settled depends on what was ordered, and is told by ``settled`` alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

from console.outcome import Exit
from hospital.errors import RefusedError, UnavailableError
from hospital.gate import unsynced
from hospital.itinerary import SETTLED, route
from hospital.migration import TERMINAL
from hospital.move import Migration, Order, Phase, Rehearsal, Verb
from hospital.story import StepState
from providers.ports import HubStore

LOOK_SECONDS = 0.3
SILENT_SECONDS = 60.0  # without an answer of the hub we stop following; operators go on
BLOCKED_SECONDS = 3.0  # what blocks for less is a moment's lag, nothing for a person

_ON_ITS_WAY = {
    Verb.REHEARSE: frozenset({Phase.REHEARSE, Phase.SYNC}),
    Verb.CUTOVER: frozenset({Phase.CUTOVER, Phase.REVERSE}),
    Verb.ROLLBACK: frozenset({Phase.ROLLBACK, Phase.ROLLED_BACK}),
    Verb.FINALIZE: frozenset({Phase.FINALIZE, Phase.COMPLETED}),
}
_AT_ITS_END = {Verb.ROLLBACK: Phase.ROLLED_BACK, Verb.FINALIZE: Phase.COMPLETED}


def settled(
    migration: Migration, order: Order | None, *, before: Rehearsal | None = None
) -> Exit | None:
    """How a migration ended what was ordered; None while it goes on.

    Without an order it was just started. ``before`` is the rehearsal that was known when the
    order was given.
    """
    if order is None:
        return _started(migration)
    if migration.obeyed < order.at and migration.phase not in TERMINAL:
        return None
    if migration.phase not in _ON_ITS_WAY[order.verb]:
        return Exit.FAILED  # turned down, or it took itself back
    match order.verb:
        case Verb.REHEARSE:
            return _rehearsed(migration, before)
        case Verb.CUTOVER:
            return Exit.OK if _cut_over(migration) else None
        case verb:
            return Exit.OK if migration.phase is _AT_ITS_END[verb] else None


def follow(
    hub: Callable[[], HubStore],
    name: str,
    *,
    screen: Console,
    order: Order | None = None,
    before: Rehearsal | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Migration, Exit]:
    """Show a migration's steps as they end, until ``settled``, or blocked for some seconds.

    ``hub`` is asked anew each time, so that the loss of one API server is survived.
    UnavailableError when none answers for a minute; the operators go on all the same.
    """
    teller = _Teller(screen)
    heard = clock()
    blocked: float | None = None
    while True:
        try:
            migration = _one(hub(), name)
        except UnavailableError:
            if clock() - heard > SILENT_SECONDS:
                raise
            sleep(LOOK_SECONDS)
            continue
        heard = clock()
        teller.tell(migration)
        ended = settled(migration, order, before=before)
        if ended is not None:
            return migration, ended
        blocked = (heard if blocked is None else blocked) if migration.blocked else None
        if blocked is not None and heard - blocked >= BLOCKED_SECONDS:
            return migration, Exit.UNSAFE
        sleep(LOOK_SECONDS)


class _Teller:
    """Prints what is new since it was last told."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        self._steps: dict[str, tuple[StepState, float | None]] = {}
        self._message = ""
        self._first = True

    def tell(self, migration: Migration) -> None:
        """Steps that changed, and the message if it changed."""
        for record in migration.records:
            now = (record.state, record.started)
            if record.state is StepState.WAITING or self._steps.get(record.id) == now:
                continue
            self._steps[record.id] = now
            if self._first and record.state in SETTLED:
                continue  # an earlier phase's; `status NAME` shows it
            since = (record.ended or record.started or migration.since) - migration.requested_at
            mark = {StepState.DONE: "[green]✓[/]", StepState.SKIPPED: "[dim]-[/]"}
            sign = mark.get(record.state, "…")
            self._screen.print(f"{since:7.2f} s {sign} {record.id} {escape(record.detail)}")
        said = f"[bold]{migration.phase}[/] {escape(migration.message)}"
        if said != self._message:
            self._message = said
            self._screen.print(said)
        self._first = False


def _one(hub: HubStore, name: str) -> Migration:
    for each in hub.migrations():
        if each.name == name:
            return each
    raise RefusedError("hub", f"migration {name} is gone")


def _started(migration: Migration) -> Exit | None:
    if migration.phase in TERMINAL or migration.phase is Phase.ROLLBACK:
        return Exit.OK if migration.phase is Phase.COMPLETED else Exit.FAILED
    if migration.phase is Phase.SYNC and not unsynced(migration):
        return Exit.OK
    return Exit.OK if migration.phase in (Phase.REVERSE, Phase.FINALIZE) else None


def _rehearsed(migration: Migration, before: Rehearsal | None) -> Exit | None:
    found = migration.rehearsal
    if migration.phase is not Phase.SYNC or found is None or found == before:
        return None
    return Exit.OK if found.passed else Exit.FAILED


def _cut_over(migration: Migration) -> bool:
    """It lives at the target, and where the way back has to be laid it is laid."""
    states = {record.id: record.state for record in migration.records}
    wanted = route(migration.method, migration.phase, migration.records)
    return migration.phase is Phase.REVERSE and all(states.get(one) in SETTLED for one in wanted)
