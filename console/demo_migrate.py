"""``make demo-migrate``: HIS moves to the cloud and home, and from x86 to ARM, under load.

Each move on the real parts, by the orders that ``xinglin migrate`` gives: start, rehearse, cut
over, roll back, again, finalize. A client at the desk writes orders over HTTP all the time, and at
the end every write that it was promised is looked for in the hospital. It ends with everything
stopped, also after an error or Ctrl-C at any point, and with exit code 1 if a write is lost.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from console import compared, forecast, ledger, orders
from console.demo import SIMULATED, Demo, run
from console.evidence import check
from console.following import follow
from console.moves import pause_seconds
from console.outcome import Exit
from console.rehearsal import absent, wait_answering
from hospital.errors import RefusedError, UnavailableError
from hospital.migration import TERMINAL
from hospital.move import Act, Bounds, Migration, Order, Verb
from hospital.proposal import proposed
from hospital.report import Call, Client, calls_of
from lab import root
from lab.places import CHECKOUT
from providers.access import Access
from providers.ports import HubStore

WHAT = "his"
HOME, CLOUD, ARM = "campus-x86", "cloud", "campus-arm"
BUILD = CHECKOUT / "build" / "demo-migrate"
PATIENCE = 600.0  # seconds for one order: the ARM campus is emulated
QUIET_SECONDS = 3.0  # before and after an order, so that its leg holds undisturbed writes too
BOUNDS = Bounds(soak_seconds=2.0)
REASON = "demonstration / 演示"


@dataclass(slots=True)
class Moving:
    """The demo's migrations and the legs that its client lived."""

    demo: Demo
    legs: list[ledger.Leg] = field(default_factory=list)

    def plan(self, to: str) -> None:
        """What it would be; nothing is written."""
        found = forecast.look(self.demo.desk("sre"), WHAT, to)
        self.demo.screen.print(forecast.render(found))
        if not forecast.may_begin(found):
            raise RefusedError(f"plan {WHAT} → {to}", "a check is in the way, see above")

    def start(self, to: str) -> str:
        """Begin, until the target is in step; the migration's name."""
        desk = self.demo.desk("sre")
        hub = desk.hub()
        earlier = hub.migrations()
        active = hub.active_sites()[WHAT]
        move = proposed(desk.declared(), WHAT, to, active=active, earlier=earlier)
        wanted = orders.asked(move, reason=REASON, bounds=BOUNDS, checks=(), earlier=earlier)
        title = f"start {move.source} → {to}"
        self._begin(title)
        hub.create_migration(wanted)
        self._settle(wanted, title)
        return wanted.name

    def give(self, name: str, verb: Verb) -> Migration:
        """Give one order, follow it, and see who answers the client afterwards."""
        hub = self.demo.desk("sre").hub()
        known = orders.unfinished(hub.migrations(), name)
        order = orders.ordered(known, verb, reason=REASON)
        time.sleep(QUIET_SECONDS)
        title = f"{verb} {known.source} → {known.target}"
        self._begin(title)
        hub.order(name, order)
        migration = self._settle(known, title, order=order)
        if verb in (Verb.CUTOVER, Verb.ROLLBACK):
            site = known.target if verb is Verb.CUTOVER else known.source
            self._answered_by(site, since=time.time())
            self._tell(migration)
        return migration

    def there_and_back(self, to: str, *, report: bool = False) -> None:
        """Start, rehearse, cut over, roll back."""
        name = self.start(to)
        self.give(name, Verb.REHEARSE)
        if report:
            self._report(name)
        self.give(name, Verb.CUTOVER)
        self.give(name, Verb.ROLLBACK)

    def for_good(self, to: str) -> None:
        """Start, rehearse, cut over, finalize."""
        name = self.start(to)
        self.give(name, Verb.REHEARSE)
        self.give(name, Verb.CUTOVER)
        self.give(name, Verb.FINALIZE)

    def account(self) -> bool:
        """Every acknowledged write, looked for in the hospital; whether all are there."""
        client = Client("outside", "", calls_of(self.demo.counters.lines("outside")))
        access = Access(self.demo.places.access("counter"))
        missing = absent(self.demo.estate, access, (client,))
        lost = {name: keys for name, keys in missing.items() if keys}
        mine = self._mine(client.calls)
        found = ledger.entries(self.legs, mine, missing.get(WHAT, frozenset()))
        self.demo.screen.print(ledger.table(found))
        promised = {call.key for call in client.calls if call.acknowledged}
        self.demo.say(
            f"八个系统确认的写入 / acknowledged writes of all workloads: {len(promised)}; "
            f"丢失 / lost: {sum(map(len, lost.values()))}"
        )
        for name, keys in lost.items():
            self.demo.say(f"[red]{name}[/]: {', '.join(sorted(keys)[:5])}")
        _write({"legs": [asdict(one) for one in found], "promised": len(promised),
                "lost": {name: sorted(keys) for name, keys in lost.items()},
                "simulated": [{"zh": zh, "en": en} for zh, en in SIMULATED]})  # fmt: skip
        return not lost

    def evidence(self) -> None:
        """The chain is whole and tells of every migration that ended."""
        entries, problems = check(self.demo.desk("auditor"))
        if problems:
            raise RefusedError("evidence", "; ".join(problems))
        ended = [each.name for each in self.demo.desk("sre").hub().migrations()
                 if each.phase in TERMINAL]  # fmt: skip
        for name in ended:
            if not any(f'"migration/{name}"'.encode() in entry.body for entry in entries):
                raise RefusedError("evidence", f"nothing is said of {name}")
        self.demo.say(f"证据链完整 / the chain of evidence is whole: {len(entries)} records")

    def _settle(self, known: Migration, title: str, *, order: Order | None = None) -> Migration:
        """Follow to the end; RefusedError when it did not end as ordered."""
        desk, deadline = self.demo.desk("sre"), time.monotonic() + PATIENCE

        def hub() -> HubStore:
            if time.monotonic() > deadline:
                raise RefusedError(known.name, f"{title} did not end in {PATIENCE:.0f} s")
            return desk.hub()

        migration, code = follow(
            hub, known.name, screen=self.demo.screen, order=order, before=known.rehearsal
        )
        self.legs[-1] = replace(self.legs[-1], ended=time.time())
        if code is not Exit.OK:
            raise RefusedError(known.name, f"{title}: {migration.phase}: {migration.message}")
        return migration

    def _begin(self, title: str) -> None:
        now = time.time()
        self.legs.append(ledger.Leg(title, now, now))

    def _answered_by(self, site: str, *, since: float) -> None:
        """Until the client's writes are acknowledged by ``site``, by the DNS name alone."""
        deadline = time.monotonic() + PATIENCE
        while True:
            calls = self._mine(calls_of(self.demo.counters.lines("outside")))
            if any(
                call.acknowledged and call.site == site and call.began > since for call in calls
            ):
                time.sleep(QUIET_SECONDS)
                return
            if time.monotonic() > deadline:
                raise UnavailableError(site, "acknowledged no write after the switch")
            time.sleep(0.5)

    def _tell(self, migration: Migration) -> None:
        """What the client felt, what the steps took, and that ids go on where they were."""
        lines, leg = self.demo.counters.lines("outside"), self.legs[-1]
        felt = ledger.pause(self._mine(calls_of(lines)), leg)
        own = pause_seconds(migration)
        self.demo.say(
            f"[bold]停写 / writes paused[/]: 客户端 / client {_seconds(felt)}, "
            f"步骤 / its steps {_seconds(own)}"
        )
        ids = ledger.sequences([dict(line) for line in lines if line.get("workload") == WHAT], leg)
        if ids:
            before, after = ids
            self.demo.say(f"序列 / sequence of orders: {before} → {after}")
            if after <= before:
                raise RefusedError(WHAT, f"order {after} was given out again after {before}")
        carried = [each.detail for each in migration.records
                   if each.id in (Act.HAND_OVER, Act.HAND_BACK) and each.detail]  # fmt: skip
        for detail in carried[-1:]:
            self.demo.say(detail)

    def _report(self, name: str) -> None:
        found = compared.look(self.demo.desk("sre"), name)
        data, page = compared.write(found, BUILD)
        self.demo.screen.print(compared.table(found))
        self.demo.say(f"{data.relative_to(CHECKOUT)}, {page.relative_to(CHECKOUT)}")

    def _mine(self, calls: Sequence[Call]) -> list[Call]:
        return [call for call in calls if call.workload == WHAT]


def play(demo: Demo, *, short: bool) -> bool:
    """All points in order; whether every acknowledged write is there at the end."""
    moving = Moving(demo)
    with demo.point(1, "三个站点", "three sites start"):
        demo.lab_up()
    root.enter(demo.places)
    with demo.point(2, "声明", "declare: pulumi up under the policy pack"):
        demo.declare()
    with demo.point(3, "业务运行", "business runs: a client writes without pause"):
        began = time.time()
        demo.counters.start_outside()
        wait_answering(demo.counters, since=began, patience=PATIENCE)
    if not short:
        _to_the_cloud_and_home(demo, moving)
    with demo.point(
        7, "x86 → ARM，演练、切换、回退", "x86 to ARM, rehearsed, cut over, rolled back"
    ):
        moving.plan(ARM)
        moving.there_and_back(ARM, report=True)
    if not short:
        with demo.point(8, "x86 → ARM，完成", "x86 to ARM again, and finalized"):
            moving.for_good(ARM)
    time.sleep(QUIET_SECONDS)
    demo.counters.stop()
    with demo.point(9, "清点每一笔写入", "every acknowledged write is accounted for"):
        moving.evidence()
        return moving.account()


def _to_the_cloud_and_home(demo: Demo, moving: Moving) -> None:
    with demo.point(4, "上云，切换后回退", "to the cloud, cut over, rolled back"):
        moving.plan(CLOUD)
        moving.there_and_back(CLOUD)
    with demo.point(5, "再次上云，完成", "to the cloud again, and finalized"):
        moving.for_good(CLOUD)
    with demo.point(6, "从云上回家", "home from the cloud"):
        moving.for_good(HOME)


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f} s"


def _write(found: dict[str, Any]) -> None:
    text = json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False)
    (BUILD / "ledger.json").write_text(text + "\n", encoding="utf-8")


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line of ``python -m console.demo_migrate``."""
    parser = argparse.ArgumentParser(prog="python -m console.demo_migrate", description=__doc__)
    parser.add_argument("--short", action="store_true", help="x86 to ARM and back only")
    parser.add_argument("--keep", action="store_true", help="leave the lab running at the end")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; 0 if every write is there, 1 if not, 3 if something did not answer or end."""
    chosen = options(arguments)
    return run(lambda demo: play(demo, short=chosen.short), build=BUILD, keep=chosen.keep)


if __name__ == "__main__":
    sys.exit(main())
