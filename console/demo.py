"""``make demo``: a hospital on one machine, declared, lost and brought back.

The ten points of the demo in order, each on the real parts: whatever is shown here a person could
do by hand with ``xinglin`` and ``pulumi``. It ends with everything stopped, also after an error or
Ctrl-C at any point, and with exit code 1 if any verdict is not met.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from console.desk import DECLARATION, Desk
from console.evidence import check, check_copies
from console.rehearsal import Counters, absent, wait_answering
from console.report import table, write
from console.simulation import Play, order
from hospital.comparison import Comparison
from hospital.errors import HospitalError, RefusedError, UnavailableError
from hospital.estate import Estate
from hospital.report import Observed, Story, build
from hospital.story import Action, ActionKind, ActionPhase, DatabaseSeen
from lab import engine, health, lifecycle, power, root
from lab.places import CHECKOUT, Places
from providers.access import Access
from providers.conductor import TERMINAL
from providers.postgres import PostgresHands
from providers.rows import compare_members
from stacks.estate import read_estate

LOST = "campus-x86"
ABROAD = CHECKOUT / "tests" / "policies" / "estates" / "abroad.yaml"
BUILD = CHECKOUT / "build" / "demo"
PATIENCE = 180.0  # seconds for anything that people wait for
SIMULATED = (
    ("KWOK 节点是仿真的，不运行业务", "KWOK nodes are simulated and run no workload"),
    ("公有云 API 由 moto 仿真", "the public cloud's API is simulated by moto"),
    (
        "ARM 节点与 ARM 数据库在 qemu 用户态仿真下运行真实 arm64 程序",
        "the ARM node and the ARM database run real arm64 programs under emulation",
    ),
)


@dataclass(slots=True)
class Demo:
    """One run of the demo."""

    screen: Console
    places: Places
    estate: Estate
    counters: Counters
    timings: list[tuple[str, float]] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    comparison: Comparison | None = None
    began: float = field(default_factory=time.monotonic)

    @contextmanager
    def point(self, number: int, zh: str, en: str) -> Iterator[None]:
        """One point of the demo, with its headline and the time it took."""
        self.screen.print(f"\n[bold cyan]{number}. {zh}[/]  {en}")
        began = time.monotonic()
        yield
        self.timings.append((en, time.monotonic() - began))

    def say(self, text: str) -> None:
        """One line with the time since the beginning."""
        self.screen.print(
            f"  [dim]{time.monotonic() - self.began:6.1f} s[/]  {text}", markup=True, soft_wrap=True
        )

    def plain(self, text: str) -> None:
        """One line of another program, shown as it is."""
        self.screen.print("          " + text, markup=False, highlight=False, soft_wrap=True)

    def desk(self, identity: str) -> Desk:
        """A seat as ``identity``; this process is in the lab's network by then."""
        return Desk(self.estate, Access(self.places.access(identity)))

    def lab_up(self) -> None:
        """Point 2."""
        lifecycle.up(places=self.places, say=self.plain)

    def declare(self) -> None:
        """Point 3."""
        engine.select_stack(self.places)
        engine.pulumi(
            self.places,
            "up",
            "--yes",
            "--skip-preview",
            "--policy-pack",
            "policies",
            say=self.brief,
        )

    def brief(self, line: str) -> None:
        """Of the engine's lines only those that tell of something finished or wrong."""
        if any(word in line for word in (" created (", " updated (", "error", "Duration", "[adv")):
            self.plain(line.strip()[:150])

    def business(self) -> None:
        """Point 4."""
        began = time.time()
        self.counters.start_outside()
        self.counters.start_inside(LOST)
        wait_answering(self.counters, since=began, patience=PATIENCE)
        self.say("八个系统都在应答写入 / all eight workloads acknowledge writes")
        time.sleep(5)

    def burn(self) -> None:
        """Point 5."""
        known = {action.name for action in self.desk("sre").hub().actions()}
        began = time.time()
        power.off(LOST, places=self.places)
        self.say(f"[red]{LOST} 的所有进程已被杀死 / every process of {LOST} was killed[/]")
        self.follow(began, known)
        wait_answering(self.counters, since=time.time(), patience=PATIENCE)
        self.say("[green]八个系统全部恢复 / all eight workloads are back[/]")
        time.sleep(3)
        self.keep_story("loss", f"{LOST} 失火", f"{LOST} burns", began, known, lost=LOST)

    def give_back(self) -> None:
        """Point 8, first half."""
        power.on(LOST, places=self.places)
        self.say(f"{LOST} 重新通电 / {LOST} has power again")
        lifecycle.wait_until(
            self._whole, seconds=PATIENCE * 2, what="the returned site and its database", pause=1.0
        )
        self.say(
            "[green]数据库自动重新加入，无人工操作 / the database rejoined without a person[/]"
        )
        self.comparison = self._compare()
        self.say(
            f"逐行比对 / compared row by row: {self.comparison.rows} 行相同 / rows the same, "
            f"{self.comparison.moving} 比对中有写入 / written meanwhile, "
            f"{len(self.comparison.different)} 不同 / different"
        )

    def _compare(self) -> Comparison:
        """Every row at the primary with that of the member that came back."""
        leader = self._databases()[0].leader
        database = self.estate.databases[0]
        other = next(name for name in database.members if name != leader)
        held = [each for each in self.estate.workloads if each.database == database.name]
        access = Access(self.places.access(engine.IDENTITY))
        return compare_members(held, self.estate.host(leader), self.estate.host(other), access)

    def go_home(self) -> None:
        """Point 8, second half."""
        hub = self.desk("sre").hub()
        known = {action.name for action in hub.actions()}
        began = time.time()
        hub.create_action(
            Action(
                name=f"clinical-failback-{int(began)}",
                plan="clinical",
                kind=ActionKind.FAILBACK,
                target="",
                reason="the campus is whole again / 院区已恢复",
                requested_by="sre",
                requested_at=began,
            )
        )
        self.follow(began, known)
        wait_answering(self.counters, since=time.time(), patience=PATIENCE)
        time.sleep(3)
        self.keep_story("home", "计划内回切", "planned switchover home", began, known)

    def follow(self, began: float, known: set[str]) -> None:
        """Show the actions that began after ``began`` until all of them ended."""
        told: set[tuple[str, str]] = set()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            actions = self._new_actions(known)
            for action in actions:
                for record in action.records:
                    if (record.id, record.state) not in told and record.ended:
                        told.add((record.id, record.state))
                        after = record.ended - began
                        self.say(
                            f"{record.id} {record.state} +{after:.2f} s [dim]{record.detail}[/]"
                        )
            if actions and all(action.phase in TERMINAL for action in actions):
                break
            time.sleep(0.25)
        else:
            raise UnavailableError("recovery", f"did not end within {PATIENCE:.0f} s")
        for action in actions:
            if action.phase is not ActionPhase.COMPLETED:
                raise RefusedError(action.name, f"{action.phase}: {action.message}")

    def keep_story(
        self, name: str, zh: str, en: str, began: float, known: set[str], *, lost: str = ""
    ) -> None:
        """Remember one story for the report."""
        self.stories.append(
            Story(
                id=name,
                title_zh=zh,
                title_en=en,
                began=began,
                until=time.time(),
                actions=self._new_actions(known),
                lost_site=lost,
            )
        )

    def report(self) -> dict[str, Any]:
        """Point 6: what the clients measured."""
        clients = self.counters.clients(LOST)
        auditor = self.desk("auditor")
        entries, problems = check(auditor)
        lifecycle.wait_until(
            lambda: not check_copies(auditor, entries)[1],
            seconds=PATIENCE,
            what="the copy of the evidence",
            pause=1.0,
        )
        seen = lifecycle.status(places=self.places)
        observed = Observed(
            kind="lab",
            estate=self.estate,
            made_at=time.time(),
            stories=tuple(self.stories),
            clients=clients,
            absent=absent(self.estate, Access(self.places.access("counter")), clients),
            evidence_records=len(entries),
            evidence_problems=problems,
            evidence_copies=check_copies(auditor, entries)[0],
            comparison=self.comparison,
            nodes=_nodes(seen),
            simulated=SIMULATED,
            timings=tuple(self.timings),
        )
        return build(observed)

    def compare_with_simulation(self, found: Mapping[str, Any]) -> None:
        """Whether ``xinglin simulate`` plays the story that the lab has just lived."""
        played = order(build(Play(self.estate, LOST).run())["stories"][0])
        lived = order(next(one for one in found["stories"] if one["lostSite"]))
        if played != lived:
            raise RefusedError(
                "xinglin simulate",
                f"plays other steps than the lab took: {sorted(set(played) ^ set(lived))}",
            )
        self.say(
            f"推演与实测的 {len(lived)} 个步骤一致 / "
            f"the simulation takes the same {len(lived)} steps in the same order"
        )

    def shape_against_place(self) -> None:
        """Point 7."""
        said = engine.pulumi(self.places, "preview", "--expect-no-changes")
        unchanged = [line.strip() for line in said.splitlines() if "unchanged" in line]
        self.say(f"pulumi preview: [green]{' '.join(unchanged) or 'no change'}[/]")
        before = self.desk("sre").hub().active_sites()
        engine.pulumi(self.places, "up", "--yes", "--skip-preview")
        if self.desk("sre").hub().active_sites() != before:
            raise RefusedError("pulumi up", "moved a workload")
        self.say("pulumi up: [green]没有移动任何系统 / moved nothing[/]")

    def policy_bites(self) -> None:
        """Point 9."""
        said = engine.refused(self.places, ABROAD)
        for line in said.splitlines():
            if line.strip():
                self.plain(line.rstrip()[:200])

    def _new_actions(self, known: set[str]) -> tuple[Action, ...]:
        with suppress(HospitalError):
            actions = self.desk("sre").hub().actions()
            return tuple(action for action in actions if action.name not in known)
        return ()

    def _whole(self) -> bool:
        state = lifecycle.status(places=self.places)
        return not any(site.missing() for site in state.sites) and self._replicated()

    def _replicated(self) -> bool:
        """Whether every database of the site that returned has a synchronous candidate there."""
        try:
            seen = self._databases()
        except HospitalError:
            return False
        there = {host.id for host in self.estate.site(LOST).hosts}
        held = {one.name for one in self.estate.databases if not there.isdisjoint(one.members)}
        return all(not there.isdisjoint(each.synchronous) for each in seen if each.database in held)

    def _databases(self) -> tuple[DatabaseSeen, ...]:
        """Every database as an operator sees it from a site that was never lost."""
        access = Access(self.places.access("operator-cloud"))
        with closing(PostgresHands(self.estate, access, site="cloud")) as hands:
            return tuple(hands.observe(database) for database in self.estate.databases)


def _nodes(seen: health.LabHealth) -> tuple[dict[str, str], ...]:
    return tuple(
        {"site": site.name, "name": node.name, "architecture": node.architecture, "kind": node.kind}
        for site in seen.sites
        for node in site.nodes
    )


def play(demo: Demo, *, short: bool) -> bool:
    """All points in order; whether every verdict is met."""
    with demo.point(2, "三个站点", "three sites start"):
        demo.lab_up()
    root.enter(demo.places)
    with demo.point(3, "声明", "declare: pulumi up under the policy pack"):
        demo.declare()
    with demo.point(4, "业务运行", "business runs: the outpatient counter"):
        demo.business()
    with demo.point(5, "站点失火", "the site burns, the other two bring the hospital back"):
        demo.burn()
    if not short:
        with demo.point(7, "形与位", "shape against place"):
            demo.shape_against_place()
        with demo.point(8, "站点归来", "the site returns, and a planned switchover goes home"):
            demo.give_back()
            demo.go_home()
    with demo.point(9, "策略拦截", "policy bites: a declaration that must be refused"):
        demo.policy_bites()
    demo.counters.stop()
    with demo.point(6, "报告", "the report, as the clients measured"):
        found = demo.report()
        demo.screen.print(table(found))
        demo.compare_with_simulation(found)
        data, page = write(found, BUILD)
        demo.say(f"{data.relative_to(CHECKOUT)}, {page.relative_to(CHECKOUT)}")
    return bool(found["verdict"] == "met")


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line of ``python -m console.demo``."""
    parser = argparse.ArgumentParser(prog="python -m console.demo", description=__doc__)
    parser.add_argument("--short", action="store_true", help="without return and switchover")
    parser.add_argument("--keep", action="store_true", help="leave the lab running at the end")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; 0 if every verdict is met, 1 if not, 3 if something did not answer."""
    chosen = options(arguments)
    return run(lambda demo: play(demo, short=chosen.short), build=BUILD, keep=chosen.keep)


def run(played: Callable[[Demo], bool], *, build: Path, keep: bool) -> int:
    """Play on a fresh lab that is stopped afterwards, whatever happened; the exit code."""
    places, estate = Places.from_environment(), read_estate(DECLARATION)
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    screen = Console(highlight=False)
    demo = Demo(screen, places, estate, Counters(estate, places, build))
    code = 3
    try:
        code = 0 if played(demo) else 1
    except HospitalError as error:
        screen.print(f"[red]{type(error).__name__}[/] {escape(str(error))}")
    except KeyboardInterrupt:
        screen.print("中断，正在清理 / interrupted, cleaning up")
        code = 130
    finally:
        demo.counters.stop()
        if not keep:
            with demo.point(10, "全部停止", "everything stops"):
                lifecycle.down(places=places, say=demo.plain)
    for what, seconds in demo.timings:
        screen.print(f"  {seconds:7.1f} s  {what}")
    screen.print(f"  {time.monotonic() - demo.began:7.1f} s  in all")
    return code


if __name__ == "__main__":
    sys.exit(main())
