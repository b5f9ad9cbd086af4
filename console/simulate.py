"""``xinglin simulate``: lose a site of a declaration, in memory, in seconds, as any user.

Uses no network, no lab and no privilege, and calls itself a simulation wherever it prints.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from console import report
from console.outcome import Exit, told
from console.simulation import Play
from hospital.errors import DeclarationError, Problem
from hospital.estate import Estate
from hospital.report import build
from stacks.estate import read_estate

TOLD = ("StepDone", "StepSkipped", "Running", "Blocked", "Refused", "Failed", "Completed")


def simulate(
    file: Annotated[Path, typer.Argument(help="A declaration.")],
    lose: Annotated[str, typer.Option(help="The site that is lost.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    directory: Annotated[
        Path | None, typer.Option("--report", help="Write report.json and report.html here.")
    ] = None,
) -> None:
    """推演 / simulate the loss of a site: same declaration, decisions and report, no lab.

    \b
    xinglin simulate stacks/estates/lab.yaml --lose campus-x86
    xinglin simulate stacks/estates/lab.yaml --lose cloud --report build/simulation

    Exit codes: 0 every workload within its RTO and RPO, 1 not, 2 declaration or unknown site.
    """
    with told():
        estate = read_estate(file)
        _check(estate, lose)
        play = Play(estate, lose)
        found = build(play.run())
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _show(Console(), play, found)
    if directory is not None:
        data, page = report.write(found, directory)
        Console(stderr=True).print(f"推演报告 / simulated report: {data}, {page}")
    raise typer.Exit(Exit.OK if found["verdict"] == "met" else Exit.FAILED)


def _check(estate: Estate, site: str) -> None:
    names = [each.name for each in estate.sites]
    if site not in names:
        remedy = f"sites of this estate: {', '.join(names)}"
        problem = Problem("--lose", "site", f"there is no site {site!r}", remedy)
        raise DeclarationError((problem,))


def _show(screen: Console, play: Play, found: dict[str, object]) -> None:
    screen.print("[bold yellow]推演，不是实测 / SIMULATION, not a measurement[/]")
    screen.print(f"[red]{0:8.2f} s  {play.lost} 失去 / is lost[/]")
    for at, word in play.words:
        if word.reason in TOLD:
            colour = "red" if word.warning else "default"
            screen.print(f"[{colour}]{at:8.2f} s  {escape(word.reason)} {escape(word.message)}[/]")
    screen.print(report.table(found))
