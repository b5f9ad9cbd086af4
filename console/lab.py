"""``xinglin lab``: start, end and look at the hospital on this machine.

Wraps the functions of the lab and adds nothing of its own: whatever these commands do, the
demo and the tests do through the same functions.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console.desk import DECLARATION
from console.outcome import Exit, told
from lab import engine, lifecycle, power, rendering, root
from lab.places import CHECKOUT, Places

app = typer.Typer(no_args_is_help=True, help="实验环境 / a hospital on this machine (Linux, root).")

Site = Annotated[str, typer.Argument(help="A site of the estate, such as campus-x86.")]


@app.command()
def up(
    estate: Annotated[Path, typer.Option(help="The declaration to build.")] = DECLARATION,
) -> None:
    """Start the lab; one that runs is completed.

    \b
    sudo xinglin lab up
    """
    with told():
        lifecycle.up(estate_file=estate)


@app.command()
def down() -> None:
    """End the lab; no process, mount or network namespace of it is left.

    \b
    sudo xinglin lab down
    """
    with told():
        lifecycle.down()


@app.command()
def status(
    estate: Annotated[Path, typer.Option(help="The declaration it was built from.")] = DECLARATION,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Ask every part of the lab how it is; says which nodes are real and which simulated.

    \b
    sudo xinglin lab status
    sudo xinglin lab status --json

    Exit codes: 0 whole, 1 something is missing, 3 no lab runs here.
    """
    with told():
        health = lifecycle.status(estate_file=estate)
    if as_json:
        typer.echo(json.dumps(asdict(health), ensure_ascii=False, indent=2))
    else:
        Console().print(rendering.table(health))
    if not health.running:
        raise typer.Exit(Exit.SILENT)
    missing = any(site.missing() for site in health.sites)
    raise typer.Exit(Exit.FAILED if missing else Exit.OK)


@app.command()
def burn(site: Site) -> None:
    """Kill every process of a site at once; its disks stay.

    \b
    sudo xinglin lab burn campus-x86
    """
    with told():
        power.off(site)


@app.command("return")
def give_back(site: Site) -> None:
    """Give a burnt site its power back.

    \b
    sudo xinglin lab return campus-x86
    """
    with told():
        power.on(site)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def shell(context: typer.Context) -> None:
    """Work at the lab's desk, where Pulumi finds its stack, state and identity.

    \b
    sudo xinglin lab shell
    sudo xinglin lab shell -- pulumi up
    sudo xinglin lab shell -- pulumi preview --policy-pack policies
    """
    with told():
        places = Places.from_environment()
        engine.select_stack(places)
        line = root.at_desk(tuple(context.args) or (os.environ.get("SHELL", "/bin/sh"),), places)
        os.chdir(CHECKOUT)
        os.execvpe(line[0], line, engine.environment(places))
