"""Findings in words, Chinese first, then English: the same at every gate."""

from __future__ import annotations

from hospital.rule import Level, Rule, Text
from policies.judgement import Finding


def clauses(rule: Rule) -> str:
    """The rule's clauses in one line."""
    return "; ".join(str(clause) for clause in rule.clauses)


def title(rule: Rule) -> str:
    """The rule's title in both languages with its clauses."""
    return f"{rule.title.zh} / {rule.title.en} [{clauses(rule)}]"


def paragraph(finding: Finding, *more: Finding) -> str:
    """Findings of one rule in one resource, as a person reads them: reasons, remedy, waiver."""
    rule, reasons = finding.rule, [each.reason for each in (finding, *more)]
    lines = [
        "原因：" + "；".join(reason.zh for reason in reasons),
        f"整改：{rule.remedy.zh}",
        f"豁免：{_waiver(finding).zh}",
        "Reason: " + "; ".join(reason.en for reason in reasons),
        f"Remedy: {rule.remedy.en}",
        f"Waiver: {_waiver(finding).en}",
    ]
    return "\n".join(lines)


def _waiver(finding: Finding) -> Text:
    rule = finding.rule
    if finding.waiver is not None:
        named = "{owner}，至 {until}：{reason}；补偿措施：{control}".format_map(finding.waiver)
        said = "{owner} until {until}: {reason}; instead: {control}".format_map(finding.waiver)
        return Text(f"已豁免（{named}）", f"waived by {said}")
    if rule.level is Level.ADVISORY:
        return Text("无需豁免，仅为提示", "not needed, it only advises")
    if rule.waived_by is None:
        return Text("不可豁免", "nobody may")
    if not finding.resource.inputs.keys() & {"workload", "waivers"}:
        where = f"{rule.id}, {finding.resource.id}"
        return Text(
            f"{rule.waived_by.zh}，在 spec.policy.waivers 中登记 {where}",
            f"{rule.waived_by.en}; record {where} in `spec.policy.waivers`",
        )
    return Text(
        f"{rule.waived_by.zh}，在业务的 waivers 中登记 {rule.id}",
        f"{rule.waived_by.en}; record {rule.id} in the workload's `waivers`",
    )
