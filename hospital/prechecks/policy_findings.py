"""The workload breaks no rule where it will be: what preview refuses must not enter by a move."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
    warned,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    findings = known(facts.policy_findings, "policy_findings")
    refused = [f"{each.rule} {each.resource}" for each in findings if each.mandatory]
    if refused:
        return failed(f"违反必选规则：{listed(refused)}", f"breaks rules: {listed(refused)}")
    if findings:
        names = listed(f"{each.rule} {each.resource}" for each in findings)
        return warned(f"提示性发现：{names}", f"advisory findings: {names}")
    return passed("没有规则发现", "no rule finds anything")


CHECK = Precheck(
    id="policy_findings",
    part=Part.DUTIES,
    title=Text("目标处符合规则", "It breaks no rule at the target"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "按 xinglin audit --estate 的提示修复，或声明豁免",
        "mend what xinglin audit --estate finds, or declare a waiver",
    ),
    function=check,
)
