"""``xinglin recover``: ask for a failover, a switchover or a failback, and follow it.

The console never acts itself: it writes one RecoveryAction into the hub and shows what the
operators make of it, so closing the terminal changes nothing. A person is asked before anything
is written, unless ``--yes`` says that one has been.
"""

from __future__ import annotations

import getpass
import json
import time
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.desk import Desk, sit_down
from console.outcome import Exit, stderr, told
from console.prospect import ASSUMED, dangers, look, nearest, step_cost
from console.status import plain
from hospital.errors import DeclarationError, Problem, UnavailableError
from hospital.estate import Estate
from hospital.judgement import judge
from hospital.steps import compile_steps
from hospital.story import Action, ActionKind, ActionPhase, Seen, Step, StepState
from providers.conductor import TERMINAL

app = typer.Typer(no_args_is_help=True, help="恢复 / failover, switchover and failback.")

LOOK_SECONDS = 0.3
SHOWN = 3  # predecessors of a step in the table; --json has all
SILENT_SECONDS = 60.0  # without an answer of the hub we stop following; operators go on

EXITS = """Exit codes: 0 completed (dry run: it makes sense), 1 refused or failed,
    2 usage or unknown plan, 3 the hub does not answer, 4 blocked as unsafe, or a person said no."""

Plan = Annotated[str, typer.Argument(help="A recovery plan of the estate.")]
To = Annotated[str, typer.Option("--to", help="The site to go to; default: placement chooses.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Say each step and its cost, do nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Reason = Annotated[str, typer.Option(help="Why; goes into the evidence.")]
Accept = Annotated[
    bool, typer.Option("--accept-loss", help="Accept loss beyond the RPO, by name and reason.")
]


@app.command()
def failover(
    plan: Plan,
    *,
    to: To = "",
    dry_run: Dry = False,
    as_json: Json = False,
    yes: Yes = False,
    reason: Reason = "",
    accept_loss: Accept = False,
) -> None:
    """The plan's home is lost: bring its workloads up elsewhere.

    \b
    xinglin recover failover clinical --dry-run
    xinglin recover failover clinical --to cloud --reason "flood in the machine room"
    xinglin recover failover clinical --accept-loss --reason "…"
    """
    _recover(
        ActionKind.FAILOVER, plan, target=to, reason=reason,
        accept_loss=accept_loss, dry_run=dry_run, as_json=as_json, yes=yes,
    )  # fmt: skip


@app.command()
def switchover(
    plan: Plan,
    *,
    to: To = "",
    dry_run: Dry = False,
    as_json: Json = False,
    yes: Yes = False,
    reason: Reason = "",
) -> None:
    """Planned move to another site; nothing is lost.

    \b
    xinglin recover switchover clinical --to cloud --reason "power maintenance"
    """
    _recover(
        ActionKind.SWITCHOVER, plan, target=to, reason=reason,
        accept_loss=False, dry_run=dry_run, as_json=as_json, yes=yes,
    )  # fmt: skip


@app.command()
def failback(
    plan: Plan,
    *,
    dry_run: Dry = False,
    as_json: Json = False,
    yes: Yes = False,
    reason: Reason = "",
) -> None:
    """Planned move back to the plan's home.

    \b
    xinglin recover failback clinical --reason "campus repaired"
    """
    _recover(
        ActionKind.FAILBACK, plan, target="", reason=reason,
        accept_loss=False, dry_run=dry_run, as_json=as_json, yes=yes,
    )  # fmt: skip


for _command in (failover, switchover, failback):
    _command.__doc__ = f"{_command.__doc__}\n    {EXITS}"


def _recover(
    kind: ActionKind, plan: str, *, target: str, reason: str,
    accept_loss: bool, dry_run: bool, as_json: bool, yes: bool,
) -> None:  # fmt: skip
    if not dry_run and not reason.strip():
        raise typer.BadParameter("--reason is needed: it goes into the evidence")
    with told():
        desk = sit_down("sre")
        estate = desk.declared()
        _check(estate, plan, target)
        action = new_action(
            kind, plan, target=target, reason=reason or "dry run", accept_loss=accept_loss
        )
        if dry_run:
            raise typer.Exit(_rehearse(desk, estate, action, as_json=as_json))
        if not yes and not _confirmed(action):
            raise typer.Exit(Exit.UNSAFE)
        desk.hub().create_action(action)
        ended = follow(desk, action.name, screen=stderr)
    if as_json:
        typer.echo(json.dumps(plain(ended), ensure_ascii=False, indent=2))
    raise typer.Exit(exit_of(ended))


def new_action(
    kind: ActionKind, plan: str, *, target: str, reason: str, accept_loss: bool = False
) -> Action:
    """What a person asks for, under a name that no other action has."""
    now = time.time()
    return Action(
        name=f"{plan}-{kind.value}-{int(now * 10) % 10**9}",
        plan=plan,
        kind=kind,
        target=target,
        reason=reason,
        requested_by=getpass.getuser(),
        requested_at=now,
        accept_loss=accept_loss,
    )


def follow(desk: Desk, name: str, *, screen: Console) -> Action:
    """Show an action's steps as they end, until it has ended or waits for a person.

    Changes the API server it reads from when that is lost. UnavailableError when none answers
    for a minute; the operators go on all the same.
    """
    known: dict[str, StepState] = {}
    heard, message = time.monotonic(), ""
    while True:
        try:
            action = next(each for each in desk.hub().actions() if each.name == name)
        except UnavailableError:
            if time.monotonic() - heard > SILENT_SECONDS:
                raise
            time.sleep(LOOK_SECONDS)
            continue
        heard = time.monotonic()
        _tell_steps(action, known, screen)
        if action.message != message:
            message = action.message
            screen.print(f"[bold]{action.phase}[/] {escape(message)}")
        if action.phase in TERMINAL or action.phase is ActionPhase.BLOCKED:
            return action
        time.sleep(LOOK_SECONDS)


def exit_of(action: Action) -> Exit:
    """The exit code for an action as it ended."""
    if action.phase is ActionPhase.COMPLETED:
        return Exit.OK
    return Exit.UNSAFE if action.phase is ActionPhase.BLOCKED else Exit.FAILED


def _check(estate: Estate, plan: str, target: str) -> None:
    problems = []
    for what, name, names in (
        ("plan", plan, [each.name for each in estate.plans]),
        ("--to", target, [each.name for each in estate.sites]),
    ):
        if name and name not in names:
            remedy = f"known here: {', '.join(names)}"
            problems.append(Problem("command line", what, f"there is no {name!r}", remedy))
    if problems:
        raise DeclarationError(tuple(problems))


def _rehearse(desk: Desk, estate: Estate, action: Action, *, as_json: bool) -> Exit:
    """Say what would happen; nothing is written."""
    hub = desk.hub()
    seen = look(hub, estate)
    refusal = judge(estate, action, seen=seen, others=hub.actions())
    steps = () if refusal else compile_steps(estate, estate.plan(action.plan), action, seen)
    if as_json:
        told = _plan_plain(action, steps, refusal) | {"held": dict(seen.held)}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _show_plan(Console(), action, steps, refusal)
        _show_held(Console(), seen)
    return Exit.FAILED if refusal else Exit.OK


def _plan_plain(action: Action, steps: tuple[Step, ...], refusal: str) -> dict[str, Any]:
    return {
        "dryRun": True,
        "plan": action.plan,
        "kind": action.kind.value,
        "target": action.target,
        "refusal": refusal,
        "seconds": round(step_cost(steps), 2),
        "assumed": ASSUMED,
        "steps": [
            {
                "id": step.id,
                "site": step.site,
                "after": sorted(step.after),
                "estimateSeconds": step.estimate_seconds,
            }
            for step in steps
        ],
    }


def _show_plan(screen: Console, action: Action, steps: tuple[Step, ...], refusal: str) -> None:
    if refusal:
        screen.print(f"[red]✗ 会被拒绝 / would be refused:[/] {escape(refusal)}")
        return
    table = Table("步骤 / step", "站点 / site", "预计 / cost", "在其后 / after")
    follows = nearest(steps)
    for step in steps:
        after = "\n".join(follows[step.id][:SHOWN])
        if len(follows[step.id]) > SHOWN:
            after += f"\n… +{len(follows[step.id]) - SHOWN}"
        table.add_row(step.id, step.site, f"{step.estimate_seconds:.2f} s", after)
    screen.print(table)
    screen.print(
        f"预演：什么都没有改变；预计 {step_cost(steps):.1f} s"
        f" / dry run: nothing was changed; about {step_cost(steps):.1f} s"
    )
    screen.print(f"[dim]{ASSUMED}[/]")


def _show_held(screen: Console, seen: Seen) -> None:
    """What no recovery moves now, and who does."""
    for workload, migration in seen.held:
        screen.print(
            f"[yellow]{workload}：由迁移 {migration} 掌管，恢复不移动它"
            f" / {workload} is held by migration {migration}: no recovery moves it[/]"
        )


def _confirmed(action: Action) -> bool:
    stderr.print(f"[yellow]{dangers(action)}[/]")
    target = action.target or "(placement)"
    return typer.confirm(f"{action.kind} {action.plan} → {target}?", default=False, err=True)


def _tell_steps(action: Action, known: dict[str, StepState], screen: Console) -> None:
    for record in action.records:
        if known.get(record.id) is record.state or record.state is StepState.WAITING:
            continue
        known[record.id] = record.state
        since = (record.ended or record.started or action.requested_at) - action.requested_at
        mark = {"Done": "[green]✓[/]", "Skipped": "[dim]-[/]"}.get(record.state, "…")
        screen.print(f"{since:7.2f} s {mark} {record.id} {escape(record.detail)}")
