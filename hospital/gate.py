"""What keeps a migration from going on although somebody ordered it to (M5).

Every answer is a sentence for the person who waits; "" lets the order through. What a person may
force, by name and reason, is the rehearsal, the freeze window and the soak: never what could lose
or fork data.
"""

from __future__ import annotations

from hospital.itinerary import SETTLED, begun, route
from hospital.move import Act, Migration, MoveSeen, Order, Phase, Stream, Verb

LAPSE_SECONDS = 900.0  # later, a pause would come when nobody expects it any more


def kept_from(migration: Migration, order: Order, seen: MoveSeen, now: float) -> str:
    """What keeps an order from being taken up; "" if nothing does."""
    match order.verb:
        case Verb.REHEARSE:
            return unsynced(migration)
        case Verb.CUTOVER:
            return unsynced(migration) or _unfit(migration, order, seen)
        case Verb.FINALIZE:
            return _unsoaked(migration, order, seen, now)
        case Verb.ROLLBACK:
            return _lost_way(migration, order, seen)


def lapsed(order: Order, now: float) -> bool:
    """Whether a cutover was held back for so long that it must be ordered again."""
    return order.verb is Verb.CUTOVER and now - order.at > LAPSE_SECONDS


def gives_up(migration: Migration) -> bool:
    """Whether a person gave up, by name, what the target alone may hold."""
    order = migration.order
    return (
        order is not None
        and order.verb is Verb.ROLLBACK
        and order.at <= migration.obeyed
        and order.accept_loss
    )


def _lost_way(migration: Migration, order: Order, seen: MoveSeen) -> str:
    """A target is not closed for a way back that is known to end nowhere."""
    if migration.phase is not Phase.REVERSE or seen.stream is not Stream.LOST or order.accept_loss:
        return ""
    return (
        "the stream to the source is lost: finalize and begin a new migration back, or order it "
        "with --accept-loss and a reason"
    )


def no_way_back(migration: Migration, seen: MoveSeen) -> str:
    """Why the target must not be closed yet: the source could not take over soon."""
    if not begun(migration.records, Act.FOLLOW):
        return ""  # it was opened moments ago; what it holds flows back in the pause
    return _behind(migration, seen, end="source")


def unsynced(migration: Migration) -> str:
    steps = route(migration.method, Phase.SYNC, ())
    states = {record.id: record.state for record in migration.records}
    open_steps = [act for act in steps if states.get(act) not in SETTLED]
    return f"{open_steps[0]} is not done" if open_steps else ""


def _unfit(migration: Migration, order: Order, seen: MoveSeen) -> str:
    """Why no cutover may begin now (M5)."""
    rehearsed = migration.rehearsal is not None and migration.rehearsal.passed
    if not rehearsed and not order.force:
        return "no rehearsal has passed; rehearse, or order it with --force and a reason"
    if seen.frozen and not order.force:
        return f"{seen.frozen}; wait for its end, or order it with --force and a reason"
    return unready(migration, seen)


def unready(migration: Migration, seen: MoveSeen) -> str:
    """What no person can override, looked at again at the fence itself."""
    if seen.recovering:
        return f"{seen.recovering} is under way"
    if migration.target in seen.lost_sites:
        return f"{migration.target} is lost"
    if seen.differing:
        return (
            f"the definition of {', '.join(seen.differing)} differs between the ends; "
            "give the target the same, or roll back and begin anew"
        )
    return _behind(migration, seen)


def _behind(migration: Migration, seen: MoveSeen, *, end: str = "target") -> str:
    if seen.stream is not Stream.FLOWING:
        return f"the stream is {seen.stream}: {'; '.join(seen.errors) or 'nobody knows why'}"
    if seen.lag_seconds is None:
        return "nobody can see the lag"
    if seen.lag_seconds > migration.bounds.lag_seconds:
        return (
            f"the {end} lags by {seen.lag_seconds:.1f} s, more than "
            f"{migration.bounds.lag_seconds:g} s"
        )
    return ""


def _unsoaked(migration: Migration, order: Order, seen: MoveSeen, now: float) -> str:
    left = migration.since + migration.bounds.soak_seconds - now
    if left > 0 and not order.force:
        return f"it has soaked too little, {left:.0f} s are left; --force with a reason ends it now"
    if seen.target_open is not True:
        return f"{migration.target} is not seen to accept writes"
    return ""
