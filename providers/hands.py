"""One step of a story, carried out over the ports: what the words of the core mean in the world.

``perform`` never waits: a step that the world has not finished yet answers PENDING and is
performed again at the next turn. Every step may be performed twice, by two operators, after a
crash at any point: it looks before it acts. It decides nothing; whether a lease may be expired
is decided by ``hospital/recovery.py`` from fresh observations, and what this module adds is only
that the leader expired is the one the story is about: a new primary's lease is never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Database, Estate, Host, Workload
from hospital.steps import PLANNED
from hospital.story import Action, Step, StepKind, StepState, WorkloadSeen
from hospital.testimony import testimony
from providers.ports import (
    DatabaseHands,
    EvidenceArchive,
    EvidenceStore,
    HubStore,
    LeaseStore,
    NameHands,
    PowerHands,
    SiteProbe,
    WorkloadHands,
)


class Hands(Protocol):
    """Every port, as reached from the site of whoever acts."""

    @property
    def databases(self) -> DatabaseHands:
        """PostgreSQL under Patroni."""

    @property
    def power(self) -> PowerHands:
        """Baseboard management controllers."""

    @property
    def workloads(self) -> WorkloadHands:
        """Workloads at their sites, as pods or on hosts."""

    @property
    def names(self) -> NameHands:
        """DNS answers."""

    @property
    def hub(self) -> HubStore:
        """Declarations and actions."""

    @property
    def stories(self) -> HubStore:
        """The hub once more, for the conductor alone: its compare-and-swap must compare with
        what the conductor read, not with what anybody else of this process read since.
        """

    @property
    def leases(self) -> LeaseStore:
        """Heartbeats and leadership."""

    @property
    def evidence(self) -> EvidenceStore:
        """The chain of records."""

    @property
    def archive(self) -> EvidenceArchive:
        """Copies of the chain outside the hub."""

    @property
    def probe(self) -> SiteProbe:
        """Whether another site answers."""


class Outcome(StrEnum):
    """What came of performing a step once."""

    DONE = "done"  # verified
    PENDING = "pending"  # not yet: perform it again at the next turn
    IMPOSSIBLE = "impossible"  # the world said no; the story has to go another way


@dataclass(frozen=True, slots=True)
class StepResult:
    """The outcome of one performance, with what was seen, for the record and the log."""

    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class _Stage:
    """What a step acts on."""

    step: Step
    estate: Estate
    hands: Hands
    action: Action
    now: float

    @property
    def database(self) -> Database:
        """The plan's database."""
        return self.estate.database(self.estate.plan(self.action.plan).database)

    @property
    def member(self) -> Host:
        """The database member at the step's site."""
        for name in self.database.members:
            host = self.estate.host(name)
            if host.site == self.step.site:
                return host
        raise RefusedError(self.step.site, f"holds no member of {self.database.name}")


def perform(step: Step, *, estate: Estate, hands: Hands, action: Action, now: float) -> StepResult:
    """Carry out ``step`` of ``action`` once; ``now`` is seconds since the epoch.

    Never raises UnavailableError or RefusedError: both become an outcome with its reason.
    """
    try:
        return _PERFORMERS[step.kind](_Stage(step, estate, hands, action, now))
    except UnavailableError as error:
        lost = step.kind in (StepKind.FENCE, StepKind.STOP)
        return StepResult(Outcome.IMPOSSIBLE if lost else Outcome.PENDING, str(error))
    except RefusedError as error:
        return StepResult(Outcome.IMPOSSIBLE, str(error))


def _fence(stage: _Stage) -> StepResult:
    host = stage.estate.host(stage.step.subject)
    stage.hands.power.power_off(host)
    return _done(f"{host.id} is off, read back")


def _withdraw(stage: _Stage) -> StepResult:
    candidate = stage.estate.host(stage.step.subject)
    primary = stage.estate.host(stage.step.source)
    stage.hands.databases.withdraw(stage.database, candidate=candidate, from_host=primary)
    return _done(f"{candidate.id} receives nothing from {primary.id}")


def _expire(stage: _Stage) -> StepResult:
    old = stage.step.source
    seen = stage.hands.databases.observe(stage.database)
    if seen.leader != old:
        return _done(f"the lease of {old} is gone; the store names {seen.leader or 'nobody'}")
    withdrawn = _settled(stage.action, StepKind.WITHDRAW)
    fenced = old in _settled(stage.action, StepKind.FENCE)
    judged = seen.synchronous and set(seen.synchronous) <= withdrawn
    if withdrawn and not fenced and not judged:
        named = ", ".join(seen.synchronous) or "nobody"
        return StepResult(Outcome.PENDING, f"/sync names {named} now")
    stage.hands.databases.expire(
        stage.database, leader=seen.leader, lease=seen.lease, synchronous=seen.synchronous
    )
    return _done(f"revoked lease {seen.lease} of {old}")


def _settled(action: Action, kind: StepKind) -> frozenset[str]:
    """What this story fenced or withdrew: that on which the judgement rests."""
    prefix = f"{kind}/"
    return frozenset(
        record.id.removeprefix(prefix)
        for record in action.records
        if record.id.startswith(prefix) and record.state is StepState.DONE
    )


def _consensus(stage: _Stage) -> StepResult:
    old = stage.step.source
    seen = stage.hands.databases.observe(stage.database)
    if seen.leader and (seen.leader != old or seen.writable == old):
        return _done(f"the store names {seen.leader}")
    return StepResult(Outcome.PENDING, f"the store still names {seen.leader or 'nobody'}")


def _hand_over(stage: _Stage) -> StepResult:
    target = stage.member
    token = stage.hands.databases.switchover(stage.database, target=target)
    return _done(f"{target.id} took over at timeline {token.timeline}, {token.lsn}")


def _primary(stage: _Stage) -> StepResult:
    seen = stage.hands.databases.observe(stage.database)
    if not seen.writable or seen.writable != seen.leader:
        return StepResult(Outcome.PENDING, f"leader is {seen.leader or 'nobody'}, not writable")
    stage.hands.hub.set_active(subject=f"database/{stage.database.name}", site=seen.writable)
    return _done(f"{seen.writable} accepts writes")


def _restore(stage: _Stage) -> StepResult:
    candidate = stage.estate.host(stage.step.subject)
    old = stage.estate.host(stage.step.source)
    stage.hands.databases.restore(stage.database, candidate=candidate, from_host=old)
    return _done(f"{candidate.id} may receive from {old.id} again")


def _first(stage: _Stage, workload: Workload) -> int:
    """The replicas that a story waits for: all of a planned move, which has the time.

    A lost hospital starts everywhere at once, and what counts is when the first of each answers;
    the others follow when it is named.
    """
    return workload.replicas if stage.action.kind in PLANNED else min(1, workload.replicas)


def _asked_for(stage: _Stage) -> WorkloadSeen:
    """The workload at the step's site, with at least as many replicas asked for as the story needs.

    What runs already is never taken back: a step may be performed again after others.
    """
    workload, site = stage.estate.workload(stage.step.subject), stage.step.site
    seen = stage.hands.workloads.observe(workload, site=site)
    first = _first(stage, workload)
    if seen.replicas >= first:
        return seen
    stage.hands.workloads.scale(workload, site=site, replicas=first)
    return replace(seen, replicas=first)


def _start(stage: _Stage) -> StepResult:
    workload, seen = stage.estate.workload(stage.step.subject), _asked_for(stage)
    return _done(f"{seen.replicas} of {workload.replicas} replicas asked for at {seen.site}")


def _ready(stage: _Stage) -> StepResult:
    """Asks again for what was stopped since it was started: else the story would wait for ever."""
    workload, seen = stage.estate.workload(stage.step.subject), _asked_for(stage)
    text = f"{seen.ready} of {seen.replicas} ready at {seen.site}"
    ready = seen.ready >= _first(stage, workload)
    return _done(text) if ready else StepResult(Outcome.PENDING, text)


def _name(stage: _Stage) -> StepResult:
    workload = stage.estate.workload(stage.step.subject)
    taken = stage.hands.names.point(
        stage.estate.host_name(workload.name),
        address=stage.estate.site(stage.step.site).endpoints.ingress,
        servers=[site.endpoints.dns for site in stage.estate.sites if site.endpoints.dns],
    )
    stage.hands.hub.set_active(subject=workload.name, site=stage.step.site)
    stage.hands.workloads.scale(workload, site=stage.step.site, replicas=workload.replicas)
    return _done(f"answers {stage.step.site} at {', '.join(taken)}")


def _stop(stage: _Stage) -> StepResult:
    workload = stage.estate.workload(stage.step.subject)
    stage.hands.workloads.scale(workload, site=stage.step.site, replicas=0)
    return _done(f"no replicas at {stage.step.site}")


def _evidence(stage: _Stage) -> StepResult:
    number = stage.hands.evidence.append(testimony(stage.action, now=stage.now))
    return _done(f"evidence {number}")


def _done(detail: str) -> StepResult:
    return StepResult(Outcome.DONE, detail)


_PERFORMERS: Mapping[StepKind, Callable[[_Stage], StepResult]] = {
    StepKind.FENCE: _fence,
    StepKind.WITHDRAW: _withdraw,
    StepKind.EXPIRE: _expire,
    StepKind.CONSENSUS: _consensus,
    StepKind.HANDOVER: _hand_over,
    StepKind.PRIMARY: _primary,
    StepKind.START: _start,
    StepKind.READY: _ready,
    StepKind.NAME: _name,
    StepKind.STOP: _stop,
    StepKind.RESTORE: _restore,
    StepKind.EVIDENCE: _evidence,
}
