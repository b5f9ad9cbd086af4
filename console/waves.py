"""``xinglin migrate wave``: many workloads to one site, in the order in which they call each other.

Shows the plan first, then starts the wave whose turn it is and follows each until it is in step;
people rehearse and cut over one by one. The same command again goes on where the last one ended: a
wave begins only when every workload of the one before lives at the target.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console import orders
from console.desk import Desk, sit_down
from console.expectation import UNKNOWN_RATE
from console.following import follow
from console.outcome import Exit, stderr, told
from hospital import migration as core
from hospital.calendar_form import DeclaredCalendar
from hospital.codec import encode
from hospital.estate import Estate
from hospital.local_time import local
from hospital.move import Bounds, Method, Migration, Phase
from hospital.proposal import Proposal, proposed
from hospital.waves import Limits, Move, Schedule, Wave, plan_waves
from stacks.estate import read_calendar

BEGUN = frozenset({Phase.REVERSE, Phase.FINALIZE, Phase.COMPLETED})
UNSEEN = (
    "库大小与写入量由操作器读取；此处的时间不含首次复制"
    " / sizes and writes are read by the operators: times here leave the first copy out"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The moves that are asked for and the waves in which they go."""

    moves: Mapping[str, Proposal]  # of what is not at the target yet
    there: tuple[str, ...]  # lives at the target already
    schedule: Schedule


def wave(
    workloads: Annotated[list[str], typer.Argument(help="Workloads of the estate.")],
    *,
    to: Annotated[str, typer.Option("--to", help="The site to go to.")],
    calendar: Annotated[
        Path | None, typer.Option("--calendar", help="YAML: begins, freezes, bandwidth, forced.")
    ] = None,
    concurrent: Annotated[int, typer.Option("--concurrent", min=1, help="Moves in one wave.")] = 3,
    reason: Annotated[str, typer.Option(help="Why; goes into the evidence.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan, start nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Many workloads in waves: the plan first, then the wave whose turn it is.

    \b
    xinglin migrate wave --to campus-arm his emr lis --dry-run
    xinglin migrate wave --to campus-arm his emr lis --concurrent 2 --reason "…"
    xinglin migrate wave --to campus-arm his emr --calendar nights.yaml --reason "…"

    Exit codes: 0 in step, or all is there, 1 one cannot be planned, or failed, 2 usage or
    declaration, 3 the hub does not answer, 4 one waits for a person, or a person said no.
    """
    if not dry_run:
        orders.demand_reason(reason)
    with told():
        desk = sit_down("sre")
        said = read_calendar(calendar) if calendar else DeclaredCalendar()
        plan = planned(desk, tuple(workloads), to, said, concurrent=concurrent)
        if not as_json:
            _show(Console(), plan)
        code = Exit.FAILED if plan.schedule.unplanned else Exit.OK
        if not dry_run and plan.schedule.waves:
            code = max(code, _begin(desk, plan, plan.schedule.waves[0], reason=reason, yes=yes))
    if as_json:
        typer.echo(json.dumps(plain(plan), ensure_ascii=False, indent=2))
    raise typer.Exit(code)


def planned(
    desk: Desk, workloads: tuple[str, ...], to: str, said: DeclaredCalendar, *, concurrent: int
) -> Plan:
    """The waves of what is not at ``to`` yet; DeclarationError for what nothing declares."""
    hub, estate = desk.hub(), desk.declared()
    active, earlier = hub.active_sites(), hub.migrations()
    there = tuple(name for name in dict.fromkeys(workloads) if _lives(name, to, earlier, active))
    moves = {
        name: proposed(estate, name, to, active=active.get(name, ""), earlier=earlier)
        for name in dict.fromkeys(workloads)
        if name not in there
    }
    band = said.bandwidth_mbps * 1e6 / 8 or _line(estate, to, moves)
    schedule = plan_waves(
        [_move(estate, move) for move in moves.values()],
        Limits(concurrent=concurrent, bandwidth_bytes_per_second=band),
        said.calendar(local(time.time()).replace(tzinfo=None), more=estate.freezes),
    )
    return Plan(moves, there, schedule)


def plain(plan: Plan) -> dict[str, Any]:
    """The plan as ``--json`` prints it."""
    return {
        "there": list(plan.there),
        "waves": [
            {
                "number": each.number,
                "workloads": list(each.workloads),
                "begins": each.begins.isoformat(),
                "synced": each.synced.isoformat(),
                "cutovers": [
                    {
                        "workloads": list(one.workloads),
                        "at": one.at.isoformat(),
                        "pauseSeconds": one.pause_seconds,
                        "forced": encode(one.forced),
                    }
                    for one in each.cutovers
                ],
            }
            for each in plan.schedule.waves
        ],
        "unplanned": [encode(each) for each in plan.schedule.unplanned],
        "methods": {name: move.method.value for name, move in plan.moves.items()},
    }


def _lives(
    workload: str, to: str, earlier: tuple[Migration, ...], active: Mapping[str, str]
) -> bool:
    """At the target, whether or not the way back is still open."""
    moved = [each for each in earlier if (each.workload, each.target) == (workload, to)]
    return active.get(workload) == to and (not moved or moved[-1].phase in BEGUN)


def _move(estate: Estate, move: Proposal) -> Move:
    physical = move.method is Method.PHYSICAL
    return Move(
        workload=move.workload,
        depends_on=estate.workload(move.workload).depends_on,
        method=move.method,
        together=move.database if physical else "",
    )


def _line(estate: Estate, to: str, moves: Mapping[str, Proposal]) -> float:
    """Bytes a second of the narrowest declared link that these moves take."""
    sources = {move.source for move in moves.values()}
    rates = [
        link.bandwidth_mbps * 1e6 / 8
        for link in estate.links
        if to in link.sites and sources & set(link.sites)
    ]
    return min(rates, default=UNKNOWN_RATE)


def _show(screen: Console, plan: Plan) -> None:
    table = Table("波次 / wave", "业务 / workload", "方式 / method", "切换 / cutover (local)")
    for each in plan.schedule.waves:
        for cutover in each.cutovers:
            forced = f" ⚠ {cutover.forced.by}: {cutover.forced.reason}" if cutover.forced else ""
            table.add_row(
                str(each.number),
                ", ".join(cutover.workloads),
                ", ".join(dict.fromkeys(plan.moves[one].method for one in cutover.workloads)),
                escape(f"{cutover.at:%Y-%m-%d %H:%M}, ~{cutover.pause_seconds:.1f} s{forced}"),
            )
    screen.print(table)
    for name in plan.there:
        screen.print(f"[green]✓[/] {name} 已在目标站点 / is there already")
    for one in plan.schedule.unplanned:
        screen.print(f"[red]✗ {one.workload}[/] {escape(one.zh)} / {escape(one.en)}")
    screen.print(f"[dim]{UNSEEN}[/]")


def _begin(desk: Desk, plan: Plan, turn: Wave, *, reason: str, yes: bool) -> Exit:
    """Start every migration of one wave that is not under way, then follow them all."""
    names = ", ".join(turn.workloads)
    question = f"第 {turn.number} 波 / start wave {turn.number}: {names}?"
    if not yes and not typer.confirm(question, default=False, err=True):
        return Exit.UNSAFE
    begun = [_start(desk, plan.moves[name], reason=reason) for name in turn.workloads]
    code = Exit.OK
    for name in begun:
        if not name:
            code = max(code, Exit.UNSAFE)
            continue
        _, ended = follow(desk.hub, name, screen=stderr)
        code = max(code, ended)
    stderr.print(
        "逐个演练与切换，全部切换后再次运行本命令开始下一波"
        " / rehearse and cut over one by one; the same command then begins the next wave"
    )
    return code


def _start(desk: Desk, move: Proposal, *, reason: str) -> str:
    """The name of the migration that is under way; "" if it must wait for another."""
    hub, estate = desk.hub(), desk.declared()
    known = hub.migrations()
    for each in known:
        same = (each.workload, each.target) == (move.workload, move.target)
        if same and each.phase not in core.TERMINAL:
            return each.name
    wanted = orders.asked(move, reason=reason, bounds=Bounds(), checks=(), earlier=known)
    refusal = core.refusal(estate, wanted, known)
    if refusal:
        stderr.print(f"[yellow]{move.workload}[/] 等待 / waits: {escape(refusal)}")
        return ""
    hub.create_migration(wanted)
    return wanted.name
