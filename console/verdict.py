"""What an audit says to a person, on a terminal.

Nothing is decided here: what is shown is what the report holds. What must never happen: a name that
a stranger chose acts on the terminal instead of being read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.text import printable
from hospital.rule import Text
from policies.formats.reading import Beside, asides
from policies.judgement import Finding, Judgement, Tally
from policies.records import Attested, Standing
from policies.wording import paragraph, title

# What a stranger writes into a name must not act on the terminal that shows the verdict.
CONTROLS = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "�")
VERDICTS = {
    "passed": "[green]通过 / passed[/]",
    "refused": "[red]拒绝 / refused[/]",
    "incomplete": "[yellow]不完整 / incomplete[/]",
}
COLOURS = {
    Standing.LAPSED: "red",
    Standing.CHANGED: "red",
    Standing.MISSING: "yellow",
    Standing.NOT_YET: "yellow",
    Standing.VOID: "yellow",
}


def show(report: Mapping[str, Any], judgement: Judgement, *, records: Sequence[Attested]) -> None:
    """Print what was judged and found, by which verdict it ends, and what could not be seen."""
    screen = Console()
    source = report["source"]
    heading = " · ".join(filter(None, (source["estate"], source["place"], report["date"])))
    table = Table(title=escape(heading), box=SIMPLE_HEAD)
    for name in ("规则 / rule", "对象 / judged", "结果 / result"):
        table.add_column(name, overflow="fold")
    unasked: Counter[Text] = Counter()
    for tally in judgement.tallies:
        absent = tally.not_applicable
        if absent is not None:
            unasked[absent] += 1
            continue
        name = escape(f"{tally.family}/{tally.rule.id}\n{tally.rule.title.zh}")
        table.add_row(name, str(len(tally.judged)), _result(tally))
    screen.print(table)
    for absent, count in unasked.items():
        said = f"{count} 条规则不适用 / rules not applicable: {absent.zh} / {absent.en}"
        screen.print(f"[dim]- {escape(said)}[/]")
    for aside in asides(report):
        if aside.kind in (Beside.PROFILE, Beside.TREND):
            screen.print(f"{aside.subject}: {aside.said}", markup=False, highlight=False)
    for _, found in groupby(judgement.findings, key=_of_one):
        _show_findings(screen, *found)
    _show_records(screen, records)
    for void in report["voidWaivers"]:
        reason = void["reason"]
        screen.print(f"[yellow]![/] {escape(void['resource'])}: {reason['zh']} / {reason['en']}")
    for waiting in report["deferred"]:
        subject, reason = f"{waiting['rule']} {waiting['resource']}", waiting["reason"]
        screen.print(f"[yellow]![/] {escape(subject)}: {reason['zh']} / {reason['en']}")
    for silent in source["unseen"]:
        screen.print(
            f"[yellow]![/] 未能查看，未作判定 / could not be seen, not judged: {escape(silent)}"
        )
    for document_left in source["skipped"]:
        screen.print(
            f"[dim]- 非 Kubernetes 对象，未判定 / no object, not judged: {escape(document_left)}[/]"
        )
    counts = " · ".join(f"{name} {number}" for name, number in report["counts"].items())
    screen.print(f"{VERDICTS[report['verdict']]} · {counts}")


def _of_one(finding: Finding) -> tuple[str, str, str]:
    return finding.rule.id, finding.resource.id, finding.resource.place


def _show_findings(screen: Console, finding: Finding, *more: Finding) -> None:
    colour, resource = "red" if finding.refuses else "yellow", finding.resource
    subject = f"{resource.id} ({resource.place})" if resource.place else resource.id
    subject, said = (text.translate(CONTROLS) for text in (subject, paragraph(finding, *more)))
    screen.print(f"\n[{colour}]■ {escape(subject)}[/] {escape(title(finding.rule))}")
    screen.print(said, markup=False, highlight=False)


def _result(tally: Tally) -> str:
    refused = sum(1 for finding in tally.findings if finding.refuses)
    waived = sum(1 for finding in tally.findings if finding.waived)
    advised = len(tally.findings) - refused - waived
    said = (
        f"[red]拒绝 / refused {refused}[/]" if refused else "",
        f"[yellow]提示 / advised {advised}[/]" if advised else "",
        f"[yellow]豁免 / waived {waived}[/]" if waived else "",
    )
    return "\n".join(part for part in said if part) or "[green]通过 / passed[/]"


def _show_records(screen: Console, found: Sequence[Attested]) -> None:
    """A line for every record that counts for nothing today, and for every clause without."""
    for item in found:
        colour = COLOURS.get(item.standing)
        if colour is not None:
            said = printable(f"{_subject(item)}: {item.reason.zh} / {item.reason.en}")
            screen.print(f"[{colour}]■[/] {escape(said)}", soft_wrap=True)
    absent = sum(1 for item in found if item.standing is Standing.NOT_SHOWN)
    if absent:
        screen.print(
            f"[dim]- {absent} 个条款须凭记录证明，未提供记录 / "
            f"{absent} clauses that only a record can show, no records given: --records[/]"
        )


def _subject(item: Attested) -> str:
    title = item.entry.title
    place = f" ({item.attestation.place})" if item.attestation else ""
    return f"{item.entry.clause} {title.zh} / {title.en}{place}"
