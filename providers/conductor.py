"""Takes one recovery action forward: look, decide, write the intent, act, write what came of it.

The decision is ``hospital/recovery.py``'s, the acts are ``hands.py``'s; this is the loop between
them, the same for operators and for ``xinglin simulate``. What must never happen: a side effect
before its intent is in the hub, two writers who each believe that they conduct (every write is a
compare-and-swap: the loser forgets what it thought and reads again), an act after the conductor
was told to stop.

Every turn starts from the hub, so a conductor that died is replaced by any other at any point.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from hospital.custody import held
from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Estate
from hospital.recovery import SETTLED, advance, compile_steps, judge
from hospital.story import (
    Action,
    ActionPhase,
    Seen,
    Step,
    StepKind,
    StepRecord,
    StepState,
)
from hospital.testimony import rto_seconds
from hospital.verdict import Refuse, Take, Verdict
from providers.hands import Hands, Outcome, StepResult, perform

LOG = logging.getLogger("xinglin")
_Result = TypeVar("_Result")

TERMINAL = frozenset({ActionPhase.COMPLETED, ActionPhase.REFUSED, ActionPhase.FAILED})

LOOK_AGAIN_SECONDS = 0.1  # a step that the world has not finished yet
TRY_AGAIN_SECONDS = 1.0  # a step that the world refused; a person may be mending it


class Crew(Protocol):
    """Runs steps side by side; a ``concurrent.futures.Executor``, or one that runs at once."""

    def submit(self, fn: Callable[[], _Result], /) -> Future[_Result]:
        """Run ``fn`` some time soon."""


class AtOnce:
    """A crew of one that works while you wait: for simulations, where time is played."""

    def submit(self, fn: Callable[[], _Result], /) -> Future[_Result]:
        """Run ``fn`` now."""
        done: Future[_Result] = Future()
        done.set_result(fn())
        return done


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to tell people about an action, for the log and as an Event."""

    action: str
    reason: str  # CamelCase, as Kubernetes Events have it
    message: str
    warning: bool = False
    kind: str = "RecoveryAction"  # or "Migration"


class Conductor:
    """Conducts actions from one site. One at a time per action, whoever calls."""

    def __init__(
        self,
        *,
        site: str,
        hands: Hands,
        now: Callable[[], float],
        look: Callable[[], tuple[Estate, Seen]],
        crew: Crew,
        say: Callable[[Word], None],
        leading: Callable[[], bool] = lambda: True,
    ) -> None:
        """``look`` gives the declared estate and what is seen now; ``now`` is epoch seconds."""
        self._site = site
        self._hands = hands
        self._now = now
        self._look = look
        self._crew = crew
        self._say = say
        self._leading = leading
        self._flying: dict[tuple[str, str], Future[StepResult]] = {}
        self._not_before: dict[tuple[str, str], float] = {}
        self._unfenceable: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def turn(self, name: str) -> Action | None:
        """Take action ``name`` one turn forward; as it stands now, None if it is gone.

        Raises UnavailableError when the hub does not answer; then nothing new was begun.
        """
        with self._lock:
            actions = self._hands.stories.actions()
            action = next((each for each in actions if each.name == name), None)
            if action is None or action.phase in TERMINAL or not self._leading():
                self._abandon(name)
                return action
            return self._turn(action, actions)

    def flying(self, name: str) -> tuple[Future[StepResult], ...]:
        """Steps of action ``name`` that are being performed now."""
        return tuple(future for key, future in self._flying.items() if key[0] == name)

    def _abandon(self, name: str) -> None:
        """Forget what was begun of an action that is no longer ours: others tell its end."""
        self._forget(name, tuple(step for action, step in self._flying if action == name))

    def _turn(self, action: Action, actions: tuple[Action, ...]) -> Action:
        estate, seen = self._look()
        known = action
        action, told = self._harvest(action)
        verdict = self._decide(estate, action, seen, actions)
        after = _applied(action, verdict)
        try:
            if after != known:
                self._hands.stories.record(
                    after.name,
                    records=after.records,
                    phase=after.phase.value,
                    message=after.message,
                )
        except RefusedError:
            return known  # somebody wrote in between: what we gathered is harvested again
        self._forget(action.name, told)
        self._tell(known, after)
        if isinstance(verdict, Take):
            self._take(estate, after, verdict.steps)
        if after.phase in TERMINAL:
            self._finish(after)
        return after

    def _decide(
        self, estate: Estate, action: Action, seen: Seen, actions: tuple[Action, ...]
    ) -> Verdict:
        placed = self._with_places(estate, action, seen)
        refusal = judge(estate, action, seen=placed, others=actions)
        if refusal:
            return Refuse(refusal, records=action.records)
        plan = estate.plan(action.plan)
        steps = compile_steps(estate, plan, action, placed)
        seen = self._verified(estate, action, steps, seen)
        return advance(estate, plan, action, steps, seen, self._now(), others=actions)

    def _with_places(self, estate: Estate, action: Action, seen: Seen) -> Seen:
        """What is seen, with the recorded places from which a new story begins, and who holds what.

        A story that has begun keeps its steps: no migration begins a cutover meanwhile.
        """
        if action.records:
            return seen
        places = self._hands.hub.active_sites().items()
        active = tuple((name, site) for name, site in places if "/" not in name)
        holding = held(estate, self._hands.hub.migrations())
        return replace(seen, active=active, held=tuple(sorted(holding.items())))

    def _verified(
        self, estate: Estate, action: Action, steps: tuple[Step, ...], seen: Seen
    ) -> Seen:
        """What is seen, with fences and withdrawals of this story read back at this moment.

        Only while a lease waits to be expired on the strength of them.
        """
        states = {record.id: record.state for record in action.records}
        waiting = any(
            step.kind is StepKind.EXPIRE and states.get(step.id) not in SETTLED for step in steps
        )
        done = [step for step in steps if waiting and states.get(step.id) is StepState.DONE]
        return replace(
            seen,
            fenced=frozenset(
                step.subject
                for step in done
                if step.kind is StepKind.FENCE and self._is_off(estate, step)
            ),
            withdrawn=frozenset(
                step.subject
                for step in done
                if step.kind is StepKind.WITHDRAW and self._is_withdrawn(estate, action, step)
            ),
            fence_refused=self._unfenceable.get(action.name, frozenset()),
        )

    def _is_off(self, estate: Estate, step: Step) -> bool:
        try:
            return not self._hands.power.is_on(estate.host(step.subject))
        except (UnavailableError, RefusedError):
            return False

    def _is_withdrawn(self, estate: Estate, action: Action, step: Step) -> bool:
        try:
            return self._hands.databases.withdrawn(
                estate.database(estate.plan(action.plan).database),
                candidate=estate.host(step.subject),
                from_host=estate.host(step.source),
            )
        except (UnavailableError, RefusedError):
            return False

    def _harvest(self, action: Action) -> tuple[Action, tuple[str, ...]]:
        """The action with the results of steps that ended; and which those are."""
        records, told = list(action.records), []
        for number, record in enumerate(records):
            future = self._flying.get((action.name, record.id))
            if future is None or not future.done():
                continue
            told.append(record.id)
            if record.state is not StepState.INTENDED:
                continue  # another operator has told its end
            records[number] = self._judged(action, record, future.result())
        return replace(action, records=tuple(records)), tuple(told)

    def _judged(self, action: Action, record: StepRecord, result: StepResult) -> StepRecord:
        if result.outcome is Outcome.PENDING:
            self._not_before[action.name, record.id] = self._now() + LOOK_AGAIN_SECONDS
            return record
        if result.outcome is Outcome.DONE:
            return replace(
                record,
                state=StepState.DONE,
                ended=self._now(),
                by=self._site,
                detail=result.detail,
            )
        kind, _, subject = record.id.partition("/")
        if kind == StepKind.STOP:  # the old site does not answer; its own operator stops it later
            return replace(record, state=StepState.SKIPPED, ended=self._now(), detail=result.detail)
        if kind == StepKind.FENCE:
            known = self._unfenceable.get(action.name, frozenset())
            self._unfenceable[action.name] = known | {subject}
        self._not_before[action.name, record.id] = self._now() + TRY_AGAIN_SECONDS
        return replace(record, detail=result.detail)

    def _forget(self, action: str, told: tuple[str, ...]) -> None:
        for step in told:
            self._flying.pop((action, step), None)

    def _take(self, estate: Estate, action: Action, steps: tuple[Step, ...]) -> None:
        for step in steps:
            key = (action.name, step.id)
            if key not in self._flying and self._now() >= self._not_before.get(key, 0.0):
                self._flying[key] = self._crew.submit(self._performance(estate, action, step))

    def _performance(self, estate: Estate, action: Action, step: Step) -> Callable[[], StepResult]:
        def act() -> StepResult:
            if not self._leading():
                return StepResult(Outcome.PENDING, "leadership was lost")
            now = self._now()
            try:
                return perform(step, estate=estate, hands=self._hands, action=action, now=now)
            except Exception as error:
                # One step's defect must not stop the steps beside it; its record says so.
                LOG.exception("%s: %s failed for a reason nobody foresaw", action.name, step.id)
                return StepResult(Outcome.IMPOSSIBLE, f"unforeseen: {error!r}")

        return act

    def _tell(self, before: Action, after: Action) -> None:
        for record in news(before.records, after.records):
            self._say(Word(after.name, f"Step{record.state}", line(record)))
        if before.phase is not after.phase or (
            before.message != after.message and after.phase is ActionPhase.BLOCKED
        ):
            warning = after.phase not in (ActionPhase.RUNNING, ActionPhase.COMPLETED)
            self._say(Word(after.name, after.phase.value, after.message, warning))

    def _finish(self, action: Action) -> None:
        self._unfenceable.pop(action.name, None)
        for key in [key for key in self._not_before if key[0] == action.name]:
            del self._not_before[key]
        rto = rto_seconds(action)
        if action.phase is ActionPhase.COMPLETED and rto is not None:
            self._hands.stories.set_status(
                "RecoveryAction", action.name, status={"rtoSeconds": rto, "ended": self._now()}
            )


def _applied(action: Action, verdict: Verdict) -> Action:
    records = verdict.records or action.records
    return replace(action, records=records, phase=verdict.phase, message=verdict.message)


def news(before: Iterable[StepRecord], after: Iterable[StepRecord]) -> Iterator[StepRecord]:
    """The steps that stand otherwise than before, but for those that only wait now."""
    known = {record.id: record.state for record in before}
    for record in after:
        if record.state is not StepState.WAITING and known.get(record.id) is not record.state:
            yield record


def line(record: StepRecord) -> str:
    """How a step stands, on one line."""
    took = ""
    if record.started is not None and record.ended is not None:
        took = f" after {record.ended - record.started:.2f} s"
    return f"{record.id} {record.state.lower()}{took}: {record.detail}".rstrip(": ")
