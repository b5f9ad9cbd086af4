"""``python -m lab up|down|status|off SITE|on SITE|shell [MACHINE]``: the lab by hand.

The `xinglin lab` commands wrap the same functions; this one needs nothing but the lab.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hospital.errors import HospitalError
from lab import lifecycle, power, rendering, root
from lab.places import Places

app = typer.Typer(
    add_completion=False, pretty_exceptions_show_locals=False, no_args_is_help=True, help=__doc__
)

Site = Annotated[str, typer.Argument(help="A site of the estate, such as campus-x86.")]


@app.command()
def up(
    estate: Annotated[Path, typer.Option(help="The declaration to build.")] = lifecycle.ESTATE,
) -> None:
    """Start the lab, or give power back to sites that were taken away."""
    lifecycle.up(estate_file=estate)


@app.command()
def down() -> None:
    """End the lab and remove everything that it made."""
    lifecycle.down()


@app.command()
def status(
    estate: Annotated[Path, typer.Option(help="The declaration it was built from.")] = (
        lifecycle.ESTATE
    ),
) -> None:
    """Ask every part of the lab how it is; exit code 1 if something is missing."""
    health = lifecycle.status(estate_file=estate)
    Console().print(rendering.table(health))
    if not health.running or any(site.missing() for site in health.sites):
        raise typer.Exit(1)


@app.command()
def off(site: Site) -> None:
    """Kill everything at a site at once."""
    power.off(site)


@app.command()
def on(site: Site) -> None:
    """Give a site its power back."""
    power.on(site)


@app.command()
def shell(
    machine: Annotated[str, typer.Argument(help="lab, a site, or a host id.")] = root.NAME,
    command: Annotated[list[str] | None, typer.Argument(help="Instead of a shell.")] = None,
) -> None:
    """Run a shell, or a command, inside a machine; `lab` is the desk."""
    line = root.inside(
        machine, tuple(command or [os.environ.get("SHELL", "/bin/sh")]), Places.from_environment()
    )
    os.execvp(line[0], line)


def main() -> None:
    """Run the command; errors that we raise on purpose end as one line and exit code 3."""
    try:
        app()
    except HospitalError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(3) from error


if __name__ == "__main__":
    main()
