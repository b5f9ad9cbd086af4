"""RTO and RPO of a tier A or B workload are those of its tier.

Why: a tier is a promise to the wards; an emergency system that may be away for half a day is not of
tier A, or its objectives were copied from elsewhere.
Clause: industry practice for hospitals, in no standard (A: RTO 30 min, RPO 1 min; B: RTO 2 h, RPO
30 min, which is where GB/T 20988-2025 level 5 is reported to end).
Fix: declare objectives of the tier, or the tier that the objectives are of.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator
from datetime import timedelta

from hospital.parameters import of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text
from hospital.surroundings import span

RULE = Rule(
    id="objectives_fit_tier",
    clauses=(Clause("行业实践", "医院业务分级 A、B"), Clause("GB/T 20988-2025", "第5级")),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.WORKLOAD,),
    title=Text("RTO、RPO 与业务分级相符", "RTO and RPO fit the tier"),
    remedy=Text(
        "按分级收紧 RTO、RPO，或如实调整分级",
        "declare the objectives of the tier, or the tier of the objectives",
    ),
    parameters=of("objectives_fit_tier"),
)

LONGEST = {
    "A": timedelta(minutes=1),
    "B": timedelta(minutes=30),
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per objective that is looser than the tier's."""
    workload = resource.inputs["workload"]
    name, tier = workload["name"], workload["tier"]
    if tier not in LONGEST:
        return
    rto = timedelta(minutes=facts.parameter(RULE, f"rtoMinutesTier{tier}"))
    for field, longest in (("rto", rto), ("rpo", LONGEST[tier])):
        declared = workload[field]
        if span(declared) > longest:
            what, limit = field.upper(), f"{longest.total_seconds():.0f}s"
            yield Text(
                f"{tier} 类业务 {name} 的 {what} 为 {declared}，超过 {limit}",
                f"{name}, tier {tier}, declares {what} {declared}, more than {limit}",
            )
