"""``xinglin evidence``: is the record of what was done whole, and signed by those who count.

Read-only, as the auditor. The chain proves that nothing was changed, dropped or inserted; only
``evidence_keys.json`` of the reader says whose signatures count.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.desk import Desk, sit_down
from console.outcome import Exit, told
from console.sealing import verified
from hospital import evidence
from providers.archive import buckets, differences
from providers.evidence import Entry, HubEvidence, trusted_keys, verify

app = typer.Typer(no_args_is_help=True, help="证据 / the chained, signed record of every act.")


@app.callback()
def about() -> None:
    """Evidence of recoveries, kept in the hub."""


@app.command("verify")
def verify_command(
    path: Annotated[
        Path | None,
        typer.Argument(help="Output of an audit, or the directory of several, instead of the hub."),
    ] = None,
    copies: Annotated[
        bool, typer.Option("--copies", help="Also the copies in the clouds' buckets.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
    keys: Annotated[
        Path | None,
        typer.Option(help="With PATH: public keys, <signer>.ed25519.pem and <signer>.sm2.pem."),
    ] = None,
    head: Annotated[
        str, typer.Option(help="With PATH: the hash that the last record must have.")
    ] = "",
) -> None:
    """Check every record's place in the chain, its bytes and its signature.

    \b
    xinglin evidence verify
    xinglin evidence verify --copies      every record must lie in every cloud's bucket too
    xinglin evidence verify --json
    xinglin evidence verify build/audits --keys keys/     what `xinglin audit --output` sealed

    Exit codes: 0 whole, 1 not whole, 2 this identity was not told whose signatures count,
    3 the hub or a bucket does not answer.
    """
    if path is not None:
        _verify_audits(path, keys=keys, head=head, as_json=as_json)
    with told():
        desk = sit_down("auditor")
        entries, problems = check(desk)
        counts: dict[str, int] = {}
        if copies:
            counts, found = check_copies(desk, entries)
            problems += found
    if as_json:
        plain = _plain(entries, problems, counts)
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        _show(Console(), entries, problems, counts)
    raise typer.Exit(Exit.FAILED if problems else Exit.OK)


def _verify_audits(path: Path, *, keys: Path | None, head: str, as_json: bool) -> NoReturn:
    with told():
        count, problems = verified(path, keys=keys, head=head)
    if as_json:
        plain = {"whole": not problems, "problems": list(problems), "audits": count}
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        screen = Console()
        for problem in problems:
            screen.print(f"[red]✗[/] {escape(problem)}", highlight=False)
        if not problems:
            screen.print(
                f"[green]✓[/] {count} 次审计，文件、链与签名均有效"
                f" / {count} audits, files, chain and signatures valid"
            )
    raise typer.Exit(Exit.FAILED if problems else Exit.OK)


def check(desk: Desk) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Every record in the hub, and everything that is wrong with them."""
    entries = HubEvidence(desk.hub().cluster, desk.access).entries()
    return entries, verify(entries, keys=trusted_keys(desk.access))


def check_copies(desk: Desk, entries: tuple[Entry, ...]) -> tuple[dict[str, int], tuple[str, ...]]:
    """How many copies each cloud site's bucket holds, and where they differ from ``entries``."""
    counts: dict[str, int] = {}
    problems: list[str] = []
    for bucket in buckets(desk.estate, desk.access):
        copies = bucket.entries()
        counts[bucket.site] = len(copies)
        problems += [f"{bucket.site}: {one}" for one in differences(entries, copies)]
    return counts, tuple(problems)


def _plain(
    entries: tuple[Entry, ...], problems: tuple[str, ...], counts: dict[str, int]
) -> dict[str, Any]:
    records = [
        {"name": entry.name, "signer": entry.signer, **json.loads(entry.body)} for entry in entries
    ]
    return {
        "whole": not problems,
        "problems": list(problems),
        "records": records,
        "copies": counts,
    }


def _show(
    screen: Console,
    entries: tuple[Entry, ...],
    problems: tuple[str, ...],
    counts: dict[str, int],
) -> None:
    table = Table(
        "记录 / record", "时间 / when", "行动 / action", "缘由 / reason", "签名 / signed by"
    )
    for entry in entries:
        try:
            record = evidence.parse(entry.body).record
        except ValueError:
            record = {}
        moment = datetime.fromtimestamp(float(record.get("recordedAt", 0)), UTC)
        table.add_row(
            entry.name,
            moment.strftime("%Y-%m-%d %H:%M:%S UTC"),
            escape(str(record.get("action", "?"))),
            escape(str(record.get("reason", ""))),
            escape(entry.signer),
        )
    screen.print(table)
    for site, count in counts.items():
        screen.print(f"  {count} 份副本在 / copies at {escape(site)}")
    for problem in problems:
        screen.print(f"[red]✗[/] {escape(problem)}")
    if not problems:
        screen.print(
            f"[green]✓[/] {len(entries)} 条记录，链完整，签名有效"
            f" / {len(entries)} records, chain whole, signatures valid"
        )
