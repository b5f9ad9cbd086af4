"""The last word before a step of a migration is taken: may it be, and may it be left out.

Here M1 is kept: whatever was ordered and whatever the records say, an end is opened only on what is
seen of the other at this moment, or where its fence is known to be firm.
"""

from __future__ import annotations

from hospital.estate import Estate, Replication
from hospital.gate import gives_up, no_way_back, unready
from hospital.itinerary import begun, settled
from hospital.move import Act, Method, Migration, MoveSeen, Stream


def held(estate: Estate, migration: Migration, act: Act, seen: MoveSeen) -> str:
    """Why ``act``, whose turn it is, must not be taken yet; "" if it may be."""
    match act:
        case Act.FENCE | Act.HAND_OVER if _takes_over(migration, act):
            return unready(migration, seen)
        case Act.OPEN:
            return "" if _firm(estate, migration, seen) else _two_open(seen.source_open, "source")
        case Act.OPEN_BACK:
            return _target_may_write(migration, seen)
        case Act.FENCE_BACK | Act.HAND_BACK | Act.WARM_BACK if seen.recovering:
            return f"{seen.recovering} is under way"
        case Act.FENCE_BACK if _closes(migration, seen):
            return no_way_back(migration, seen)
        case _:
            return ""


def _takes_over(migration: Migration, act: Act) -> bool:
    """Whether the right to write is about to leave the source, for the first time."""
    first = Act.HAND_OVER if migration.method is Method.PHYSICAL else Act.FENCE
    return act is first and not begun(migration.records, act)


def _closes(migration: Migration, seen: MoveSeen) -> bool:
    """Whether a fence at the target would leave patients without any end that accepts writes."""
    first = not begun(migration.records, Act.FENCE_BACK)
    return first and seen.source_open is not True and not gives_up(migration)


def _database_of(estate: Estate, workload: str) -> str:
    return next((each.database for each in estate.workloads if each.name == workload), "")


def _firm(estate: Estate, migration: Migration, seen: MoveSeen) -> bool:
    """Whether a source that nobody sees is closed for certain.

    Its fence was verified, only this migration opens it again, and no member of it can come to lead
    that does not hold the fence. So a source that is lost in the pause does not keep patients
    waiting.
    """
    if seen.source_open is not None or not settled(migration.records, Act.FENCE):
        return False
    name = _database_of(estate, migration.workload)
    source = next((each for each in estate.databases if each.name == name), None)
    if source is None:
        return False
    return source.replication is Replication.SYNCHRONOUS or len(source.members) == 1


def _two_open(other: bool | None, name: str) -> str:
    """M1, as the last word before an end is opened."""
    if other is False:
        return ""
    state = "accepts writes" if other else "cannot be seen"
    return f"the {name} {state}: two ends must never accept writes"


def _target_may_write(migration: Migration, seen: MoveSeen) -> str:
    never = not begun(migration.records, Act.OPEN) and seen.target_open is not True
    if never or seen.target_open is False or seen.target_off:
        return ""
    if seen.target_open is None and migration.target in seen.lost_sites and gives_up(migration):
        return ""  # M1's last clause: nobody can reach it, and a person answers for it by name
    return _two_open(seen.target_open, "target")


def skippable(migration: Migration, act: Act, seen: MoveSeen) -> str:
    """Why a step that the world refuses may be left out, for its record; "" if it may not be.

    What concerns a target that is lost is left out only where a person accepted the loss.
    """
    lost = migration.target in seen.lost_sites or seen.target_off
    if act in (Act.FENCE_BACK, Act.HAND_BACK) and lost and gives_up(migration):
        return f"{migration.target} is lost; its last writes were given up by name"
    if act is Act.HAND_BACK and seen.stream is Stream.LOST and gives_up(migration):
        return "the stream to the source is lost; what it did not bring was given up by name"
    if act in (Act.STOP_BACK, Act.END_TRIAL) and lost:
        return f"{migration.target} is lost"
    if act in (Act.STOP, Act.RETIRE) and migration.source in seen.lost_sites:
        return f"{migration.source} is lost"
    return ""
