"""Findings in words, Chinese first, then English: the same at every gate."""

from __future__ import annotations

from hospital.rule import Kind, Level, Rule, Text
from policies.judgement import Finding


def clauses(rule: Rule) -> str:
    """The rule's clauses in one line."""
    return "; ".join(str(clause) for clause in rule.clauses)


def title(rule: Rule) -> str:
    """The rule's title in both languages with its clauses."""
    return f"{rule.title.zh} / {rule.title.en} [{clauses(rule)}]"


def paragraph(finding: Finding) -> str:
    """One finding as a person on call reads it: reason, remedy, waiver, in both languages."""
    rule = finding.rule
    lines = [
        f"原因：{finding.reason.zh}",
        f"整改：{rule.remedy.zh}",
        f"豁免：{_waiver(finding).zh}",
        f"Reason: {finding.reason.en}",
        f"Remedy: {rule.remedy.en}",
        f"Waiver: {_waiver(finding).en}",
    ]
    return "\n".join(lines)


def _waiver(finding: Finding) -> Text:
    rule = finding.rule
    if finding.waived:
        return Text("已按名豁免", "waived by name")
    if rule.level is Level.ADVISORY:
        return Text("无需豁免，仅为提示", "not needed, it only advises")
    if rule.waived_by is None or finding.resource.kind is not Kind.WORKLOAD:
        return Text("不可豁免", "nobody may")
    return Text(
        f"{rule.waived_by.zh}，在业务的 waivers 中填写 {rule.id}",
        f"{rule.waived_by.en}; name {rule.id} in the workload's `waivers`",
    )
