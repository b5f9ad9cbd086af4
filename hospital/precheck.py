"""Runs the checks that come before a migration, and says which of them keep it waiting.

Pure: the same facts give the same results. All checks run, whatever one of them says: a person who
mends one thing must see the others in the same hour. A result that blocks is never dropped; a
person may take it on by name and reason (``Migration.overrides``), which stands in the evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hospital.estate import Host
from hospital.prechecks import all_checks
from hospital.prechecks.check import (
    Absent,
    Answer,
    End,
    Outcome,
    Part,
    Precheck,
    Severity,
    listed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

__all__ = ["Outcome", "Part", "Precheck", "Result", "Severity", "answer", "blocking", "run"]


@dataclass(frozen=True, slots=True)
class Result:
    """How one check ended: what was seen, and what to do about it."""

    id: str
    outcome: Outcome
    seen: Text
    title: Text
    remedy: Text
    severity: Severity
    blocks: bool  # the migration waits until it is mended or taken on

    def plain(self) -> dict[str, object]:
        """JSON-compatible data, for ``--json`` and evidence."""
        return {
            "id": self.id,
            "outcome": self.outcome.value,
            "severity": self.severity.value,
            "blocks": self.blocks,
            "title": self.title.plain(),
            "seen": self.seen.plain(),
            "remedy": self.remedy.plain(),
        }


def run(facts: Facts) -> tuple[Result, ...]:
    """The result of every check, in the order of their ids."""
    return tuple(answer(check, facts) for check in all_checks())


def blocking(results: Iterable[Result]) -> tuple[Result, ...]:
    """Those that keep the migration waiting."""
    return tuple(result for result in results if result.blocks)


def answer(check: Precheck, facts: Facts) -> Result:
    """The result of one check."""
    found = _ask(check, facts)
    outcome = found.outcome
    if outcome is Outcome.FAIL and check.severity is Severity.WARNING:
        outcome = Outcome.WARNING
    blocks = outcome is Outcome.FAIL or (outcome is Outcome.UNKNOWN and check.blind)
    remedy = found.remedy or check.remedy
    return Result(check.id, outcome, found.seen, check.title, remedy, check.severity, blocks)


def _ask(check: Precheck, facts: Facts) -> Answer:
    if facts.method not in check.methods:
        other = " ".join(check.methods)
        return _outside(f"只用于 {other} 方式", f"only for the method {other}")
    if check.database and not facts.workload.database:
        return _outside("该系统没有数据库", "the workload has no database")
    if End.TARGET in check.pods and facts.hosts_there:
        return _on_hosts(facts.target_site, facts.hosts_there)
    if End.SOURCE in check.pods and facts.hosts_here:
        return _on_hosts(facts.source_site, facts.hosts_here)
    try:
        return check.function(facts)
    except Absent as absent:
        name = absent.args[0]
        seen = Text(f"无法读取 {name}", f"nobody could read {name}")
        remedy = Text(
            f"查明 {name} 为何无法读取后重新检查",
            f"find out why {name} cannot be read; check again",
        )
        return Answer(Outcome.UNKNOWN, seen, remedy)


def _on_hosts(site: str, hosts: Iterable[Host]) -> Answer:
    named = listed(host.id for host in hosts)
    return _outside(f"在 {site} 运行于主机：{named}", f"at {site} it runs on hosts: {named}")


def _outside(zh: str, en: str) -> Answer:
    return Answer(Outcome.NOT_APPLICABLE, Text(zh, en))
