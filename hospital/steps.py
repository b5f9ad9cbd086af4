"""Compiles a plan and an action into a story: which steps, and which before which.

The nodes are chosen once, from what is seen when the story begins, and recorded;
any operator compiles the same story again from the records alone. The edges follow
from the nodes. A story must never contain a step that needs the lost site (I4).

The name of ``ExpireLease`` and ``AwaitConsensus`` carries the host id of the old
primary: whose lease may go is part of the story, not of what is seen later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hospital.detection import database_seen, lost_hosts, lost_sites
from hospital.estate import Database, Estate, RecoveryPlan, Replication, Workload
from hospital.placement import Load, loads_of, place
from hospital.story import Action, ActionKind, Seen, Step, StepKind, StepRecord, StepState

ESTIMATE_SECONDS: Mapping[StepKind, float] = {
    # Medians of measurements on the lab's machine type, see docs/architecture.md.
    StepKind.FENCE: 0.3,
    StepKind.WITHDRAW: 0.13,
    StepKind.EXPIRE: 0.1,
    StepKind.CONSENSUS: 20.1,  # Patroni enforces ttl >= 20 s
    StepKind.HANDOVER: 2.4,
    StepKind.PRIMARY: 0.6,
    StepKind.START: 0.1,
    StepKind.READY: 2.2,
    StepKind.NAME: 0.05,
    StepKind.STOP: 0.1,
    StepKind.RESTORE: 0.1,
    StepKind.EVIDENCE: 0.2,
}

PLANNED = frozenset({ActionKind.SWITCHOVER, ActionKind.FAILBACK})


@dataclass(frozen=True, slots=True)
class _Node:
    kind: StepKind
    subject: str
    site: str

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.subject}"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A candidate that may refuse the old primary, since the action of a plan withdrew it."""

    action: str
    plan: str
    candidate: str  # host ids
    source: str


def compile_steps(
    estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen
) -> tuple[Step, ...]:
    """The story of ``action``; from its records if it has any, else from what is seen."""
    if action.records:
        nodes = [_recorded(record) for record in action.records]
    elif action.kind in PLANNED:
        nodes = _planned(estate, plan, action, seen)
    else:
        nodes = _failover(estate, plan, action, seen)
    return _wired(estate, nodes, planned=action.kind in PLANNED)


def old_primary(records: Iterable[StepRecord | Step]) -> str:
    """Host id of the primary that the story takes the lead from; "" if it moves none."""
    for record in records:
        kind, _, subject = record.id.partition("/")
        if kind in (StepKind.EXPIRE, StepKind.CONSENSUS):
            return subject
    return ""


def left_withdrawn(action: Action) -> frozenset[Withdrawal]:
    """What ``action`` may have withdrawn and did not restore, as its candidates were dark."""
    states = {record.id: record.state for record in action.records}
    begun = (each for each in action.records if each.started is not None)
    withdrawn = (each.id.partition("/") for each in begun)
    return frozenset(
        Withdrawal(action.name, action.plan, candidate, old_primary(action.records))
        for kind, _, candidate in withdrawn
        if kind == StepKind.WITHDRAW
        and states.get(f"{StepKind.RESTORE}/{candidate}") is not StepState.DONE
    )


def target_site(plan: RecoveryPlan, action: Action) -> str:
    """The site that a planned action moves to: asked for, or home, or the first standby."""
    if action.target:
        return action.target
    return plan.home if action.kind is ActionKind.FAILBACK else plan.standbys[0]


def active_sites(estate: Estate, seen: Seen) -> dict[str, str]:
    """Workload → site where it runs now: as the hub records, as DNS answers, else home."""
    homes = {workload.name: workload.home for workload in estate.workloads}
    return homes | dict(seen.names) | dict(seen.active)


def _free(estate: Estate, plan: RecoveryPlan, seen: Seen) -> list[Workload]:
    """The plan's workloads but those that a migration holds (``hospital/custody.py``)."""
    held = dict(seen.held)
    return [estate.workload(name) for name in plan.workloads if name not in held]


def _recorded(record: StepRecord) -> _Node:
    kind, _, subject = record.id.partition("/")
    return _Node(StepKind(kind), subject, record.site)


def _failover(estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen) -> list[_Node]:
    gone = lost_sites(seen)
    active = active_sites(estate, seen)
    database = estate.database(plan.database) if plan.database else None
    old = _leader(database, seen)
    hit = database is not None and (old == "" or old in lost_hosts(estate, seen))
    left = gone if gone or hit else frozenset({_source(plan, active)})
    moving = [
        each
        for each in _free(estate, plan, seen)
        if (action.target not in ("", active[each.name]))
        or (not action.target and active[each.name] in left)
    ]
    nodes: list[_Node] = []
    if database and old == "":
        nodes += _leaderless(estate, database, action, seen)
    elif database and (hit or _must_move(estate, old, action, left=left)):
        nodes += _database_nodes(estate, database, old, action, seen)
    choices = {each.name: _candidates(each, action.target, plan.standbys) for each in moving}
    nodes += _moves(estate, moving, active=active, left=gone | left, choices=choices)
    return [*nodes, *_stops(moving, active, gone), _Node(StepKind.EVIDENCE, action.name, "")]


def _source(plan: RecoveryPlan, active: Mapping[str, str]) -> str:
    """Where the plan runs now, when a person gives it up although nothing is seen to be lost."""
    places = [active[name] for name in plan.workloads] or [plan.home]
    return plan.home if plan.home in places else max(sorted(set(places)), key=places.count)


def _leader(database: Database | None, seen: Seen) -> str:
    """Host id that leads the plan's database; "" if it is without a leader.

    Where nobody can see it, the member at the home is taken to lead.
    """
    if database is None:
        return ""
    known = database_seen(seen, database.name)
    return (known.leader or known.writable) if known else database.members[0]


def _leaderless(estate: Estate, database: Database, action: Action, seen: Seen) -> list[_Node]:
    """The lease ran out before the story began: the store is choosing already."""
    lost = lost_hosts(estate, seen)
    old = next((name for name in database.members if name in lost), database.members[0])
    sites = [estate.host(name).site for name in database.members if name not in lost]
    target = _next_primary(reachable_sites=sites, action=action)
    return [
        _Node(StepKind.CONSENSUS, old, estate.host(old).site),
        _Node(StepKind.PRIMARY, database.name, target),
    ]


def _must_move(estate: Estate, old: str, action: Action, *, left: frozenset[str]) -> bool:
    site = estate.host(old).site
    return site in left or action.target not in ("", site)


def _database_nodes(
    estate: Estate, database: Database, old: str, action: Action, seen: Seen
) -> list[_Node]:
    """How the lead is taken from ``old``: withdrawal, fence, or nothing but consensus.

    At a dark site a synchronous database needs no fence; everywhere else the fence is
    tried beside the withdrawal, and whichever is verified first opens the way.
    """
    gone = lost_sites(seen)
    host = estate.host(old)
    others = [estate.host(name) for name in database.members if name != old]
    reachable = [each for each in others if each.site not in gone]
    synchronous = database.replication is Replication.SYNCHRONOUS
    withdrawals = [_Node(StepKind.WITHDRAW, each.id, each.site) for each in reachable]
    withdrawals = withdrawals if synchronous else []
    fence = host.bmc is not None and not (withdrawals and host.site in gone)
    nodes = [_Node(StepKind.FENCE, old, host.site)] if fence else []
    nodes += withdrawals
    way = StepKind.EXPIRE if nodes else StepKind.CONSENSUS
    target = _next_primary(reachable_sites=[each.site for each in reachable], action=action)
    nodes += [_Node(way, old, host.site), _Node(StepKind.PRIMARY, database.name, target)]
    return nodes + [_Node(StepKind.RESTORE, each.subject, each.site) for each in withdrawals]


def _next_primary(*, reachable_sites: Sequence[str], action: Action) -> str:
    if action.target in reachable_sites:
        return action.target
    return reachable_sites[0] if reachable_sites else ""


def _moves(
    estate: Estate,
    moving: Sequence[Workload],
    *,
    active: Mapping[str, str],
    left: frozenset[str],
    choices: Mapping[str, Sequence[str]],
) -> list[_Node]:
    """Start, await and name of every moving workload; site "" where no site may take it.

    The life-critical choose first, so that they get the capacity.
    """
    loads: dict[str, Load] = loads_of(
        estate, active, without=frozenset(each.name for each in moving)
    )
    targets: dict[str, str] = {}
    for each in sorted(moving, key=lambda workload: (workload.tier, workload.rto)):
        candidates = choices[each.name]
        site = place(estate, each, lost=left, loads=loads, candidates=candidates).site
        targets[each.name] = site
        if site:
            loads[site] = loads[site].plus(each)
    kinds = (StepKind.START, StepKind.READY, StepKind.NAME)
    return [_Node(kind, each.name, targets[each.name]) for each in moving for kind in kinds]


def _candidates(workload: Workload, target: str, standbys: Sequence[str]) -> tuple[str, ...]:
    """Sites to try, in order: what was asked for, the workload's own standbys, its home.

    A standby that the plan does not name comes after those that it names.
    """
    own = sorted(workload.standbys, key=lambda site: site not in standbys)
    ordered = dict.fromkeys([target, *own, workload.home])
    return tuple(site for site in ordered if site in workload.sites)


def _planned(estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen) -> list[_Node]:
    gone = lost_sites(seen)
    active = active_sites(estate, seen)
    target = target_site(plan, action)
    own = _free(estate, plan, seen)
    goals = {each.name: _goal(each, target, action) for each in own}
    moving = [each for each in own if active[each.name] != goals[each.name]]
    choices = {name: (goal,) for name, goal in goals.items()}
    nodes = _moves(estate, moving, active=active, left=gone, choices=choices)
    database = estate.database(plan.database) if plan.database else None
    if database and _hands_over(estate, database, target, _leader(database, seen)):
        nodes.append(_Node(StepKind.HANDOVER, database.name, target))
        nodes.append(_Node(StepKind.PRIMARY, database.name, target))
    return [*nodes, *_stops(moving, active, gone), _Node(StepKind.EVIDENCE, action.name, "")]


def _hands_over(estate: Estate, database: Database, target: str, leader: str) -> bool:
    holders = {estate.host(name).site for name in database.members}
    return target in holders and leader != "" and estate.host(leader).site != target


def _goal(workload: Workload, target: str, action: Action) -> str:
    """Where a planned action puts one workload: the target, or its own next best site."""
    if target in workload.sites:
        return target
    if action.kind is ActionKind.FAILBACK or not workload.standbys:
        return workload.home
    return workload.standbys[0]


def _stops(
    moving: Sequence[Workload], active: Mapping[str, str], gone: frozenset[str]
) -> list[_Node]:
    return [
        _Node(StepKind.STOP, each.name, active[each.name])
        for each in moving
        if active[each.name] not in gone
    ]


def _wired(estate: Estate, nodes: Sequence[_Node], *, planned: bool) -> tuple[Step, ...]:
    """The nodes as steps, each with the steps that come before it."""
    known = {node.id for node in nodes}
    old = next((n.subject for n in nodes if n.kind in (StepKind.EXPIRE, StepKind.CONSENSUS)), "")

    def step(node: _Node) -> Step:
        wanted = _before(estate, node, nodes, planned=planned)
        return Step(
            id=node.id,
            kind=node.kind,
            subject=node.subject,
            site=node.site,
            after=frozenset(wanted & known - {node.id}),
            estimate_seconds=ESTIMATE_SECONDS[node.kind],
            source=old if node.kind in _ABOUT_OLD_PRIMARY else "",
        )

    return tuple(step(node) for node in nodes)


_ABOUT_OLD_PRIMARY = frozenset(
    {StepKind.FENCE, StepKind.WITHDRAW, StepKind.EXPIRE, StepKind.CONSENSUS, StepKind.RESTORE}
)


def _before(estate: Estate, node: _Node, nodes: Sequence[_Node], *, planned: bool) -> set[str]:
    """Ids before ``node``, also of steps that this story may not have."""

    def every(*kinds: StepKind) -> set[str]:
        return {each.id for each in nodes if each.kind in kinds}

    before: set[str] = set()  # fence, withdrawal and replicas may begin at once
    match node.kind:
        case StepKind.EXPIRE | StepKind.CONSENSUS:
            before = every(StepKind.FENCE, StepKind.WITHDRAW)
        case StepKind.HANDOVER:
            before = every(StepKind.READY)
        case StepKind.PRIMARY:
            before = every(StepKind.EXPIRE, StepKind.CONSENSUS, StepKind.HANDOVER)
        case StepKind.RESTORE:
            before = every(StepKind.PRIMARY) | {f"{StepKind.WITHDRAW}/{node.subject}"}
        case StepKind.READY:
            before = _before_ready(estate, node, planned=planned)
            before |= set() if planned else every(StepKind.PRIMARY)
        case StepKind.NAME:
            needs = estate.workload(node.subject).depends_on if planned else ()
            before = {f"{StepKind.READY}/{node.subject}"} | every(StepKind.PRIMARY)
            before |= {f"{StepKind.NAME}/{name}" for name in needs}
        case StepKind.STOP:
            before = every(StepKind.NAME)
        case StepKind.EVIDENCE:
            before = {each.id for each in nodes}
    return before


def _before_ready(estate: Estate, node: _Node, *, planned: bool) -> set[str]:
    """Its replicas, and what it depends on: ready and, when all were down, named too."""
    kinds = (StepKind.READY,) if planned else (StepKind.READY, StepKind.NAME)
    needs = estate.workload(node.subject).depends_on
    return {f"{kind}/{name}" for kind in kinds for name in needs} | {
        f"{StepKind.START}/{node.subject}"
    }
