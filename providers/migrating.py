"""Takes one migration forward: look, decide, write the intent, act, write what came of it.

The decision is ``hospital/migration.py``'s, the acts are ``acts.py``'s; this is the loop between
them, as ``conductor.py`` is for recoveries, under the same three laws: no effect before its intent
is in the hub, every write a compare-and-swap, nothing begun by an operator that no longer leads.
An order that a person gives in between makes the write fail, and it is read before anything else.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from hospital.errors import RefusedError
from hospital.estate import Estate
from hospital.migration import TERMINAL, advance
from hospital.move import Act, Migration, MoveSeen, Phase, Rehearsal
from hospital.rehearsal import Comparison
from hospital.safeguards import skippable
from hospital.story import StepRecord, StepState
from hospital.stream import Progress
from providers.acts import ActResult, Kit, Stage, carry_out
from providers.conductor import LOOK_AGAIN_SECONDS, TRY_AGAIN_SECONDS, Crew, Word, line, news
from providers.hands import Hands, Outcome

LOG = logging.getLogger("xinglin")

TELL_SECONDS = 2.0  # how often a lag is written that changed nothing else

Key = tuple[str, Act]


@dataclass(slots=True)
class _Found:
    """What steps that ended brought, for people; written with the migration."""

    told: list[Act] = field(default_factory=list)  # whose end was read
    checks: tuple[Mapping[str, Any], ...] | None = None
    comparison: Comparison | None = None


class Mover:
    """Moves workloads from one site. One turn at a time, whoever calls."""

    def __init__(
        self,
        *,
        site: str,
        hands: Hands,
        kit: Callable[[], Kit],
        now: Callable[[], float],
        look: Callable[[Migration], tuple[Estate, MoveSeen]],
        crew: Crew,
        say: Callable[[Word], None],
        leading: Callable[[], bool] = lambda: True,
    ) -> None:
        """``look`` gives the declared estate and what is seen of a migration; ``now`` is epoch
        seconds; ``kit`` is asked at every step, since it depends on what is declared.
        """
        self._site = site
        self._hands = hands
        self._kit = kit
        self._now = now
        self._look = look
        self._crew = crew
        self._say = say
        self._leading = leading
        self._flying: dict[Key, Future[ActResult]] = {}
        self._not_before: dict[Key, float] = {}
        self._trouble: dict[Key, str] = {}
        self._progress: dict[Key, Progress] = {}
        self._told_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def turn(self, name: str) -> Migration | None:
        """Take migration ``name`` one turn forward; as it stands now, None if it is gone.

        Raises UnavailableError when the hub does not answer; then nothing new was begun.
        """
        with self._lock:
            migrations = self._hands.stories.migrations()
            migration = next((each for each in migrations if each.name == name), None)
            if migration is None or migration.phase in TERMINAL or not self._leading():
                self._abandon(name)
                return migration
        estate, seen = self._look(migration)  # takes up to a second: others need not wait for it
        with self._lock:
            return self._turn(estate, migration, seen, migrations)

    def flying(self, name: str) -> tuple[Future[ActResult], ...]:
        """Steps of migration ``name`` that are being performed now."""
        return tuple(future for key, future in self._flying.items() if key[0] == name)

    def _turn(
        self, estate: Estate, known: Migration, seen: MoveSeen, others: tuple[Migration, ...]
    ) -> Migration:
        migration, found = self._harvest(known, seen)
        course = advance(estate, migration, seen, self._now(), others=others)
        after = self._troubled(self._told(course.migration), course.take)
        if not self._record(known, after, seen, found):
            return known  # somebody wrote in between: what was gathered is harvested again
        self._forget(known.name, found.told)
        self._tell(known, after)
        for act in course.take:
            self._take(estate, after, act)
        if after.phase in TERMINAL:
            self._abandon(known.name)
        return after

    def _record(self, known: Migration, after: Migration, seen: MoveSeen, found: _Found) -> bool:
        """Write what changed; False if another was first. A lag alone is written now and then."""
        due = self._now() - self._told_at.get(known.name, 0.0) >= TELL_SECONDS
        if after == known and not due:
            return True
        try:
            self._hands.stories.record_migration(
                after, seen=seen, checks=found.checks, comparison=found.comparison
            )
        except RefusedError as error:
            LOG.info("%s: %s", known.name, error)
            return False
        self._told_at[known.name] = self._now()
        return True

    def _harvest(self, migration: Migration, seen: MoveSeen) -> tuple[Migration, _Found]:
        """The migration with the results of steps that ended."""
        found = _Found()
        for record in migration.records:
            act = Act(record.id)
            future = self._flying.get((migration.name, act))
            if future is None or not future.done():
                continue
            found.told.append(act)
            if record.state is StepState.INTENDED:  # else another operator has told its end
                migration = self._judged(migration, record, future.result(), seen, found)
        # What a phase that was left had begun is nobody's any more.
        here = {Act(record.id) for record in migration.records}
        lost = [act for name, act in self._flying if name == migration.name and act not in here]
        found.told += [act for act in lost if self._flying[migration.name, act].done()]
        return migration, found

    def _judged(
        self,
        migration: Migration,
        record: StepRecord,
        result: ActResult,
        seen: MoveSeen,
        found: _Found,
    ) -> Migration:
        act, now = Act(record.id), self._now()
        key = (migration.name, act)
        self._trouble.pop(key, None)
        self._progress.pop(key, None)
        if result.outcome is Outcome.PENDING:
            self._not_before[key] = now + LOOK_AGAIN_SECONDS
            return migration
        if result.outcome is Outcome.IMPOSSIBLE:
            reason = skippable(migration, act, seen)
            if not reason:
                self._not_before[key] = now + TRY_AGAIN_SECONDS
                self._trouble[key] = result.detail
                return _with(migration, replace(record, detail=result.detail))
            left = replace(record, state=StepState.SKIPPED, ended=now, detail=reason)
            return _with(migration, left)
        done = replace(record, state=StepState.DONE, ended=now, by=self._site, detail=result.detail)
        return _learnt(_with(migration, done), result, now, found)

    def _told(self, migration: Migration) -> Migration:
        """How far its copies are, by whole percents."""
        for (name, act), progress in list(self._progress.items()):
            known = next((each for each in migration.records if each.id == act), None)
            if name != migration.name or known is None or not progress.total_bytes:
                continue
            if known.state is StepState.INTENDED:
                percent = 100 * progress.done_bytes // progress.total_bytes
                told = f"{percent} % of {progress.total_bytes >> 20} MiB"
                migration = _with(migration, replace(known, detail=told))
        return migration

    def _troubled(self, migration: Migration, take: tuple[Act, ...]) -> Migration:
        """What keeps a step from being done is what a person must read first."""
        trouble = [
            f"{act}: {self._trouble[migration.name, act]}"
            for act in take
            if (migration.name, act) in self._trouble
        ]
        return (
            replace(migration, message="; ".join(trouble), blocked=True) if trouble else migration
        )

    def _take(self, estate: Estate, migration: Migration, act: Act) -> None:
        key = (migration.name, act)
        if key in self._flying or self._now() < self._not_before.get(key, 0.0):
            return
        self._flying[key] = self._crew.submit(self._performance(estate, migration, act))

    def _performance(
        self, estate: Estate, migration: Migration, act: Act
    ) -> Callable[[], ActResult]:
        def tell(progress: Progress) -> None:
            self._progress[migration.name, act] = progress

        def perform() -> ActResult:
            if not self._leading():
                return ActResult(Outcome.PENDING, "leadership was lost")
            try:
                kit = self._kit()
                stage = Stage(migration, estate, self._hands, kit, self._now(), tell)
                return carry_out(act, stage)
            except Exception as error:
                # One step's defect must not stop the steps beside it; its record says so.
                LOG.exception("%s: %s failed for a reason nobody foresaw", migration.name, act)
                return ActResult(Outcome.IMPOSSIBLE, f"unforeseen: {error!r}")

        return perform

    def _tell(self, before: Migration, after: Migration) -> None:
        for record in news(before.records, after.records):
            self._word(after, f"Step{record.state}", line(record))
        if before.phase is not after.phase or (after.blocked and before.message != after.message):
            bad = after.blocked or after.phase in (Phase.ROLLBACK, Phase.REFUSED)
            reason = after.phase.value if before.phase is not after.phase else "Blocked"
            self._word(after, reason, after.message, warning=bad)

    def _word(self, migration: Migration, reason: str, text: str, *, warning: bool = False) -> None:
        self._say(Word(migration.name, reason, text, warning, kind="Migration"))

    def _forget(self, name: str, acts: list[Act]) -> None:
        for act in acts:
            self._flying.pop((name, act), None)

    def _abandon(self, name: str) -> None:
        """Forget what was begun of a migration that is no longer ours: others tell its end."""
        for known in (self._flying, self._not_before, self._trouble, self._progress):
            for key in [key for key in known if key[0] == name]:
                del known[key]


def _with(migration: Migration, record: StepRecord) -> Migration:
    """The migration with one record in place of its elder."""
    records = (record if each.id == record.id else each for each in migration.records)
    return replace(migration, records=tuple(records))


def _learnt(migration: Migration, result: ActResult, now: float, found: _Found) -> Migration:
    """What a check or a rehearsal says of the migration itself."""
    if result.checks is not None:
        found.checks = tuple(each.plain() for each in result.checks)
        failing = tuple(each.id for each in result.checks if each.blocks)
        migration = replace(migration, failing=failing)
    if result.comparison is not None:
        found.comparison = result.comparison
        told = Rehearsal(result.comparison.passed, now, result.comparison.summary)
        migration = replace(migration, rehearsal=told)
    return migration
