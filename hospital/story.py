"""A recovery told as steps: the vocabulary that the plan, the operators and the evidence share.

A *story* is one ``RecoveryAction`` with its steps. The plan of steps is compiled
by ``hospital/recovery.py``; hands carry them out (``providers/hands.py``); the hub
keeps the records, so that any operator can go on from any step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActionKind(StrEnum):
    """What a person or the operators ask for."""

    FAILOVER = "failover"  # the home is lost: bring its workloads up at a standby
    SWITCHOVER = "switchover"  # planned move, nothing is lost
    FAILBACK = "failback"  # switchover to the plan's home


class ActionPhase(StrEnum):
    """Where a RecoveryAction stands. Terminal phases have no successor."""

    PENDING = "Pending"  # accepted by the API, not yet judged; → Running, Blocked, Refused
    RUNNING = "Running"  # steps are being taken; → Completed, Blocked, Failed
    BLOCKED = "Blocked"  # WE say no, see the reason; → Running when the reason is gone or accepted
    REFUSED = "Refused"  # makes no sense (unknown plan, opposite action running); terminal
    FAILED = "Failed"  # the world said no for good; terminal, a new action may be asked for
    COMPLETED = "Completed"  # all steps done, evidence written; terminal


class StepKind(StrEnum):
    """Every kind of step, in the order in which a story may meet them."""

    FENCE = "FenceHost"  # BMC power off of the old primary's host, read back
    WITHDRAW = "WithdrawAcknowledgement"  # synchronous candidates stop receiving, verified
    EXPIRE = "ExpireLease"  # revoke the old leader's lease in the store
    CONSENSUS = "AwaitConsensus"  # no fence, no withdrawal: Patroni's own TTL decides
    HANDOVER = "HandOver"  # planned: the primary hands over its token (timeline, LSN)
    PRIMARY = "AwaitPrimary"  # the target accepts writes
    START = "StartWorkload"  # first replica at the target (planned: all); harmless before its turn
    READY = "AwaitWorkload"  # the workload answers at the target, in dependency order
    NAME = "SwitchName"  # the DNS answer points at the target, which gets all replicas
    STOP = "StopWorkload"  # replicas at the old site to zero, when it answers; never needed
    RESTORE = "RestoreReception"  # lift the withdrawal once the new primary accepts writes
    EVIDENCE = "RecordEvidence"  # chained, signed record of the whole story


class StepState(StrEnum):
    """Where one step stands."""

    WAITING = "Waiting"  # its predecessors are not done; → INTENDED, DONE (seen), SKIPPED
    INTENDED = "Intended"  # intent is in the hub, the effect may have happened; → DONE, SKIPPED
    DONE = "Done"  # verified; terminal
    SKIPPED = "Skipped"  # not needed, with the reason; terminal


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a story; ``after`` names the steps that must be done before it."""

    id: str  # unique in the story: "<kind>/<subject>", for example "StartWorkload/his"
    kind: StepKind
    subject: str  # workload, database or host id
    site: str  # the site whose hands act, or that the subject moves to
    after: frozenset[str]
    estimate_seconds: float  # measured earlier; the clock of a simulation and the cost in a dry run
    source: str = ""  # database steps: host id of the old primary; StopWorkload: nothing


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What the hub knows of one step; times are seconds since the epoch."""

    id: str
    state: StepState
    started: float | None = None
    ended: float | None = None
    by: str = ""  # the operator that acted
    detail: str = ""
    site: str = ""  # of its step: with the id, all that is needed to compile the story again


@dataclass(frozen=True, slots=True)
class Action:
    """A RecoveryAction as the core sees it."""

    name: str
    plan: str
    kind: ActionKind
    target: str  # site; "" lets placement choose among the plan's standbys
    reason: str
    requested_by: str  # a person, or "operator/<site>" for automatic action
    requested_at: float
    accept_loss: bool = False  # a person accepts loss above the declared RPO, by name and reason
    phase: ActionPhase = ActionPhase.PENDING
    message: str = ""
    records: tuple[StepRecord, ...] = ()


# Observations: what hands saw, as plain values. Absent means "nobody could see it".


@dataclass(frozen=True, slots=True)
class SiteSeen:
    """What one observer (an operator at another site) sees of a site."""

    site: str
    observer: str  # the observer's site
    reachable: bool  # its hub API server or its site API server accepted a connection
    silent_seconds: float  # age of the site's own heartbeat Lease in the hub


@dataclass(frozen=True, slots=True)
class HostSeen:
    """What one observer sees of a database host."""

    host: str
    observer: str
    reachable: bool  # it lives on the network
    silent_seconds: float = 0.0  # since it last answered this observer


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """A database cluster as its store and its members say."""

    database: str
    leader: str  # host id that holds the leader key; "" for none
    lease: str  # the leader key's lease id, hexadecimal; "" for none
    synchronous: tuple[str, ...]  # host ids in Patroni's /sync key, all that may be promoted
    writable: str  # host id that accepts writes now, as asked directly; "" for none
    lag_seconds: float | None  # of the best candidate, last known; None if unknown
    lags: tuple[tuple[str, float], ...] = ()  # (host id, seconds behind) of standbys that answered


@dataclass(frozen=True, slots=True)
class WorkloadSeen:
    """A workload at one site."""

    workload: str
    site: str
    replicas: int
    ready: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that the deciding operator knows at one moment."""

    quorum: bool  # the hub accepted a write within the last lease period
    sites: tuple[SiteSeen, ...] = ()
    hosts: tuple[HostSeen, ...] = ()
    databases: tuple[DatabaseSeen, ...] = ()
    workloads: tuple[WorkloadSeen, ...] = ()
    names: tuple[tuple[str, str], ...] = ()  # (workload, site its DNS answer points at)
    fenced: frozenset[str] = frozenset()  # host ids whose power was read back as off
    # Host ids verified, now, to receive nothing from the old primary:
    withdrawn: frozenset[str] = frozenset()
    fence_refused: frozenset[str] = frozenset()  # host ids whose BMC did not answer or did not obey
    active: tuple[tuple[str, str], ...] = ()  # (workload, site where it runs now), from the hub
    held: tuple[tuple[str, str], ...] = ()  # (workload, migration that holds it), of new stories
