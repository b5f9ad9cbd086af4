"""``xinglin survey``: look at hosts, databases, endpoints, clusters and clouds, and write it down.

Made by who administers them, judged by who may not touch them (``xinglin audit --survey``).
Nothing is changed anywhere. What did not answer is named in the survey; it never looks compliant.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from console import accounts, clusters, databases, endpoints, hosts
from console.desk import DECLARATION, Desk, sit_down
from console.outcome import Exit, told
from hospital.codec import decode, encode
from hospital.errors import DeclarationError, Problem
from hospital.survey import SCHEMA_VERSION, Survey

IDENTITY = "pulumi"  # the one that may enter hosts


@dataclass(frozen=True, slots=True)
class Part:
    """What one gatherer saw: values for a field of ``Survey``, and what did not answer."""

    field: str
    values: tuple[Any, ...]
    unseen: tuple[str, ...] = ()


Gatherer = Callable[[Desk], Part]


def _hosts(desk: Desk) -> Part:
    return Part("hosts", *hosts.look(desk))


def _databases(desk: Desk) -> Part:
    return Part("databases", *databases.look(desk))


def _endpoints(desk: Desk) -> Part:
    return Part("endpoints", *endpoints.look(desk.estate))


def _clusters(desk: Desk) -> Part:
    return Part("clusters", *clusters.look(desk.estate, desk.access))


def _accounts(desk: Desk) -> Part:
    return Part("accounts", *accounts.look(desk.estate, desk.access))


GATHERERS: dict[str, Gatherer] = {
    "hosts": _hosts,
    "databases": _databases,
    "endpoints": _endpoints,
    "clusters": _clusters,
    "accounts": _accounts,
}


def survey(
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="File for the survey (JSON).")],
    estate: Annotated[
        Path, typer.Option(help="Declaration that says where things are.")
    ] = DECLARATION,
) -> None:
    """Look at what runs and write down what was seen; changes nothing.

    \b
    xinglin survey --output build/survey.json
    xinglin audit --survey build/survey.json --output build/audit

    Exit codes: 0 everything answered, 2 usage or declaration error, 3 something did not answer
    (it is named in the file and on the terminal; the rest is written).
    """
    with told():
        seen = look(sit_down(IDENTITY, declaration=estate))
        write(seen, output)
    for silent in seen.unseen:
        typer.echo(f"未能查看 / could not be seen: {silent}", err=True)
    raise typer.Exit(Exit.SILENT if seen.unseen else Exit.OK)


def look(desk: Desk, *, gatherers: dict[str, Gatherer] | None = None) -> Survey:
    """Ask every gatherer in turn; its progress goes to standard error."""
    parts = []
    for name, gather in (GATHERERS if gatherers is None else gatherers).items():
        typer.echo(f"查看 / looking at {name} …", err=True)
        parts.append(gather(desk))
    return Survey(
        schema_version=SCHEMA_VERSION,
        kind="Survey",
        estate=desk.estate.name,
        taken_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        by=IDENTITY,
        unseen=tuple(silent for part in parts for silent in part.unseen),
        **{part.field: part.values for part in parts},
    )


def write(seen: Survey, path: Path) -> None:
    """Write the survey so that only its owner can read it: it tells where an estate is weak."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(encode(seen), stream, ensure_ascii=False, indent=1)
        stream.write("\n")
    typer.echo(f"写入 / wrote {path}", err=True)


def read(path: Path) -> Survey:
    """The survey in a file; DeclarationError, with the field, if it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _no_survey(path, str(error)) from error
    found = decode(Survey, data, where=str(path))
    if (found.kind, found.schema_version) != ("Survey", SCHEMA_VERSION):
        raise _no_survey(path, f"is not a Survey of schemaVersion {SCHEMA_VERSION}")
    return found


def _no_survey(path: Path, message: str) -> DeclarationError:
    remedy = "write it with `xinglin survey --output FILE`"
    return DeclarationError((Problem(str(path), "(file)", message, remedy),))
