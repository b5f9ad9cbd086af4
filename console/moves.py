"""Migrations as people and programs read them: a table of all, one in full, and JSON.

Shows what the hub holds and nothing that was computed here but times: the lag, and what a migration
waits for, are in the words of the operator that saw them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from console.orders import latest
from console.status import step_told
from hospital.errors import UnavailableError
from hospital.migration import TERMINAL
from hospital.move import Act, Migration, Order, Phase
from hospital.story import StepState
from providers.ports import HubStore

WATCH_SECONDS = 1.0
WAITING = (
    "[yellow]在等待人或外界；操作器会继续，`xinglin migrate status` 可继续查看[/]"
    " / it waits for a person or the world; the operators go on, `xinglin migrate status` shows it"
)
NONE = "没有迁移 / no migration"

_COLOURS = {
    Phase.COMPLETED: "green",
    Phase.REVERSE: "green",
    Phase.ROLLED_BACK: "yellow",
    Phase.ROLLBACK: "yellow",
    Phase.REFUSED: "red",
}
_MARKS = {
    StepState.DONE: "[green]✓[/]",
    StepState.SKIPPED: "[dim]-[/]",
    StepState.INTENDED: "[cyan]…[/]",
    StepState.WAITING: "[dim]·[/]",
}


def look(hub: HubStore, name: str = "") -> dict[str, Any]:
    """One migration in full, or all under ``migrations``; JSON-compatible."""
    known = hub.migrations()
    if not name:
        return {"migrations": [plain(each) for each in known]}
    found = latest(known, name)
    told = hub.migration_status(found.name)
    return plain(found) | {
        "stream": told.get("stream"),
        "lagSeconds": told.get("lagSeconds"),
        "checks": list(told.get("checks", ())),
    }


def plain(migration: Migration) -> dict[str, Any]:
    """A migration as ``--json`` prints it."""
    bounds, rehearsal = migration.bounds, migration.rehearsal
    return {
        "name": migration.name,
        "workload": migration.workload,
        "source": migration.source,
        "target": migration.target,
        "method": migration.method.value,
        "database": migration.database,
        "phase": migration.phase.value,
        "since": migration.since,
        "blocked": migration.blocked,
        "message": migration.message,
        "reason": migration.reason,
        "requestedBy": migration.requested_by,
        "requestedAt": migration.requested_at,
        "order": _order(migration.order),
        "failing": list(migration.failing),
        "overrides": [
            {"check": each.check, "by": each.by, "reason": each.reason}
            for each in migration.overrides
        ],
        "bounds": {
            "lagSeconds": bounds.lag_seconds,
            "soakSeconds": bounds.soak_seconds,
            "throttleBytesPerSecond": bounds.throttle_bytes_per_second,
            "slowdownPercent": bounds.slowdown_percent,
            "pauseSeconds": bounds.pause_seconds,
            "retainedBytes": bounds.retained_bytes,
        },
        "rehearsal": None
        if rehearsal is None
        else {"passed": rehearsal.passed, "at": rehearsal.at, "summary": rehearsal.summary},
        "pauseSeconds": pause_seconds(migration),
        "steps": [step_told(record) for record in _in_order(migration)],
    }


def pause_seconds(migration: Migration) -> float | None:
    """From the fence to the opening as the steps tell it; None where it was not lived whole.

    A client's pause is measured at the client; this is what the database's own steps took.
    """
    times = {record.id: record for record in migration.records}
    for first, last in (
        (Act.FENCE_BACK, Act.OPEN_BACK),
        (Act.FENCE, Act.OPEN),
        (Act.HAND_BACK, Act.HAND_BACK),
        (Act.HAND_OVER, Act.HAND_OVER),
    ):
        if first in times and last in times:
            began, ended = times[first].started, times[last].ended
            return None if began is None or ended is None else round(ended - began, 3)
    return None


def render(seen: dict[str, Any]) -> Group:
    """What ``look`` found, as tables."""
    if "migrations" not in seen:
        return Group(*_one(seen))
    if not seen["migrations"]:
        return Group(NONE)
    return Group(_all(seen["migrations"]))


def watch(hub: Callable[[], HubStore], name: str) -> None:
    """Show it again and again until Ctrl-C, also through the loss of an API server."""
    with Live(refresh_per_second=4) as live:
        while True:
            try:
                live.update(render(look(hub(), name)))
            except UnavailableError as error:
                live.update(f"[red]{escape(str(error))}[/]")
            time.sleep(WATCH_SECONDS)


def _order(order: Order | None) -> dict[str, Any] | None:
    if order is None:
        return None
    return {
        "verb": order.verb.value,
        "by": order.by,
        "reason": order.reason,
        "at": order.at,
        "force": order.force,
        "acceptLoss": order.accept_loss,
    }


def _in_order(migration: Migration) -> list[Any]:
    """Its records in the order of telling."""
    place = {act: number for number, act in enumerate(Act)}
    last = len(place)

    def key(record: Any) -> tuple[float, int]:
        return (record.started or float("inf"), place.get(record.id, last))

    return sorted(migration.records, key=key)


def _all(migrations: list[dict[str, Any]]) -> Table:
    table = Table(
        "迁移 / migration", "从 → 到 / from → to", "方式 / method", "阶段 / phase", "说明 / message"
    )
    for each in migrations:
        table.add_row(
            escape(each["name"]),
            f"{each['source']} → {each['target']}",
            each["method"],
            _phase(each),
            escape(each["message"]),
        )
    return table


def _phase(each: dict[str, Any]) -> str:
    colour = "red" if each["blocked"] else _COLOURS.get(Phase(each["phase"]), "cyan")
    return f"[{colour}]{each['phase']}[/]"


def _one(seen: dict[str, Any]) -> Iterator[Any]:
    yield (
        f"[bold]{escape(seen['name'])}[/]  {seen['workload']}  {seen['source']} → "
        f"{seen['target']} ({seen['method']}, {seen['database']})"
    )
    yield f"{_phase(seen)} {escape(seen['message'])}"
    lag = seen["lagSeconds"]
    if Phase(seen["phase"]) not in TERMINAL and seen["stream"]:
        told = "未知 / unknown" if lag is None else f"{lag:.1f} s"
        yield f"变更流 / stream {seen['stream']}, 落后 / lag {told}"
    if seen["failing"]:
        yield from _failing(seen)
    for each in seen["overrides"]:
        told = f"{each['check']}: {each['by']} 具名承担 / taken on: {each['reason']}"
        yield f"[yellow]{escape(told)}[/]"
    if seen["rehearsal"]:
        word = "[green]通过 / passed[/]" if seen["rehearsal"]["passed"] else "[red]未过 / failed[/]"
        yield f"演练 / rehearsal {word}: {escape(seen['rehearsal']['summary'])}"
    if seen["pauseSeconds"] is not None:
        yield f"数据库停写 / writes stopped for {seen['pauseSeconds']:.3f} s"
    yield _steps(seen)
    if Phase(seen["phase"]) not in TERMINAL:
        yield f"[dim]下一步 / next: {_next(Phase(seen['phase']))}[/]"


def _failing(seen: dict[str, Any]) -> Iterator[str]:
    told = {each["id"]: each for each in seen["checks"]}
    for name in seen["failing"]:
        check = told.get(name)
        yield f"[red]✗ {name}[/] {escape(_words(check, 'seen'))}".rstrip()
        if check:
            yield f"  → {escape(_words(check, 'remedy'))}"


def _words(check: dict[str, Any] | None, name: str) -> str:
    found = (check or {}).get(name)
    return f"{found['zh']} / {found['en']}" if found else ""


def _steps(seen: dict[str, Any]) -> Table:
    table = Table("步骤 / step", "用时 / took", "执行者 / by", "说明 / detail")
    for step in seen["steps"]:
        took = "" if step["ended"] is None or step["started"] is None else (
            f"{step['ended'] - step['started']:.2f} s"
        )  # fmt: skip
        mark = _MARKS[StepState(step["state"])]
        table.add_row(f"{mark} {step['id']}", took, step["by"], escape(step["detail"]))
    return table


def _next(phase: Phase) -> str:
    return {
        Phase.SYNC: "xinglin migrate rehearse | cutover | rollback",
        Phase.REVERSE: "xinglin migrate finalize | rollback",
        Phase.FINALIZE: "—",
        Phase.ROLLBACK: "—",
    }.get(phase, "xinglin migrate rollback")
