"""How long after its database the whole hospital answers, as clients see both.

The home site is killed under two kinds of clients: one writes rows to the database directly, one
is the outpatient counter, which finds every workload by DNS and writes over HTTPS. What is
measured is the time from the first row that the new primary acknowledged to the first write that
the last of all workloads acknowledged. No peer brings a hospital's applications back, so there is
none to run beside it; the target is the project's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.client import read
from bench.figures import Lost, Measured, Target
from bench.recovery import clients
from bench.stage import OURS, PATIENCE, Stage
from console.rehearsal import Counters, absent, wait_answering
from hospital.errors import UnavailableError
from hospital.report import calls_of, outage
from providers.access import Access

NAME = "hospital-answers"
WHAT = (
    "client-measured seconds from the first row that the new primary acknowledged to the first "
    "write that the last of all eight workloads acknowledged over HTTPS: every process of the "
    "home site is killed"
)
TARGET = Target(plus=10.0)
AFTER = 3.0  # seconds of writes after everything answers


def measure(stage: Stage, *, runs: int, say: Callable[[str], None]) -> Measured:
    """Kill the home site ``runs`` times."""
    seconds: list[float] = []
    lost = Lost()
    stage.declare(asynchronous=False)
    for number in range(1, runs + 1):
        took, gone = play(stage)
        seconds.append(took)
        lost = lost.with_run(gone)
        say(f"{NAME} {number}/{runs} ours: {took:.2f} s, {gone.rows} writes lost")
    return Measured(NAME, WHAT, {"ours": seconds}, {"ours": lost}, TARGET)


def play(stage: Stage) -> tuple[float, Lost]:
    """One loss from quiet to quiet: seconds after the database, and what is gone."""
    stage.take_duty(OURS)
    with TemporaryDirectory() as directory, clients(stage, Path(directory)) as journals:
        counters = Counters(stage.estate, stage.places, Path(directory))
        try:
            counters.start_outside()
            wait_answering(counters, since=time.time(), patience=PATIENCE)
            struck, steady = time.time(), time.monotonic()
            stage.kill_site(OURS)
            wait_answering(counters, since=time.time() + AFTER, patience=PATIENCE)
            writable = struck + _first_row(journals["outside"], steady) - steady
            answered = _all_answer(counters, struck)
            stage.mend(OURS)
            stage.settled()
        finally:
            counters.stop()
        gone = _absent(stage, counters)
    stage.go_home(OURS)
    return answered - writable, gone


def _first_row(journal: Path, struck: float) -> float:
    """When the new primary acknowledged its first row, on the steady clock."""
    rows = read(journal)
    home = rows[0].member
    later = (row.at for row in rows if row.at > struck and row.member != home)
    found = next(later, None)
    if found is None:
        raise UnavailableError("bench", "the database did not come back")
    return found


def _all_answer(counters: Counters, struck: float) -> float:
    """When the last workload acknowledged its first write after its outage, epoch seconds."""
    calls, now = calls_of(counters.lines("outside")), time.time()
    ends = [struck]
    for workload in counters.estate.workloads:
        own = [call for call in calls if call.workload == workload.name]
        gap = outage(own, began=struck, until=now)
        if gap is None:
            continue
        if gap.first is None:
            raise UnavailableError(workload.name, "did not answer again")
        ends.append(gap.first)
    return max(ends)


def _absent(stage: Stage, counters: Counters) -> Lost:
    outside = counters.clients(stage.home.site)[:1]
    found = absent(stage.estate, Access(stage.places.access("counter")), outside)
    return Lost(sum(len(keys) for keys in found.values()))
