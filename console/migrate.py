"""``xinglin migrate``: move a workload to another site, with a way back.

The console never acts itself: it writes one Migration, or one order of a person, into the hub and
shows what the operators make of it, so closing the terminal changes nothing. A person is asked
before anything is written, with what it means, unless ``--yes`` says that one has been.
"""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from console import compared, forecast, moves, orders, transfer, waves
from console.desk import sit_down
from console.following import follow
from console.outcome import Exit, stderr, told
from console.quantities import bytes_per_second, seconds
from hospital.move import Bounds, Migration, Verb
from hospital.proposal import proposed

app = typer.Typer(
    no_args_is_help=True,
    help="迁移：把业务系统搬到另一站点，可回退 / move a workload to another site, with a way back.",
)
EXITS = """Exit codes: 0 as ordered, 1 refused, failed or taken back, 2 usage or declaration,
    3 the hub does not answer, 4 it waits for a person, or a person said no."""

Workload = Annotated[str, typer.Argument(help="A workload of the estate, such as his.")]
Name = Annotated[str, typer.Argument(help="A migration, or a workload: its unfinished one.")]
To = Annotated[str, typer.Option("--to", help="The site to go to.")]
Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Reason = Annotated[str, typer.Option(help="Why; goes into the evidence.")]
Lag = Annotated[str, typer.Option("--max-lag", help="A cutover begins only below it.")]
Soak = Annotated[str, typer.Option("--soak", help="Time between cutover and finalize.")]
Throttle = Annotated[
    str,
    typer.Option("--throttle", help="Bytes a second of the first copy at most; 0: no bound."),
]
Slowdown = Annotated[
    int,
    typer.Option(
        "--slowdown", min=0, max=1000,
        help="Percent by which the first copy may slow writes at the source; 0: no regard.",
    ),
]  # fmt: skip
Override = Annotated[
    list[str], typer.Option("--override", help="A failing check that you take on by name.")
]
FORCE = "Although {}; by name and reason."


@app.command()
def plan(workload: Workload, *, to: To, as_json: Json = False) -> None:
    """What would move, the checks, time and pause, risks; nothing is written.

    \b
    xinglin migrate plan his --to cloud
    xinglin migrate plan his --to campus-arm --json | jq '.checks[] | select(.blocks)'

    Exit codes: 0 it may begin, 1 a check blocks it or it would be refused, 2 usage or declaration,
    3 the hub does not answer.
    """
    with told():
        desk = sit_down("sre")
        found = forecast.look(desk, workload, to)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        Console().print(forecast.render(found))
    raise typer.Exit(Exit.OK if forecast.may_begin(found) else Exit.FAILED)


@app.command()
def start(
    workload: Workload,
    *,
    to: To,
    reason: Reason = "",
    override: Override = [],  # noqa: B006 - Typer's way to say a list
    max_lag: Lag = "5s",
    soak: Soak = "24h",
    throttle: Throttle = "0",
    slowdown: Slowdown = 10,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Begin: checks, first copy, and then changes follow until somebody cuts over.

    Business goes on at the source, untouched.

    \b
    xinglin migrate start his --to campus-arm --reason "the old servers are retired"
    xinglin migrate start his --to cloud --soak 10s --max-lag 5s --throttle 20M --reason "…"
    xinglin migrate start his --to cloud --override backup_fresh --reason "restored by hand today"
    """
    orders.demand_reason(reason)
    bounds = Bounds(
        lag_seconds=seconds(max_lag),
        soak_seconds=seconds(soak),
        throttle_bytes_per_second=bytes_per_second(throttle),
        slowdown_percent=slowdown,
    )
    with told():
        desk = sit_down("sre")
        hub = desk.hub()
        earlier = hub.migrations()
        active = hub.active_sites().get(workload, "")
        move = proposed(desk.declared(), workload, to, active=active, earlier=earlier)
        wanted = orders.asked(move, reason=reason, bounds=bounds, checks=override, earlier=earlier)
        orders.confirm_start(wanted, yes=yes)
        hub.create_migration(wanted)
        ended, code = follow(desk.hub, wanted.name, screen=stderr)
    _end(ended, code, as_json=as_json)


@app.command()
def status(
    name: Annotated[str, typer.Argument(help="A migration or workload; default: all.")] = "",
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl-C.")] = False,
    as_json: Json = False,
) -> None:
    """All migrations, or one with its steps, lag and what it waits for.

    \b
    xinglin migrate status
    xinglin migrate status his --watch
    xinglin migrate status his --json | jq .phase

    Exit codes: 0 shown, 2 no such migration, 3 the hub does not answer.
    """
    with told():
        desk = sit_down("sre")
        if watch and not as_json:
            moves.watch(desk.hub, name)
            return
        found = moves.look(desk.hub(), name)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        Console().print(moves.render(found))


@app.command()
def override(
    name: Name,
    checks: Annotated[list[str], typer.Argument(help="Ids of failing checks.")],
    *,
    reason: Reason = "",
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Take failing checks on, by name and reason, so that the migration goes on.

    \b
    xinglin migrate status his
    xinglin migrate override his backup_fresh --reason "restored by hand today"
    """
    orders.demand_reason(reason)
    with told():
        desk = sit_down("sre")
        hub = desk.hub()
        migration = orders.unfinished(hub.migrations(), name)
        taken = orders.taken_on(checks, reason=reason)
        orders.confirm_override(migration, tuple(each.check for each in taken), yes=yes)
        hub.override(migration.name, taken)
        ended, code = follow(desk.hub, migration.name, screen=stderr)
    _end(ended, code, as_json=as_json)


@app.command()
def rehearse(name: Name, *, reason: Reason = "", as_json: Json = False, yes: Yes = False) -> None:
    """Start it at the target on a clone, isolated, and compare; business goes on untouched.

    \b
    xinglin migrate rehearse his --reason "before Sunday's cutover"
    xinglin migrate report his --out build/his
    """
    _order(Verb.REHEARSE, name, reason=reason, as_json=as_json, yes=yes)


@app.command()
def cutover(
    name: Name,
    *,
    reason: Reason = "",
    force: Annotated[
        bool,
        typer.Option("--force", help=FORCE.format("no rehearsal passed, or in a freeze window")),
    ] = False,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """The right to write changes hands: a short pause, then it lives at the target.

    \b
    xinglin migrate cutover his --reason "window of 2026-11-29 02:00"
    xinglin migrate cutover his --force --reason "the source is failing"
    """
    _order(Verb.CUTOVER, name, reason=reason, force=force, as_json=as_json, yes=yes)


@app.command()
def rollback(
    name: Name,
    *,
    reason: Reason = "",
    accept_loss: Annotated[
        bool,
        typer.Option("--accept-loss", help="Although the target's last writes cannot be had."),
    ] = False,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Back to the source, with everything that was written at the target; then it is over.

    Possible from every phase before finalize.

    \b
    xinglin migrate rollback his --reason "slower than the source"
    xinglin migrate rollback his --accept-loss --reason "the new site burnt down"
    """
    _order(
        Verb.ROLLBACK, name, reason=reason, accept_loss=accept_loss, as_json=as_json, yes=yes
    )  # fmt: skip


@app.command()
def finalize(
    name: Name,
    *,
    reason: Reason = "",
    force: Annotated[
        bool, typer.Option("--force", help=FORCE.format("the soak has not ended"))
    ] = False,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """The point of no return: evidence is written, the way back is taken down.

    \b
    xinglin migrate finalize his --reason "a week without complaint"
    xinglin migrate finalize his --force --reason "the source is sold"
    """
    _order(Verb.FINALIZE, name, reason=reason, force=force, as_json=as_json, yes=yes)


app.command("report")(compared.report)
app.command("wave")(waves.wave)
app.command("files")(transfer.files)

for _command in (start, override, rehearse, cutover, rollback, finalize):
    _command.__doc__ = f"{_command.__doc__}\n    {EXITS}"


def _order(
    verb: Verb, name: str, *, reason: str, as_json: bool, yes: bool,
    force: bool = False, accept_loss: bool = False,
) -> None:  # fmt: skip
    orders.demand_reason(reason)
    with told():
        desk = sit_down("sre")
        hub = desk.hub()
        migration = orders.unfinished(hub.migrations(), name)
        order = orders.ordered(migration, verb, reason=reason, force=force, accept_loss=accept_loss)
        orders.demand_sense(migration, order)
        orders.confirm(migration, order, yes=yes)
        hub.order(migration.name, order)
        ended, code = follow(
            desk.hub, migration.name, screen=stderr, order=order, before=migration.rehearsal
        )
    _end(ended, code, as_json=as_json)


def _end(migration: Migration, code: Exit, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(moves.plain(migration), ensure_ascii=False, indent=2))
    elif code is Exit.UNSAFE:
        stderr.print(moves.WAITING)
    raise typer.Exit(code)
