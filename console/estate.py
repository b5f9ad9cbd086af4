"""``xinglin estate``: is a declaration whole, and what may stand in one.

Reads files and nothing else: no lab, no network, no change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from console.outcome import EXIT_CODES, Exit, stderr
from hospital.codec import duration_text
from hospital.errors import DeclarationError, Problem
from hospital.estate import Estate
from stacks.estate import read_estate
from stacks.schema import estate_schema

app = typer.Typer(no_args_is_help=True, help="声明 / the declaration of an estate.")


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="For example stacks/estates/*.yaml")],
    as_json: Annotated[bool, typer.Option("--json", help="Print problems as JSON.")] = False,
) -> None:
    """Read declarations and name every problem with file, line, field and remedy.

    \b
    xinglin estate validate stacks/estates/lab.yaml
    xinglin estate validate --json stacks/estates/*.yaml
    """
    problems: list[Problem] = []
    sound: list[Estate] = []
    for path in files:
        try:
            sound.append(read_estate(path))
        except DeclarationError as error:
            problems.extend(error.problems)
    if as_json:
        found = [_plain(problem) for problem in problems]
        typer.echo(json.dumps({"problems": found}, ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            stderr.print(f"✗ {problem}", style="red", markup=False, soft_wrap=True)
        for estate in sound:
            _show(Console(), estate)
    raise typer.Exit(Exit.USAGE if problems else Exit.OK)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a declaration, for editors.

    \b
    xinglin estate schema > estate.schema.json
    """
    typer.echo(json.dumps(estate_schema(), ensure_ascii=False, indent=2))


def _plain(problem: Problem) -> Mapping[str, str]:
    return {
        "where": problem.where,
        "field": problem.field,
        "message": problem.message,
        "remedy": problem.remedy,
    }


def _show(screen: Console, estate: Estate) -> None:
    screen.print(f"[green]✓[/] {estate.title_zh} / {estate.title_en} ({estate.source})")
    table = Table("业务 / workload", "级 / tier", "RTO", "RPO", "主 / home", "备 / standbys")
    for workload in estate.workloads:
        table.add_row(
            f"{workload.title_zh} / {workload.title_en}",
            workload.tier,
            duration_text(workload.rto),
            duration_text(workload.rpo),
            workload.home,
            ", ".join(workload.standbys),
        )
    screen.print(table)


validate.__doc__ = f"{validate.__doc__}\n{EXIT_CODES}"
