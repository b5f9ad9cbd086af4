"""What is seen of a migration: both ends and what flows between them, for the core to decide on.

Nothing here decides. What nobody could see is None: an end that does not answer is not closed. The
power of a target's hosts is asked only where it matters, when a way back meets a target that does
not answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hospital.custody import recovering
from hospital.detection import lost_sites
from hospital.errors import HospitalError
from hospital.estate import Database, Estate
from hospital.itinerary import begun, settled
from hospital.move import Act, Method, Migration, MoveSeen, Phase, Stream
from hospital.story import Action, Seen
from hospital.stream import StreamSeen
from providers.acts import Kit, member_at, move_of
from providers.hands import Hands


def look(
    estate: Estate,
    migration: Migration,
    *,
    hands: Hands,
    kit: Kit,
    seen: Seen,
    actions: Iterable[Action],
    now: float,
) -> MoveSeen:
    """Everything that is known of ``migration``; takes a second or so, and never raises.

    ``seen`` is what the operators know of sites and databases, ``now`` is epoch seconds.
    """
    common = MoveSeen(
        quorum=seen.quorum,
        lost_sites=lost_sites(seen),
        recovering=recovering(estate, migration, actions),
        frozen=kit.frozen(estate, now),
    )
    if migration.workload not in {each.name for each in estate.workloads}:
        return common
    if migration.method is Method.PHYSICAL:
        return _physical(estate, migration, common, hands)
    return _logical(estate, migration, common, hands, kit)


def _physical(estate: Estate, migration: Migration, common: MoveSeen, hands: Hands) -> MoveSeen:
    """One cluster: who leads it, and how far the member at the other site is behind."""
    database = estate.database(estate.workload(migration.workload).database)
    target = member_at(estate, database, migration.target)
    source = member_at(estate, database, migration.source)
    try:
        found = hands.databases.observe(database)
    except HospitalError as error:
        return replace(common, stream=Stream.STALLED, errors=(str(error),))
    at_target = target is not None and found.writable == target.id
    fed = source if at_target else target
    lags = dict.fromkeys(found.synchronous, 0.0) | dict(found.lags)
    lag = lags.get(fed.id) if fed is not None else None
    name = fed.id if fed is not None else migration.target
    return replace(
        common,
        source_open=None if not found.writable else not at_target,
        target_open=None if not found.writable else at_target,
        stream=Stream.STALLED if lag is None else Stream.FLOWING,
        lag_seconds=lag,
        errors=(f"{name} does not stream from {found.leader or 'nobody'}",) if lag is None else (),
    )


def _logical(
    estate: Estate, migration: Migration, common: MoveSeen, hands: Hands, kit: Kit
) -> MoveSeen:
    move = move_of(estate, migration)
    back = settled(migration.records, Act.HAND_OVER)
    found = kit.streams.observe(move.reversed() if back else move)
    source, target = (found.target, found.source) if back else (found.source, found.target)
    stream, errors = _flow(migration, found, back=back)
    dark = not target.reachable and migration.phase is Phase.ROLLBACK
    return replace(
        common,
        source_open=source.open,
        target_open=target.open,
        target_off=dark and _is_off(estate, estate.database(migration.database), hands),
        stream=stream,
        errors=errors,
        lag_seconds=found.lag_seconds,
        lag_bytes=found.lag_bytes,
        retained_bytes=found.slot.retained_bytes if found.slot else None,
        write_bytes_per_second=found.write_bytes_per_second,
        apply_bytes_per_second=found.apply_bytes_per_second,
        differing=(found.differing or ()) if not back else (),
    )


def _flow(migration: Migration, found: StreamSeen, *, back: bool) -> tuple[Stream, tuple[str, ...]]:
    """How the stream stands, and why it does not move."""
    if not found.source.reachable:
        return Stream.STALLED, (f"{found.source.cluster} does not answer",)
    if found.slot is None:
        made = begun(migration.records, Act.HAND_OVER if back else Act.SUBSCRIBE)
        return (Stream.LOST if made else Stream.NONE), ()
    if found.slot.status == "lost":
        return Stream.LOST, ("its write-ahead log was removed",)
    if not begun(migration.records, Act.FOLLOW if back else Act.SUBSCRIBE):
        return Stream.NONE, ()
    reason = _stalled(found)
    return (Stream.STALLED, (reason,)) if reason else (Stream.FLOWING, ())


def _stalled(found: StreamSeen) -> str:
    """Why the end that is fed receives nothing; "" if it does."""
    name = found.target.cluster
    if not found.target.reachable:
        return f"{name} does not answer"
    if found.subscription is None:
        return f"{name} has no subscription"
    if found.subscription.running:
        return ""
    errors = found.subscription.apply_errors
    return f"the subscription at {name} does not run, {errors} errors so far"


def _is_off(estate: Estate, database: Database, hands: Hands) -> bool:
    """Whether every host of a cluster is read back as powered off."""
    try:
        return not any(hands.power.is_on(estate.host(name)) for name in database.members)
    except HospitalError:
        return False
