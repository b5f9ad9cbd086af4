"""``xinglin migrate plan``: what a migration would be, before anything is written.

The same checks as the operators run, on the facts that can be seen from the desk. What only an
operator can read (the inside of a database) is told as unknown here, and judged before the first
copy; it is never taken for good. What only the desk can ask (the rules) is asked here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rich.console import Group
from rich.markup import escape
from rich.table import Table

from console import expectation
from console.desk import Desk
from hospital import migration as core
from hospital.codec import encode
from hospital.estate import Estate
from hospital.hazards import NOT_COVERED, hazards
from hospital.precheck import Outcome, run
from hospital.proposal import Proposal, proposed

_WORDS = {
    Outcome.PASS: "[green]✓[/]",
    Outcome.FAIL: "[red]✗[/]",
    Outcome.WARNING: "[yellow]![/]",
    Outcome.UNKNOWN: "[cyan]?[/]",
    Outcome.NOT_APPLICABLE: "[dim]-[/]",
}
UNSEEN = (
    "？= 在此处看不到，操作器在首次复制之前核实"
    " / ? = cannot be seen from here; the operators judge it before the first copy"
)
RULES = "policy_findings"
NOTHING = "只是计划：什么都没有写入 / a plan: nothing was written"


def look(desk: Desk, workload: str, to: str) -> dict[str, Any]:
    """Everything that ``plan`` shows, JSON-compatible."""
    hub, estate = desk.hub(), desk.declared()
    active, earlier = hub.active_sites(), hub.migrations()
    move = proposed(estate, workload, to, active=active.get(workload, ""), earlier=earlier)
    asked = move.asked("plan", reason="plan", by="", at=time.time())  # it is never written
    refusal = core.refusal(estate, asked, earlier)
    # Not above: the rules take longer to import than the rest of the command.
    from console.rules_there import findings  # noqa: PLC0415

    facts = replace(desk.facts(estate, asked), policy_findings=findings(estate, asked))
    return {
        "dryRun": True,
        "workload": move.workload,
        "source": move.source,
        "target": move.target,
        "method": move.method.value,
        "database": move.database,
        "refusal": refusal,
        "moves": _moves(estate, move),
        "expected": expectation.expected(facts, earlier),
        "checks": [result.plain() for result in run(facts)],
        "hazards": [each.plain() for each in hazards(estate, move, active)],
        "notCovered": [each.plain() for each in NOT_COVERED],
    }


def may_begin(found: dict[str, Any]) -> bool:
    """Whether nothing that is seen keeps it from beginning.

    Operators know no rules: what those refuse is for the declaration after the move.
    """
    failed = any(
        each["outcome"] == Outcome.FAIL and each["id"] != RULES for each in found["checks"]
    )
    return not found["refusal"] and not failed


def render(found: dict[str, Any]) -> Group:
    """The plan for the terminal."""
    return Group(*_parts(found))


def _moves(estate: Estate, move: Proposal) -> dict[str, Any]:
    workload = estate.workload(move.workload)
    return {
        "replicas": workload.replicas,
        "cpuMillicores": workload.cpu_millicores * workload.replicas,
        "memoryMebibytes": workload.memory_mebibytes * workload.replicas,
        "architectures": encode(estate.site(move.target).architectures),
        "fromDatabase": workload.database,
        "toDatabase": move.database,
        "name": estate.host_name(move.workload),
        "address": estate.site(move.target).endpoints.ingress,
    }


def _parts(found: dict[str, Any]) -> Iterator[Any]:
    moves = found["moves"]
    yield (
        f"[bold]{found['workload']}[/] {found['source']} → [bold]{found['target']}[/]  "
        f"{found['method']}: {moves['fromDatabase']} → {moves['toDatabase']}"
    )
    yield (
        f"  {moves['replicas']} 副本 / replicas, {moves['cpuMillicores']} m CPU, "
        f"{moves['memoryMebibytes']} MiB, {'/'.join(moves['architectures'])}; "
        f"{moves['name']} → {moves['address']}"
    )
    if found["refusal"]:
        yield f"[red]✗ 会被拒绝 / would be refused:[/] {escape(found['refusal'])}"
    for line in expectation.lines(found["expected"]):
        yield f"  {escape(line)}"
    yield _checks(found)
    yield f"[dim]{UNSEEN}[/]"
    for title, name in (("风险 / risks", "hazards"), ("不包括 / not covered", "notCovered")):
        yield f"[bold]{title}[/]"
        for each in found[name]:
            yield f"  • {escape(each['zh'])} / {escape(each['en'])}"
    yield f"[dim]{NOTHING}[/]"


def _checks(found: dict[str, Any]) -> Table:
    """What is not well in full; what is well or out of place in numbers."""
    table = Table("", "检查 / check", "所见 / seen", "办法 / remedy")
    quiet = {Outcome.PASS: 0, Outcome.NOT_APPLICABLE: 0}
    for each in found["checks"]:
        outcome = Outcome(each["outcome"])
        if outcome in quiet:
            quiet[outcome] += 1
            continue
        seen, remedy = each["seen"], each["remedy"]
        table.add_row(
            _WORDS[outcome],
            each["id"],
            escape(f"{seen['zh']} / {seen['en']}"),
            "" if outcome is Outcome.UNKNOWN else escape(f"{remedy['zh']} / {remedy['en']}"),
        )
    table.caption = (
        f"{quiet[Outcome.PASS]} 项通过 / passed, "
        f"{quiet[Outcome.NOT_APPLICABLE]} 项不适用 / not applicable"
    )
    return table
