"""What the hub's operators see now, read from the console, and what a story would be.

For dry runs and for questions before danger. The steps are compiled by the same function that
the operators use; what only an operator can see (the database's store) is taken from what the
hub recorded and the declaration promises, and it is said so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from hospital.custody import held
from hospital.estate import Database, Estate
from hospital.story import Action, ActionKind, DatabaseSeen, Seen, Step
from providers.hub import DATABASE, Hub
from providers.lookout import HEARD_SECONDS, Heartbeats, Sources, gather

ASSUMED = (
    "数据库同步状态取自声明与总控记录，执行时由操作器重新核实"
    " / the database's replicas are taken from declaration and hub; operators verify before acting"
)


def look(hub: Hub, estate: Estate, *, sleep: Callable[[float], None] = time.sleep) -> Seen:
    """What the operators that are heard see; takes as long as a heartbeat may be old.

    A heartbeat counts only if it changes while we look: no clocks are compared.
    """
    heartbeats = Heartbeats(started=time.monotonic())
    first = hub.leases()
    heartbeats.note(first, now=time.monotonic() - 2 * HEARD_SECONDS)
    sleep(HEARD_SECONDS)
    leases = hub.leases()
    heartbeats.note(leases, now=time.monotonic())
    active = hub.active_sites()
    sources = Sources(
        site="",  # the desk is no site, and sees nothing itself
        quorum=True,
        sights={},
        databases=tuple(_recorded(database, active) for database in estate.databases),
    )
    seen = gather(
        estate, sources=sources, leases=leases, heartbeats=heartbeats, now=time.monotonic()
    )
    holding = held(estate, hub.migrations())
    return replace(_with_places(seen, active), held=tuple(sorted(holding.items())))


def step_cost(steps: tuple[Step, ...]) -> float:
    """Seconds on the longest chain of steps: what a story costs when the rest runs beside it."""
    ends: dict[str, float] = {}
    left = list(steps)
    while left:
        ready = [step for step in left if step.after <= ends.keys()]
        for step in ready:
            begins = max((ends[name] for name in step.after), default=0.0)
            ends[step.id] = begins + step.estimate_seconds
        left = [step for step in left if step.id not in ends]
        if not ready:
            break  # a step that waits for what is not told counts nothing
    return max(ends.values(), default=0.0)


def nearest(steps: tuple[Step, ...]) -> dict[str, tuple[str, ...]]:
    """For each step those that it directly follows: what another of them waits for is left out."""
    after = {step.id: step.after for step in steps}
    found: dict[str, tuple[str, ...]] = {}
    for step in steps:
        earlier = {old for one in step.after for old in after.get(one, frozenset())}
        found[step.id] = tuple(sorted(step.after - earlier))
    return found


def dangers(action: Action) -> str:
    """What a person should know before asking for this, in two languages."""
    if action.kind is ActionKind.FAILOVER:
        told = (
            "故障切换会隔离旧主库；若主站点仍在运行，其业务会中断"
            " / a failover cuts the old primary off; a home that still runs is interrupted"
        )
    else:
        told = (
            "计划切换期间写入会短暂停顿，不丢数据"
            " / a planned move pauses writes for seconds and loses nothing"
        )
    if action.accept_loss:
        told += (
            "\n已接受超出 RPO 的数据丢失，将记入证据 / loss beyond the RPO is accepted, on record"
        )
    return told


def _recorded(database: Database, active: dict[str, str]) -> DatabaseSeen:
    leader = active.get(DATABASE + database.name, database.members[0])
    others = tuple(member for member in database.members if member != leader)
    return DatabaseSeen(
        database=database.name,
        leader=leader,
        lease="",
        synchronous=others if database.replication == "synchronous" else (),
        writable=leader,
        lag_seconds=None,
    )


def _with_places(seen: Seen, active: dict[str, str]) -> Seen:
    places = tuple((name, site) for name, site in active.items() if "/" not in name)
    return replace(seen, active=places)
