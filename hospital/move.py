"""A migration told as steps: the words that operators, console and evidence share.

A *migration* moves one workload to another site for good: ``Precheck → Sync → Rehearse → Cutover →
ReverseSync → Finalize``, and ``Rollback`` from every phase before ``Finalize``. What comes next is
decided in ``hospital/migration.py``; hands carry steps out; the hub keeps the records, so that any
operator can go on from any step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hospital.story import StepRecord


class Method(StrEnum):
    """How the data get there."""

    PHYSICAL = "physical"  # the workload's own cluster has a member at the target: streaming
    LOGICAL = "logical"  # another cluster: other architecture, C library or major version


class Phase(StrEnum):
    """Where a Migration stands. Terminal phases have no successor."""

    PENDING = "Pending"  # accepted by the API, not yet judged; → PRECHECK, REFUSED
    PRECHECK = "Precheck"  # facts are gathered and judged; → SYNC, ROLLBACK
    SYNC = "Sync"  # first copy, then changes follow; → REHEARSE, CUTOVER, ROLLBACK, SYNC anew
    REHEARSE = "Rehearse"  # on a clone, business goes on; → SYNC, ROLLBACK
    CUTOVER = "Cutover"  # the right to write changes hands; → REVERSE, ROLLBACK
    REVERSE = "ReverseSync"  # changes flow back to the source; → FINALIZE, ROLLBACK
    FINALIZE = "Finalize"  # the way back is taken down: the point of no return; → COMPLETED
    ROLLBACK = "Rollback"  # back to the source, then everything is taken down; → ROLLED_BACK
    COMPLETED = "Completed"  # the workload lives at the target, evidence written; terminal
    ROLLED_BACK = "RolledBack"  # it lives at the source, evidence written; terminal
    REFUSED = "Refused"  # makes no sense; terminal


class Verb(StrEnum):
    """What a person orders of a migration that has begun."""

    REHEARSE = "rehearse"
    CUTOVER = "cutover"
    ROLLBACK = "rollback"
    FINALIZE = "finalize"


class Act(StrEnum):
    """Every kind of step, in the order in which a migration may meet them."""

    CHECK = "RunPrechecks"  # gather facts and judge them
    PREPARE = "PrepareTarget"  # the schema at the target, without indexes
    COPY = "CopyData"  # one consistent snapshot, from which the stream will go on
    BUILD = "BuildIndexes"  # indexes, constraints, triggers, statistics
    SUBSCRIBE = "Subscribe"  # changes since the snapshot begin to flow
    CATCH_UP = "CatchUp"  # the target lags by no more than the bound
    CLONE = "CloneData"  # a database of its own for the rehearsal
    START_TRIAL = "StartRehearsal"  # the workload at the target on the clone, isolated
    COMPARE = "Compare"  # rows and latencies, source against target
    END_TRIAL = "EndRehearsal"  # nothing of the rehearsal is left running
    WARM = "StartTarget"  # replicas at the target; they wait for their database
    FENCE = "FenceSource"  # the source accepts no write any more, verified
    HAND_OVER = "HandOver"  # the target holds everything, and what the stream does not carry
    NAME = "SwitchName"  # the DNS answer points at the target
    OPEN = "OpenTarget"  # the target accepts writes
    FOLLOW = "FollowTarget"  # the source receives what is written at the target
    STOP = "StopSource"  # replicas at the source to zero
    RETIRE = "RetireSource"  # slots, subscriptions and the way back are taken down
    WARM_BACK = "StartSource"
    FENCE_BACK = "FenceTarget"  # the target accepts no write any more, verified
    HAND_BACK = "HandBack"  # the source holds everything that was written at the target
    NAME_BACK = "SwitchNameBack"
    OPEN_BACK = "OpenSource"  # the source accepts writes again
    STOP_BACK = "StopTarget"
    TEAR_DOWN = "TearDown"  # stream and copy are removed from both ends
    EVIDENCE = "RecordEvidence"  # chained, signed record of the whole migration


@dataclass(frozen=True, slots=True)
class Order:
    """What a person ordered, by name and reason."""

    verb: Verb
    by: str
    reason: str
    at: float  # epoch seconds; also tells one order from the next
    force: bool = False  # without a rehearsal, in a freeze window, before the soak has ended
    accept_loss: bool = False  # rollback although the target's last writes cannot be had


@dataclass(frozen=True, slots=True)
class Override:
    """A failing precheck that a person takes on, by name and reason."""

    check: str  # id of the precheck
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How the last rehearsal ended."""

    passed: bool
    at: float  # epoch seconds
    summary: str  # rows compared and differing, p95 against the source's


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a migration may cost, and when it may go on."""

    lag_seconds: float = 5.0  # a cutover begins only below it
    soak_seconds: float = 24 * 3600.0  # between cutover and finalize
    throttle_bytes_per_second: int = 0  # of the first copy, at most; 0: what the link gives
    slowdown_percent: int = 10  # of writes at the source by the first copy; 0: no regard for them
    pause_seconds: float = 30.0  # a fence that stands longer without a hand-over is taken back
    retained_bytes: int = 2 << 30  # of write-ahead log kept for the stream: above it, safe stop


@dataclass(frozen=True, slots=True)
class Migration:
    """A Migration as the core sees it."""

    name: str
    workload: str
    source: str  # site
    target: str  # site
    method: Method
    database: str  # cluster that holds the data at the target
    reason: str
    requested_by: str
    requested_at: float  # epoch seconds
    bounds: Bounds = Bounds()
    overrides: tuple[Override, ...] = ()
    order: Order | None = None  # the last one given
    phase: Phase = Phase.PENDING
    since: float = 0.0  # epoch seconds at which the phase was entered
    message: str = ""
    blocked: bool = False  # it goes on only when a person, or the world, changes something
    obeyed: float = 0.0  # ``at`` of the last order that was taken up or turned down
    failing: tuple[str, ...] = ()  # ids of blocking prechecks that failed when last run
    rehearsal: Rehearsal | None = None
    records: tuple[StepRecord, ...] = ()


class Stream(StrEnum):
    """How the changes flow from the end that is open to the other."""

    NONE = "none"  # not made yet, or taken down
    FLOWING = "flowing"
    STALLED = "stalled"  # it is there and does not move: an end or the link is away, or it errs
    LOST = "lost"  # the slot is gone or invalid: only a new copy helps


@dataclass(frozen=True, slots=True)
class MoveSeen:
    """Everything that the deciding operator knows of a migration at one moment.

    None means that nobody could see it, never that it is good.
    """

    quorum: bool
    source_open: bool | None = None  # the workload's role may log in at the source
    target_open: bool | None = None
    target_off: bool = False  # the target's database host was read back as powered off
    stream: Stream = Stream.NONE
    lag_seconds: float | None = None
    lag_bytes: int | None = None
    retained_bytes: int | None = None
    write_bytes_per_second: float | None = None  # at the end that is open
    apply_bytes_per_second: float | None = None  # at the other
    differing: tuple[str, ...] = ()  # tables whose definition differs between the ends
    errors: tuple[str, ...] = ()  # why the stream does not move
    lost_sites: frozenset[str] = frozenset()
    recovering: str = ""  # the unfinished RecoveryAction that touches the workload
    frozen: str = ""  # the freeze window that is open now
