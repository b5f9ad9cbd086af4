"""Who moves a workload now: recovery, or the one migration that holds it.

The one rule by which both agree. A migration by logical replication holds its workload from the
moment the source may be fenced until it is over, or back: which end may write is then written in
the ends themselves, and a recovery that started the workload elsewhere would serve old data. A
completed one goes on holding it until the declaration says that it lives on the other database.

A physical migration never holds: its cutover is a switchover of one cluster under Patroni, and
recovery may go on from it at any moment.
"""

from __future__ import annotations

from collections.abc import Iterable

from hospital.estate import Estate
from hospital.itinerary import begun, settled
from hospital.judgement import ENDED
from hospital.move import Act, Method, Migration, Phase
from hospital.story import Action


def held(estate: Estate, migrations: Iterable[Migration]) -> dict[str, str]:
    """Workload → name of the migration that holds it; recovery leaves these alone."""
    return {each.workload: each.name for each in migrations if _holds(estate, each)}


def moving(migrations: Iterable[Migration]) -> frozenset[str]:
    """Workloads whose replicas and names a migration is changing at this moment."""
    return frozenset(
        each.workload
        for each in migrations
        if each.phase is Phase.CUTOVER or (each.phase is Phase.ROLLBACK and not _is_back(each))
    )


def recovering(estate: Estate, migration: Migration, actions: Iterable[Action]) -> str:
    """The unfinished recovery that touches the workload or a database of its move; "" for none."""
    own = [each.database for each in estate.workloads if each.name == migration.workload]
    databases = {*own, migration.database} - {""}
    for action in actions:
        if action.phase in ENDED:
            continue
        for plan in estate.plans:
            touched = migration.workload in plan.workloads or plan.database in databases
            if plan.name == action.plan and touched:
                return action.name
    return ""


def _is_back(migration: Migration) -> bool:
    """Whether it lives at the source again, though something is left to take down elsewhere."""
    back = (Act.OPEN_BACK, Act.NAME_BACK, Act.STOP_BACK)
    return all(settled(migration.records, act) for act in back)


def _holds(estate: Estate, migration: Migration) -> bool:
    if migration.method is Method.PHYSICAL:
        return False
    if migration.phase is Phase.COMPLETED:
        here = [each for each in estate.workloads if each.name == migration.workload]
        return any(each.database != migration.database for each in here)
    if migration.phase in (Phase.ROLLED_BACK, Phase.REFUSED):
        return False
    if migration.phase is Phase.ROLLBACK and _is_back(migration):
        return False
    return begun(migration.records, Act.FENCE)
