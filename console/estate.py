"""``xinglin estate``: is a declaration whole, and what may stand in one.

Reads files and nothing else: no lab, no network, no change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from console.outcome import EXIT_CODES, Exit, stderr, told
from hospital.codec import duration_text
from hospital.errors import DeclarationError, Problem
from hospital.estate import Estate
from hospital.resilience import Element, Standing, standing
from hospital.rule import Facts
from hospital.surroundings import workloads
from policies import day
from policies.nouns import from_estate
from stacks.estate import read_estate
from stacks.schema import estate_schema

HEADINGS = {
    Element.DATA: "数据 / data",
    Element.PROCESSING: "处理 / processing",
    Element.NETWORK: "网络 / network",
    Element.PLAN: "预案 / plan",
}

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


@app.command()
def levels(
    file: Annotated[Path, typer.Argument(help="For example stacks/estates/lab.yaml")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the levels as JSON.")] = False,
) -> None:
    """Level of GB/T 20988 that each workload claims, and the one that its parts reach.

    A level is reached only when every element reaches it. Building, staff and upkeep show in no
    declaration: they need records, so what is printed is the most that can be claimed.

    \b
    xinglin estate levels stacks/estates/lab.yaml
    xinglin estate levels stacks/estates/lab.yaml --json

    Exit codes: 0 every workload reaches what it claims, 1 one does not, 2 declaration error.
    """
    with told():
        facts = Facts(day.today(), from_estate(read_estate(file)))
    standings = [standing(workload, facts) for workload in workloads(facts).values()]
    if as_json:
        plain = [_standing(each) for each in standings]
        typer.echo(json.dumps({"workloads": plain}, ensure_ascii=False, indent=2))
    else:
        _show_levels(Console(), standings)
    short = any(each.reached < each.claimed for each in standings)
    raise typer.Exit(Exit.FAILED if short else Exit.OK)


def _standing(seen: Standing) -> dict[str, Any]:
    return {
        "workload": seen.workload,
        "claimed": seen.claimed,
        "claimed2007": seen.claimed_2007,
        "reached": seen.reached,
        "elements": [
            {
                "element": each.element.value,
                "level": each.level,
                "lacks": each.lacks.plain() if each.lacks else None,
            }
            for each in seen.elements
        ],
    }


def _show_levels(screen: Console, standings: Sequence[Standing]) -> None:
    table = Table(
        "业务 / workload",
        "声明 / claimed",
        "(2007)",
        "达到 / reached",
        *HEADINGS.values(),
    )
    for seen in standings:
        colour = "red" if seen.reached < seen.claimed else "green"
        elements = [str(each.level) for each in seen.elements]
        claims = (str(seen.claimed), str(seen.claimed_2007))
        table.add_row(seen.workload, *claims, f"[{colour}]{seen.reached}[/]", *elements)
    screen.print(table)
    for seen in standings:
        for each in seen.elements:
            if each.level < seen.claimed and each.lacks is not None:
                said = f"{each.lacks.zh} / {each.lacks.en}"
                screen.print(f"[red]✗[/] {seen.workload} · {HEADINGS[each.element]}: {said}")


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
