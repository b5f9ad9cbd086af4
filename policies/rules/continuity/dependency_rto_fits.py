"""No workload promises to be back before what it depends on.

Why: it answers only after its dependencies; an RTO shorter than theirs is kept by luck.
Clause: GB/T 20988-2025 6.1 (objectives follow from the analysis of dependencies).
Fix: tighten the RTO of the dependency, or declare the longer one that is true.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import span, workloads

RULE = Rule(
    id="dependency_rto_fits",
    clauses=(Clause("GB/T 20988-2025", "6.1"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.WORKLOAD,),
    scope=Scope.ESTATE,
    title=Text("RTO 不短于所依赖业务的 RTO", "An RTO is not shorter than a dependency's"),
    remedy=Text(
        "缩短被依赖业务的 RTO，或如实放宽本业务的 RTO",
        "tighten the dependency's RTO, or declare the longer one that is true",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per dependency that may take longer."""
    workload, known = resource.inputs["workload"], workloads(facts)
    name, own = workload["name"], workload["rto"]
    for needed in workload["dependsOn"]:
        if needed in known and span(known[needed]["rto"]) > span(own):
            theirs = known[needed]["rto"]
            yield Text(
                f"{name} 的 RTO 为 {own}，其依赖 {needed} 为 {theirs}",
                f"{name} promises RTO {own}, but {needed}, which it needs, only {theirs}",
            )
