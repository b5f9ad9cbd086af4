"""Which steps a phase of a migration has, and which before which.

The forward phases are tables. What a rollback has to undo follows from the records: a fence that
was intended may have happened, so its undoing is always among the steps. A step here must be one
that may be taken twice (``hospital/migration.py``, M3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hospital.move import Act, Method, Phase
from hospital.story import StepRecord, StepState

SETTLED = frozenset({StepState.DONE, StepState.SKIPPED})

Route = Mapping[Act, frozenset[Act]]  # each step with those that come before it, in order


def _in_turn(*acts: Act) -> dict[Act, frozenset[Act]]:
    return {
        act: frozenset({before} if before else ())
        for before, act in zip((None, *acts), acts, strict=False)
    }


_FORWARD: Mapping[Method, Mapping[Phase, Route]] = {
    Method.LOGICAL: {
        Phase.PRECHECK: _in_turn(Act.CHECK),
        Phase.SYNC: _in_turn(Act.PREPARE, Act.COPY, Act.BUILD, Act.SUBSCRIBE, Act.CATCH_UP),
        Phase.REHEARSE: _in_turn(Act.CLONE, Act.START_TRIAL, Act.COMPARE, Act.END_TRIAL),
        Phase.CUTOVER: {
            **_in_turn(Act.WARM, Act.FENCE, Act.HAND_OVER, Act.OPEN),
            Act.NAME: frozenset({Act.FENCE}),  # beside the hand-over: both are in the pause
            Act.STOP: frozenset({Act.NAME, Act.OPEN}),
        },
        Phase.REVERSE: _in_turn(Act.FOLLOW),  # then a person decides how it ends
        Phase.FINALIZE: _in_turn(Act.RETIRE, Act.EVIDENCE),
    },
    Method.PHYSICAL: {
        Phase.PRECHECK: _in_turn(Act.CHECK),
        Phase.SYNC: _in_turn(Act.CATCH_UP),
        Phase.REHEARSE: _in_turn(Act.COMPARE),
        Phase.CUTOVER: _in_turn(Act.WARM, Act.HAND_OVER, Act.NAME, Act.STOP),
        Phase.FINALIZE: _in_turn(Act.EVIDENCE),
    },
}


def route(method: Method, phase: Phase, records: Iterable[StepRecord]) -> Route:
    """The steps of ``phase`` in the order of telling; empty for a phase that waits or is over."""
    if phase is Phase.ROLLBACK:
        return _back(method, tuple(records))
    return _FORWARD[method].get(phase, {})


def begun(records: Iterable[StepRecord], act: Act) -> bool:
    """Whether the effect of ``act`` may have happened."""
    return any(
        record.id == act and record.state in (StepState.INTENDED, StepState.DONE)
        for record in records
    )


def settled(records: Iterable[StepRecord], act: Act) -> bool:
    """Whether ``act`` is done or left out."""
    return any(record.id == act and record.state in SETTLED for record in records)


def _back(method: Method, records: tuple[StepRecord, ...]) -> Route:
    """What leads back, and takes down what was built; evidence last."""

    def had(act: Act) -> bool:
        return begun(records, act)

    found: dict[Act, frozenset[Act]] = {}
    if method is Method.PHYSICAL:
        if had(Act.HAND_OVER):
            found |= _in_turn(Act.WARM_BACK, Act.HAND_BACK, Act.NAME_BACK, Act.STOP_BACK)
        elif had(Act.WARM):
            found |= _in_turn(Act.STOP_BACK)
    else:
        if had(Act.FENCE):
            found |= _reopening(written=had(Act.OPEN))
        elif had(Act.WARM):
            found |= _in_turn(Act.STOP_BACK)
        if had(Act.CLONE):
            found[Act.END_TRIAL] = frozenset()
        if had(Act.PREPARE):
            found[Act.TEAR_DOWN] = frozenset(found)
    found[Act.EVIDENCE] = frozenset(found)
    return found


def _reopening(*, written: bool) -> dict[Act, frozenset[Act]]:
    """Back to a source that was fenced; ``written``: the target may hold newer writes.

    A target that was never to be opened is closed still, and need not answer.
    """
    fenced = (Act.FENCE_BACK, Act.HAND_BACK) if written else ()
    return {
        **_in_turn(Act.WARM_BACK, *fenced, Act.OPEN_BACK),
        Act.NAME_BACK: frozenset({Act.FENCE_BACK if written else Act.WARM_BACK}),
        Act.STOP_BACK: frozenset({Act.NAME_BACK, Act.OPEN_BACK}),
    }
