"""``xinglin status``: where the hospital runs now, what moves, and whether anything could.

Shows what the hub says and how the hub itself answers at every site. Without a quorum nothing
automatic can happen, and this must be said first and plainly.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from console.desk import Desk, HubSeen, sit_down
from console.outcome import Exit, told
from hospital.errors import UnavailableError
from hospital.story import Action, ActionPhase, StepRecord
from providers.hub import API_VERSION, DATABASE, Hub

WATCH_SECONDS = 1.0
RECENT = 5  # actions shown
UNDER_WAY = (ActionPhase.PENDING, ActionPhase.RUNNING, ActionPhase.BLOCKED)

NO_QUORUM = (
    "总控没有法定多数：不会自动切换，也不能下达指令"
    " / the hub has no quorum: nothing automatic happens, and nothing can be asked for"
)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON, once.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Sites, plans, workloads, the action under way, and the hub's quorum.

    \b
    xinglin status
    xinglin status --watch
    xinglin status --json | jq .quorum

    Exit codes: 0 shown, 1 the hub has no quorum, 2 declaration, 3 nothing answers.
    """
    with told():
        desk = sit_down("sre")
        if watch and not as_json:
            _watch(desk)
            return
        seen = look(desk)
    if as_json:
        typer.echo(json.dumps(seen, ensure_ascii=False, indent=2))
    else:
        Console().print(render(seen))
    raise typer.Exit(_exit(seen))


def _exit(seen: dict[str, Any]) -> Exit:
    if seen["trouble"] or all(site["hub"] == "silent" for site in seen["sites"]):
        return Exit.SILENT
    return Exit.OK if seen["quorum"] else Exit.FAILED


def look(desk: Desk) -> dict[str, Any]:
    """Everything that ``status`` shows, JSON-compatible."""
    hubs = desk.look()
    seats = [hub.site for hub in hubs if hub.quorum]
    seen: dict[str, Any] = {
        "estate": desk.estate.name,
        "titleZh": desk.estate.title_zh,
        "titleEn": desk.estate.title_en,
        "quorum": bool(seats),
        "trouble": "",
        "sites": [_site(desk, hub) for hub in hubs],
        "leader": "",
        "plans": [],
        "workloads": [],
        "actions": [],
    }
    for seat in seats:
        try:
            return seen | _held(desk.hub_at(seat)) | {"trouble": ""}
        except UnavailableError as error:  # it was lost between two questions: ask elsewhere
            seen["trouble"] = str(error)
    return seen


def _site(desk: Desk, hub: HubSeen) -> dict[str, Any]:
    site = desk.estate.site(hub.site)
    state = "quorum" if hub.quorum else "no quorum" if hub.answers else "silent"
    return {"name": site.name, "kind": site.kind.value, "hub": state, "trouble": hub.trouble}


def _held(hub: Hub) -> dict[str, Any]:
    active = hub.active_sites()
    plans = hub.cluster.items(API_VERSION, "RecoveryPlan")
    workloads = hub.cluster.items(API_VERSION, "Workload")
    leases = {lease.name: lease for lease in hub.leases()}
    return {
        "leader": leases["leader"].holder if "leader" in leases else "",
        "plans": [
            {
                "name": item["metadata"]["name"],
                "mode": item["spec"]["mode"],
                "home": item["spec"]["home"],
                "activeSite": item.get("status", {}).get("activeSite", ""),
                "primary": active.get(DATABASE + item["spec"].get("database", ""), ""),
                "message": item.get("status", {}).get("message", ""),
            }
            for item in plans
        ],
        "workloads": [
            {
                "name": item["metadata"]["name"],
                "titleZh": item["spec"]["titleZh"],
                "titleEn": item["spec"]["titleEn"],
                "tier": item["spec"]["tier"],
                "home": item["spec"]["home"],
                "activeSite": active[item["metadata"]["name"]],
                **_ready(item),
            }
            for item in workloads
        ],
        "actions": [plain(action) for action in hub.actions()[-RECENT:]],
    }


def _ready(item: dict[str, Any]) -> dict[str, Any]:
    conditions = item.get("status", {}).get("conditions", ())
    ready: dict[str, Any] = next((each for each in conditions if each["type"] == "Ready"), {})
    return {"ready": ready.get("status", "Unknown"), "message": ready.get("message", "")}


def plain(action: Action) -> dict[str, Any]:
    """An action as ``--json`` prints it."""
    return {
        "name": action.name,
        "plan": action.plan,
        "kind": action.kind.value,
        "target": action.target,
        "phase": action.phase.value,
        "message": action.message,
        "reason": action.reason,
        "requestedBy": action.requested_by,
        "requestedAt": action.requested_at,
        "steps": [step_told(record) for record in action.records],
    }


def step_told(record: StepRecord) -> dict[str, Any]:
    """A step of a story as ``--json`` prints it."""
    return {
        "id": record.id,
        "site": record.site,
        "state": record.state.value,
        "started": record.started,
        "ended": record.ended,
        "by": record.by,
        "detail": record.detail,
    }


def render(seen: dict[str, Any]) -> Group:
    """The status as tables."""
    return Group(*_parts(seen))


def _parts(seen: dict[str, Any]) -> Iterator[Any]:
    yield f"[bold]{escape(seen['titleZh'])} / {escape(seen['titleEn'])}[/]"
    if not seen["quorum"]:
        yield f"[bold red]✗ {NO_QUORUM}[/]"
    if seen["trouble"]:
        yield f"[red]✗ {escape(seen['trouble'])}[/]"
    yield _sites_table(seen)
    if seen["plans"]:
        yield _plans_table(seen)
    if seen["workloads"]:
        yield _workloads_table(seen)
    for action in seen["actions"]:
        yield _action_line(action)


def _sites_table(seen: dict[str, Any]) -> Table:
    table = Table("站点 / site", "类型 / kind", "总控 / hub")
    words = {
        "quorum": "[green]多数在线 / quorum[/]",
        "no quorum": "[red]无法定多数 / no quorum[/]",
        "silent": "[red]失联 / silent[/]",
    }
    leader = str(seen["leader"]).partition("/")[0]
    for site in seen["sites"]:
        mark = " ★ 主控 / leader" if site["name"] == leader else ""
        table.add_row(site["name"], site["kind"], words[site["hub"]] + mark)
    return table


def _plans_table(seen: dict[str, Any]) -> Table:
    table = Table(
        "预案 / plan",
        "方式 / mode",
        "主站点 / home",
        "现在 / now",
        "数据库 / primary",
        "说明 / note",
    )
    for plan in seen["plans"]:
        where = plan["activeSite"] or plan["home"]
        table.add_row(
            plan["name"],
            plan["mode"],
            plan["home"],
            where if where == plan["home"] else f"[yellow]{where}[/]",
            plan["primary"],
            escape(plan["message"]),
        )
    return table


def _workloads_table(seen: dict[str, Any]) -> Table:
    table = Table("业务 / workload", "级 / tier", "主站点 / home", "现在 / now", "就绪 / ready")
    marks = {"True": "[green]✓[/]", "False": "[red]✗[/]"}
    for workload in seen["workloads"]:
        where = workload["activeSite"]
        table.add_row(
            f"{workload['titleZh']} / {workload['titleEn']}",
            workload["tier"],
            workload["home"],
            where if where == workload["home"] else f"[yellow]{where}[/]",
            f"{marks.get(workload['ready'], '?')} {escape(workload['message'])}".rstrip(),
        )
    return table


def _action_line(action: dict[str, Any]) -> str:
    colour = {"Completed": "green", "Running": "cyan", "Pending": "cyan"}.get(
        action["phase"], "red"
    )
    done = sum(step["state"] in ("Done", "Skipped") for step in action["steps"])
    return (
        f"[{colour}]■ {action['phase']}[/] {escape(action['name'])} "
        f"({done}/{len(action['steps'])}) {escape(action['message'])}"
    )


def _watch(desk: Desk) -> None:
    with Live(refresh_per_second=4) as live:
        while True:
            live.update(render(look(desk)))
            time.sleep(WATCH_SECONDS)
