"""Every rule of an Ingress says for which host it is.

Why: without a host, or with a star, whatever name points at the edge reaches the service, and an
old name that nobody owns any more still opens it. Advisory: the controller may narrow it further.
Clause: GB/T 22239-2019 8.1.3.2 c (the destination is checked), 8.1.3.2 b (rules are kept minimal).
Fix: write the full host name into each rule.
Waiver: the security administrator, for the edge's own page of errors.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="ingress_host_named",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.2 c"), Clause("GB/T 22239-2019", "8.1.3.2 b")),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.OBJECT,),
    objects=("Ingress",),
    title=Text("入口规则须写明域名", "Every rule of an Ingress names its host"),
    remedy=Text("在每条规则中写明完整域名", "write the full host name into each rule"),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per rule that takes any name, or for an Ingress that has a backend only."""
    item = resource.inputs["object"]
    for number, rule in enumerate(item.get("spec", {}).get("rules", ()) or ({},)):
        host = rule.get("host", "")
        if "*" in host or not host:
            where, what = f"{name_of(item)} rules[{number}]", host or '""'
            yield Text(f"{where} 接受任意域名：{what}", f"{where} takes any host: {what}")
