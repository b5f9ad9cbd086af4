"""What the step function answers: take steps, wait, block, refuse, or finish.

Every verdict carries the phase, the message and the complete step records that
belong into the hub *before* anything is done about it. A verdict never says that
something happened which nobody saw.
"""

from __future__ import annotations

from dataclasses import dataclass

from hospital.story import ActionPhase, Step, StepRecord


@dataclass(frozen=True, slots=True)
class Take:
    """These steps may be taken now, side by side; those already in flight are named again."""

    steps: tuple[Step, ...]
    records: tuple[StepRecord, ...]
    message: str = ""
    phase: ActionPhase = ActionPhase.RUNNING


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do until the world has moved, or until the time ``until`` (epoch seconds)."""

    reason: str
    until: float | None = None
    records: tuple[StepRecord, ...] = ()
    phase: ActionPhase = ActionPhase.RUNNING

    @property
    def message(self) -> str:
        """The reason."""
        return self.reason


@dataclass(frozen=True, slots=True)
class Block:
    """WE say no, and what a person can do; asked again, the answer may change."""

    reason_zh: str
    reason_en: str
    remedy: str
    records: tuple[StepRecord, ...] = ()
    phase: ActionPhase = ActionPhase.BLOCKED

    @property
    def message(self) -> str:
        """Both languages and the remedy."""
        return f"{self.reason_zh} / {self.reason_en} ({self.remedy})"


@dataclass(frozen=True, slots=True)
class Refuse:
    """The action makes no sense; terminal."""

    reason: str
    records: tuple[StepRecord, ...] = ()
    phase: ActionPhase = ActionPhase.REFUSED

    @property
    def message(self) -> str:
        """The reason."""
        return self.reason


@dataclass(frozen=True, slots=True)
class Finish:
    """Every step is done or skipped, evidence included; terminal."""

    records: tuple[StepRecord, ...]
    message: str
    phase: ActionPhase = ActionPhase.COMPLETED


Verdict = Take | Wait | Block | Refuse | Finish
