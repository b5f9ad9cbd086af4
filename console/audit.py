"""``xinglin audit``: the rules on a declaration, an exported state or the live estate.

Exit codes: 0 nothing refused, 1 mandatory findings, 2 usage or declaration error, 3 the world, or
a part of it, did not answer. Findings that only advise, or are waived by name, are always shown and
never change the code.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.desk import DECLARATION, sit_down
from console.inspection import Inspected, declared, exported, live
from console.outcome import Exit, told
from policies.judgement import Finding, Judgement, Tally, judge
from policies.report import document
from policies.rules import all_rules
from policies.wording import paragraph, title

REPORT_NAME = "audit.json"
ENDS = {"passed": Exit.OK, "refused": Exit.FAILED, "incomplete": Exit.SILENT}
CHINA = timezone(timedelta(hours=8))
VERDICTS = {
    "passed": "[green]通过 / passed[/]",
    "refused": "[red]拒绝 / refused[/]",
    "incomplete": "[yellow]不完整 / incomplete[/]",
}


def audit(
    *,
    estate: Annotated[
        Path | None,
        typer.Option(help="Declaration to judge; with --live, where the hubs answer."),
    ] = None,
    state: Annotated[Path | None, typer.Option(help="State from `pulumi stack export`.")] = None,
    look_live: Annotated[bool, typer.Option("--live", help="Judge what is really there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    output: Annotated[
        Path | None, typer.Option(help=f"Directory to write {REPORT_NAME} into.")
    ] = None,
    on: Annotated[str, typer.Option(help="Day of the judgement, YYYY-MM-DD; default today.")] = "",
) -> None:
    """Judge an estate by the rules: 信创, 等保, 密评, continuity, data.

    \b
    xinglin audit --estate stacks/estates/lab.yaml
    xinglin audit --live --output build/audit
    xinglin audit --state state.json --json

    Exit codes: 0 passed, 1 refused, 2 usage or declaration error, 3 the world did not answer.
    """
    if state is not None and (look_live or estate is not None):
        raise typer.BadParameter("--state goes with neither --live nor --estate")
    today = _day(on)
    with told():
        inspected = _inspect(estate or DECLARATION, state=state, look_live=look_live)
        judgement = judge(all_rules(), inspected.resources, today=today)
    report = document(judgement, inspected.resources, source=inspected.source)
    if output is not None:
        _write(report, output)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _show(Console(), report, judgement)
    raise typer.Exit(ENDS[report["verdict"]])


def _inspect(estate: Path, *, state: Path | None, look_live: bool) -> Inspected:
    if state is not None:
        return exported(state)
    return live(sit_down("auditor", declaration=estate)) if look_live else declared(estate)


def _day(text: str) -> date:
    if not text:
        return datetime.now(UTC).astimezone(CHINA).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--on: {error}") from error


def _write(report: dict[str, Any], directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
    (directory / REPORT_NAME).write_text(text, encoding="utf-8")


def _show(screen: Console, report: dict[str, Any], judgement: Judgement) -> None:
    source = report["source"]
    heading = f"{source['estate']} · {source['place']} · {report['date']}"
    table = Table(title=escape(heading), box=SIMPLE_HEAD)
    for name in ("规则 / rule", "对象 / judged", "结果 / result"):
        table.add_column(name, overflow="fold")
    for tally in judgement.tallies:
        name = escape(f"{tally.family}/{tally.rule.id}\n{tally.rule.title.zh}")
        table.add_row(name, str(len(tally.judged)), _result(tally))
    screen.print(table)
    for _, found in groupby(judgement.findings, key=lambda each: (each.rule.id, each.resource.id)):
        _show_findings(screen, *found)
    for void in report["voidWaivers"]:
        reason = void["reason"]
        screen.print(f"[yellow]![/] {escape(void['resource'])}: {reason['zh']} / {reason['en']}")
    for silent in source["unseen"]:
        screen.print(
            f"[yellow]![/] 无应答，未能检查 / did not answer, not judged: {escape(silent)}"
        )
    counts = " · ".join(f"{name} {number}" for name, number in report["counts"].items())
    screen.print(f"{VERDICTS[report['verdict']]} · {counts}")


def _show_findings(screen: Console, finding: Finding, *more: Finding) -> None:
    colour = "red" if finding.refuses else "yellow"
    screen.print(f"\n[{colour}]■ {escape(finding.resource.id)}[/] {escape(title(finding.rule))}")
    screen.print(paragraph(finding, *more), markup=False, highlight=False)


def _result(tally: Tally) -> str:
    absent = tally.not_applicable
    if absent is not None:
        return f"[dim]不适用 / not applicable: {escape(absent.zh)} / {escape(absent.en)}[/]"
    refused = sum(1 for finding in tally.findings if finding.refuses)
    waived = sum(1 for finding in tally.findings if finding.waived)
    advised = len(tally.findings) - refused - waived
    said = (
        f"[red]拒绝 / refused {refused}[/]" if refused else "",
        f"[yellow]提示 / advised {advised}[/]" if advised else "",
        f"[yellow]豁免 / waived {waived}[/]" if waived else "",
    )
    return "\n".join(part for part in said if part) or "[green]通过 / passed[/]"
