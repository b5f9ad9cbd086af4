"""A migration under fire: operators, the link and the source's site die while HIS moves to ARM.

``python -m tests.drills.under_fire [--seed N] [--keep]`` on a lab of its own, with all operators of
all sites, while a client at the desk writes orders over HTTPS. A person at the desk orders what
leads on, again whenever the migration took itself back, as one would. In each act something else
is killed; at the end every write that the client was promised is looked for in the hospital. Exit
code 1 if one is lost, 3 if something did not end.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from console import ledger, orders
from console.demo import Demo, run
from console.demo_migrate import ARM, BOUNDS, HOME, WHAT
from console.evidence import check
from console.rehearsal import absent, wait_answering
from hospital.errors import HospitalError, RefusedError, UnavailableError
from hospital.itinerary import begun
from hospital.migration import TERMINAL
from hospital.move import Act, Migration, Phase, Verb
from hospital.proposal import proposed
from hospital.report import Client, calls_of
from hospital.story import ActionPhase
from lab import power, root
from lab.network import networks, site_plug
from lab.places import CHECKOUT
from providers.access import Access
from providers.conductor import TERMINAL as ENDED

BUILD = CHECKOUT / "build" / "under-fire"
PATIENCE = 420.0  # seconds for one phase to be reached, whatever is killed meanwhile
REASON = "drill / 演练"
LOOK_SECONDS = 0.3
KILLS = (4.0, 30.0)  # seconds between two killed leaders: less than a takeover, or more than a step
CUT_SECONDS = 20.0


@dataclass(slots=True)
class Fire:
    """The drill's person at the desk, and what was done to the lab."""

    demo: Demo
    chance: random.Random
    name: str = ""
    legs: list[ledger.Leg] = field(default_factory=list)
    taken_back: int = 0  # cutovers that ended themselves before the target was opened
    kills: dict[str, int] = field(default_factory=dict)  # operators killed, by site

    @contextmanager
    def act(self, title: str) -> Iterator[None]:
        """One act of the drill, as a leg of the client's ledger."""
        self.demo.say(f"[bold]{title}[/]")
        began = time.time()
        yield
        self.legs.append(ledger.Leg(title, began, time.time()))

    def start(self) -> None:
        """Ask for the move anew."""
        desk = self.demo.desk("sre")
        hub = desk.hub()
        earlier = hub.migrations()
        move = proposed(
            desk.declared(), WHAT, ARM, active=hub.active_sites()[WHAT], earlier=earlier
        )
        wanted = orders.asked(move, reason=REASON, bounds=BOUNDS, checks=(), earlier=earlier)
        hub.create_migration(wanted)
        self.name = wanted.name

    def reach(self, goal: Phase) -> None:
        """Order what leads to ``goal`` until it is reached and all its steps have ended."""
        deadline, told = time.monotonic() + PATIENCE, ""
        while time.monotonic() < deadline:
            with suppress(UnavailableError, RefusedError):
                found = self.seen()
                told = self._tell(found, told)
                if found.phase is goal and _at_rest(found):
                    return
                self._order(found, goal)
            time.sleep(LOOK_SECONDS)
        raise UnavailableError(self.name, f"not in {goal} after {PATIENCE:.0f} s: {told}")

    def wait(self, true: Callable[[], bool], trouble: str) -> None:
        """Until ``true``; errors of a world under fire are no answer."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(HospitalError):
                if true():
                    return
            time.sleep(LOOK_SECONDS)
        raise UnavailableError("drill", f"{trouble} after {PATIENCE:.0f} s")

    def seen(self) -> Migration:
        """The migration as the hub holds it."""
        return orders.latest(self.demo.desk("sre").hub().migrations(), self.name)

    @contextmanager
    def killing_operators(self) -> Iterator[None]:
        """Whoever leads is killed, again and again at random moments; its site starts another."""
        done = threading.Event()

        def kill() -> None:
            while not done.wait(self.chance.uniform(*KILLS)):
                with suppress(HospitalError):
                    self._kill(self._leading())

        thread = threading.Thread(target=kill)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    @contextmanager
    def cut(self, site: str) -> Iterator[None]:
        """A site's cable is down for a while; everything in it lives on, alone."""
        self._cable(site, "down")
        try:
            yield
            time.sleep(CUT_SECONDS)
        finally:
            self._cable(site, "up")

    def account(self) -> bool:
        """Every acknowledged write, looked for in the hospital; whether all are there."""
        client = Client("outside", "", calls_of(self.demo.counters.lines("outside")))
        access = Access(self.demo.places.access("counter"))
        missing = absent(self.demo.estate, access, (client,))
        mine = [call for call in client.calls if call.workload == WHAT]
        found = ledger.entries(self.legs, mine, missing.get(WHAT, frozenset()))
        self.demo.screen.print(ledger.table(found))
        promised = {call.key for call in client.calls if call.acknowledged}
        lost = sum(map(len, missing.values()))
        killed = ", ".join(f"{site} {count}" for site, count in sorted(self.kills.items()))
        self.demo.say(
            f"operators killed: {killed}; cutovers that took themselves back: {self.taken_back}; "
            f"acknowledged writes of all workloads: {len(promised)}; lost: {lost}"
        )
        return not lost and sum(self.kills.values()) > 0

    def _order(self, found: Migration, goal: Phase) -> None:
        if found.phase in TERMINAL:
            self.taken_back += 1
            self.start()
            return
        verb = _next(found, goal)
        if verb and (found.order is None or found.obeyed >= found.order.at):
            order = orders.ordered(found, verb, reason=REASON)
            self.demo.desk("sre").hub().order(found.name, order)

    def _tell(self, found: Migration, told: str) -> str:
        text = f"{found.phase}: {found.message}"
        if text != told:
            self.demo.plain(text)
        return text

    def _leading(self) -> str:
        leases = self.demo.desk("sre").hub().leases()
        return next(each.holder for each in leases if each.name == "leader").partition("/")[0]

    def _kill(self, site: str) -> None:
        if site:
            line = ("supervisorctl", "signal", "KILL", "operator")
            done = subprocess.run(
                root.inside(site, line, self.demo.places), capture_output=True, check=False
            )
            self.kills[site] = self.kills.get(site, 0) + (done.returncode == 0)

    def _cable(self, site: str, state: str) -> None:
        plug = site_plug(networks(self.demo.estate)[site])
        subprocess.run(["ip", "link", "set", plug.peer, state], check=True, capture_output=True)


def _next(found: Migration, goal: Phase) -> Verb | None:
    """What a person would order now."""
    if found.phase is Phase.REVERSE and goal is Phase.ROLLED_BACK and _at_rest(found):
        return Verb.ROLLBACK
    if found.phase is not Phase.SYNC or not _at_rest(found):
        return None
    passed = found.rehearsal is not None and found.rehearsal.passed
    return Verb.CUTOVER if passed else Verb.REHEARSE


def _at_rest(found: Migration) -> bool:
    """Nothing is under way, and nothing that was ordered waits."""
    obeyed = found.order is None or found.obeyed >= found.order.at
    ended = all(each.ended for each in found.records)
    return ended and obeyed and not found.blocked


def operators_die(fire: Fire) -> None:
    """There and back, and no operator that leads lives long."""
    with fire.act("operators die, there and back"), fire.killing_operators():
        fire.start()
        fire.reach(Phase.REVERSE)
        fire.reach(Phase.ROLLED_BACK)


def the_link_is_cut(fire: Fire) -> None:
    """While changes follow, and once more in the pause of a cutover."""
    with fire.act("the target's link is cut while changes follow"):
        fire.start()
        fire.reach(Phase.SYNC)
        with fire.cut(ARM):
            pass
    with fire.act("the target's link is cut in the cutover"):
        fenced = threading.Thread(target=_cut_at_the_fence, args=(fire, fire.name))
        fenced.start()
        fire.reach(Phase.REVERSE)
        fenced.join()


def _cut_at_the_fence(fire: Fire, name: str) -> None:
    fire.wait(lambda: begun(fire.seen().records, Act.FENCE), "no cutover has fenced the source")
    with fire.cut(ARM):
        fire.demo.say(f"[red]{ARM} is cut off[/] in the cutover of {name}")


def the_source_burns(fire: Fire) -> None:
    """During reverse sync: business goes on at the target; later there is a way back still."""
    with fire.act("the source burns during reverse sync"):
        hub = fire.demo.desk("sre").hub()
        known = {action.name for action in hub.actions()}
        power.off(HOME, places=fire.demo.places)
        wait_answering(fire.demo.counters, since=time.time(), patience=PATIENCE)
        fire.wait(lambda: _recovered(fire, known), "no recovery has ended")
        if fire.demo.desk("sre").hub().active_sites()[WHAT] != ARM:
            raise RefusedError(WHAT, "recovery moved a workload that a migration holds")
        fire.demo.say(f"all workloads answer, {WHAT} at {ARM}")
    with fire.act("the source returns, and the way back is taken"):
        power.on(HOME, places=fire.demo.places)
        fire.reach(Phase.ROLLED_BACK)
        wait_answering(fire.demo.counters, since=time.time(), patience=PATIENCE)


def _recovered(fire: Fire, known: set[str]) -> bool:
    actions = [each for each in fire.demo.desk("sre").hub().actions() if each.name not in known]
    failed = [each for each in actions if each.phase in ENDED - {ActionPhase.COMPLETED}]
    if failed:
        raise RefusedError(failed[0].name, f"{failed[0].phase}: {failed[0].message}")
    return bool(actions) and all(each.phase in ENDED for each in actions)


def play(demo: Demo, *, seed: int) -> bool:
    """All acts in order; whether every acknowledged write is there at the end."""
    fire = Fire(demo, random.Random(seed))
    demo.say(f"seed {seed}")
    demo.lab_up()
    root.enter(demo.places)
    demo.declare()
    began = time.time()
    demo.counters.start_outside()
    wait_answering(demo.counters, since=began, patience=PATIENCE)
    operators_die(fire)
    the_link_is_cut(fire)
    the_source_burns(fire)
    demo.counters.stop()
    _, problems = check(demo.desk("auditor"))
    if problems:
        raise RefusedError("evidence", "; ".join(problems))
    return fire.account()


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every write is there, 1 if not, 3 if something did not answer or end."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills.under_fire", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of when operators are killed")
    parser.add_argument("--keep", action="store_true", help="leave the lab running at the end")
    chosen = parser.parse_args(arguments)
    return run(lambda demo: play(demo, seed=chosen.seed), build=BUILD, keep=chosen.keep)


if __name__ == "__main__":
    sys.exit(main())
