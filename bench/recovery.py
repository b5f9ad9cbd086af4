"""How long a database is gone, as a client sees it, and what of its promises is lost.

Each case is one fault, measured with us on duty and with Patroni alone, in turns, so that the
machine's mood falls on all of them. One client writes from outside, another one inside the site
that is lost; afterwards every acknowledged row is looked for on the new primary.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.client import Acknowledged, outage, read
from bench.declaration import RPO
from bench.figures import Lost, Measured, Target
from bench.stage import ALONE_DEFAULT, ALONE_FASTEST, OURS, Duty, Stage
from hospital.errors import UnavailableError
from providers.access import Access
from providers.rows import connected

WARM_UP = 4.0  # seconds of writes before the fault
AFTER = 3.0  # seconds of writes after the recovery
GONE_FOR = 120.0  # seconds after which a database counts as not recovered
WORKLOAD = "his"  # whose database the rows go to


@dataclass(frozen=True, slots=True)
class Case:
    """One fault, who is compared, and what is to be reached."""

    name: str
    what: str
    fault: Callable[[Stage, Duty], None]
    duties: tuple[Duty, ...]
    target: Target
    asynchronous: bool = False  # the database is declared so


CASES = (
    Case(
        "primary-host-dies",
        "client-measured RTO of the database, detection included: the primary's host is killed, "
        "its BMC answers (fence, then expire)",
        Stage.kill_host,
        (OURS, ALONE_DEFAULT),
        Target(ALONE_DEFAULT.name, 0.1),
    ),
    Case(
        "site-killed",
        "client-measured RTO of the database, detection included: every process of the home site "
        "is killed, BMCs and a store member included (withdraw, then expire)",
        Stage.kill_site,
        (OURS, ALONE_FASTEST),
        Target(ALONE_FASTEST.name, 0.25),
    ),
    Case(
        "site-cut-off",
        "client-measured RTO of the database, detection included: the home site's cable is cut "
        "while it lives on with a client inside (withdraw, then expire)",
        Stage.cut_site,
        (OURS, ALONE_FASTEST),
        Target(ALONE_FASTEST.name, 0.25),
    ),
    Case(
        "site-killed-asynchronous",
        "client-measured RTO of an asynchronous database, detection included: every process of "
        "the home site is killed; nothing may be taken early, the store's own TTL decides",
        Stage.kill_site,
        (OURS, ALONE_FASTEST),
        Target(ALONE_FASTEST.name, 1.0, plus=3.0, loss=RPO.total_seconds()),
        asynchronous=True,
    ),
    Case(
        "planned-switchover",
        "client-measured write pause of a planned switchover from home to the standby: a "
        "RecoveryAction carried out by the operators, against Patroni's own switchover",
        Stage.move_away,
        (OURS, ALONE_FASTEST),  # our own settings, so that only who moves it differs
        Target(ALONE_FASTEST.name, 1.0),
    ),
)


@dataclass(slots=True)
class Tally:
    """What a case has come to so far."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    lost: dict[str, Lost] = field(default_factory=dict)

    def add(self, duty: Duty, seconds: float, lost: Lost) -> None:
        """One run."""
        self.seconds.setdefault(duty.name, []).append(seconds)
        self.lost[duty.name] = self.lost.get(duty.name, Lost()).with_run(lost)


def measure(case: Case, stage: Stage, *, runs: int, say: Callable[[str], None]) -> Measured:
    """Play ``case`` ``runs`` times with everybody on duty in turn."""
    tally = Tally()
    stage.declare(asynchronous=case.asynchronous)
    for number in range(1, runs + 1):
        for duty in case.duties:
            seconds, lost = play(case, duty, stage)
            tally.add(duty, seconds, lost)
            say(f"{case.name} {number}/{runs} {duty.name}: {seconds:.2f} s, {lost.rows} rows lost")
    return Measured(case.name, case.what, tally.seconds, tally.lost, case.target)


def play(case: Case, duty: Duty, stage: Stage) -> tuple[float, Lost]:
    """One fault from quiet to quiet: seconds of outage, what was acknowledged and is gone."""
    stage.take_duty(duty)
    with TemporaryDirectory() as directory, clients(stage, Path(directory)) as journals:
        time.sleep(WARM_UP)
        struck = time.monotonic()
        case.fault(stage, duty)
        seconds = _recovered(journals["outside"], struck)
        time.sleep(AFTER)
        stage.mend(duty)
        if duty.operators:
            stage.settled()
        gone = [one for journal in journals.values() for one in _lost(stage, journal)]
    stage.go_home(duty)
    return seconds, span(gone, struck=struck)


def span(gone: Sequence[Acknowledged], *, struck: float) -> Lost:
    """What is gone: rows, and seconds from the first of them to the fault, or to the last."""
    if not gone:
        return Lost()
    times = [one.at for one in gone]
    return Lost(len(gone), max(struck, *times) - min(times))


@contextmanager
def clients(stage: Stage, directory: Path) -> Iterator[dict[str, Path]]:
    """One client outside and one inside the home site, writing; their journals."""
    access = Access(stage.places.access("pulumi"))
    account = _account(access)
    addresses = [stage.estate.host(name).address for name in stage.database.members]
    inside_only = addresses[:1]  # it knows its own site's member
    plans = {"outside": ((), addresses), "inside": (stage.inside_home(()), inside_only)}
    running, journals = [], {}
    for name, (prefix, members) in plans.items():
        journal = directory / f"{name}-{time.time_ns()}"
        ca = str(access.path("ca.crt"))
        words = ("--name", journal.name, "--database", account["user"], "--ca", ca)
        line = (*prefix, sys.executable, "-m", "bench.client", *members, *words)
        environment = {"PGPASSWORD": account["password"], "PYTHONPATH": ":".join(sys.path)}
        with journal.open("wb") as file:
            running.append(
                subprocess.Popen(line, stdin=subprocess.PIPE, stdout=file, env=environment)
            )
        journals[name] = journal
    try:
        yield journals
    finally:
        for process in running:
            process.communicate()  # closes its input


def _account(access: Access) -> dict[str, str]:
    account: dict[str, str] = access.document("database.json")["workloads"][WORKLOAD]
    return account


def _recovered(journal: Path, struck: float) -> float:
    """Wait until the client outside writes again elsewhere; how long it could not."""
    deadline = time.monotonic() + GONE_FOR
    while time.monotonic() < deadline:
        acknowledged = read(journal)
        late = [one for one in acknowledged if one.at > struck]
        if late and acknowledged[0].member != late[-1].member:
            seconds = outage(acknowledged, after=struck)
            if seconds is not None:
                return seconds
        time.sleep(0.1)
    raise UnavailableError("bench", f"the client did not write again within {GONE_FOR:.0f} s")


def _lost(stage: Stage, journal: Path) -> tuple[Acknowledged, ...]:
    """Acknowledged rows that the primary does not hold now.

    The journal is read first: clients go on writing while the rows are fetched.
    """
    promised = read(journal)
    leader = stage.estate.host(stage.hands.observe(stage.database).leader)
    access = Access(stage.places.access("pulumi"))
    with connected(leader, _account(access), access) as connection:
        rows = connection.execute("SELECT number FROM written WHERE client = %s", (journal.name,))
        held = {number for (number,) in rows}
    return tuple(one for one in promised if one.number not in held)
