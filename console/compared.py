"""``xinglin migrate report``: what a rehearsal found, for people and for programs.

``hospital/rehearsal.py`` says what is in it; here it is only shown. The page is self-contained (no
script, no font, no picture from elsewhere), prints on A4, and says what was emulated.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table

from console import page
from console.desk import Desk, sit_down
from console.distribution import draw, duration
from console.orders import latest
from console.outcome import Exit, told
from hospital.codec import decode
from hospital.errors import HospitalError, RefusedError
from hospital.estate import Estate
from hospital.rehearsal import CURVE, Comparison, EndpointCompared, Latency, Pace

EMULATED = "xinglin.dev/emulated"  # label of nodes whose CPU is emulated
PACES = {
    Pace.FASTER: ("更快", "faster"),
    Pace.SAME: ("相当", "same"),
    Pace.SLOWER: ("更慢", "slower"),
    Pace.UNKNOWN: ("未测", "unknown"),
}
EMULATION = (
    "目标站点的 CPU 为仿真：其延迟只说明仿真，不说明真实硬件",
    "The target's CPU is emulated: its latencies speak of the emulation, not of real hardware",
)


def report(
    name: Annotated[str, typer.Argument(help="A migration, or a workload: its newest one.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write comparison.html and .json here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """The comparison of the last rehearsal: rows, and latency per endpoint, source against target.

    \b
    xinglin migrate report his --out build/his
    xinglin migrate report his --json | jq '.endpoints[] | {name, pace, change}'

    Exit codes: 0 it passed, 1 it did not, or there was no rehearsal yet, 2 no such migration,
    3 the hub does not answer.
    """
    with told():
        desk = sit_down("sre")
        found = look(desk, name)
        written = write(found, out) if out else ()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        Console().print(table(found))
        for path in written:
            typer.echo(str(path))
    raise typer.Exit(Exit.OK if found["passed"] else Exit.FAILED)


def look(desk: Desk, name: str) -> dict[str, Any]:
    """The report of the newest rehearsal of a migration; RefusedError if there was none."""
    hub = desk.hub()
    migration = latest(hub.migrations(), name)
    kept = (hub.migration_status(migration.name).get("rehearsal") or {}).get("report")
    if not kept:
        raise RefusedError(migration.name, "还没有演练报告 / there is no report of a rehearsal yet")
    comparison = decode(Comparison, kept, where=f"Migration/{migration.name}")
    emulated = _emulated(desk, comparison.target)
    return document(desk.estate, comparison, emulated=emulated)


def document(estate: Estate, compared: Comparison, *, emulated: bool | None) -> dict[str, Any]:
    """The report as JSON; ``emulated`` is None where nobody could ask the target's nodes."""
    titles = next((w for w in estate.workloads if w.name == compared.workload), None)
    return {
        "schemaVersion": 1,
        "kind": "comparison",
        "estate": {
            "name": estate.name, "titleZh": estate.title_zh, "titleEn": estate.title_en,
        },
        "migration": compared.migration,
        "workload": compared.workload,
        "titleZh": titles.title_zh if titles else compared.workload,
        "titleEn": titles.title_en if titles else compared.workload,
        "source": compared.source,
        "target": compared.target,
        "method": compared.method,
        "at": compared.at,
        "seconds": compared.seconds,
        "application": compared.application,
        "emulated": emulated,
        "passed": compared.passed,
        "pace": compared.pace.value,
        "summary": compared.summary,
        "failures": list(compared.failures),
        "percentiles": list(CURVE),
        "endpoints": [_endpoint(each) for each in compared.endpoints],
        "rows": [
            {
                "name": each.name,
                "compared": each.compared,
                "changed": each.changed,
                "differing": each.differing,
                "examples": list(each.examples),
            }
            for each in compared.rows
        ],
        "notes": list(compared.notes),
    }  # fmt: skip


def write(found: dict[str, Any], directory: Path) -> tuple[Path, Path]:
    """Write ``comparison.json`` and ``comparison.html`` into ``directory``; their paths."""
    return page.write(found, html(found), directory=directory, name="comparison")


def html(found: dict[str, Any]) -> str:
    """The page."""
    percentiles = tuple(found["percentiles"])
    return page.template("comparison.html.j2", duration=duration).render(
        found=found,
        made=page.moment(found["at"]),
        charts=[draw(each, percentiles) for each in found["endpoints"]],
        paces={pace.value: words for pace, words in PACES.items()},
        emulation=EMULATION,
    )


def table(found: dict[str, Any]) -> Group:
    """The report for the terminal."""
    ends = Table(
        "接口 / endpoint", "p50", "p95", "p99", "p95 变化 / change", "结论 / pace",
        title=f"{found['source']} → {found['target']}",
    )  # fmt: skip
    for each in found["endpoints"]:
        zh, en = PACES[Pace(each["pace"])]
        change = "—" if each["change"] is None else f"{each['change']:+.0%}"
        ends.add_row(escape(each["name"]), *_pairs(each), change, f"{zh} / {en}")
    colour, word = ("green", "通过 / passed") if found["passed"] else ("red", "未通过 / failed")
    lines = [f"[bold {colour}]{word}[/]  {escape(found['summary'])}"]
    lines += [f"[yellow]{' / '.join(EMULATION)}[/]"] if found["emulated"] else []
    lines += [f"[dim]{escape(note)}[/]" for note in found["notes"]]
    return Group(ends, *lines)


def _endpoint(each: EndpointCompared) -> dict[str, Any]:
    return {
        "name": each.name,
        "pace": each.pace.value,
        "change": each.change,
        "firstError": each.first_error,
        "source": _latency(each.source),
        "target": _latency(each.target),
    }


def _latency(found: Latency | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "count": found.count,
        "errors": found.errors,
        "p50Seconds": found.p50,
        "p95Seconds": found.p95,
        "p99Seconds": found.p99,
        "curve": list(found.curve),
    }


def _pairs(each: dict[str, Any]) -> tuple[str, ...]:
    """Source → target of each percentile."""
    ends = (each["source"], each["target"])
    return tuple(
        " → ".join(duration(end[key]) if end and end["curve"] else "—" for end in ends)
        for key in ("p50Seconds", "p95Seconds", "p99Seconds")
    )


def _emulated(desk: Desk, site: str) -> bool | None:
    """Whether a node of that site says that its CPU is emulated."""
    with suppress(HospitalError):
        labels = [node["metadata"].get("labels", {}) for node in desk.nodes(site)]
        return any(EMULATED in each for each in labels)
    return None
