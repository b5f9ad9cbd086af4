"""Who declares the numbers of level 6 has a plan that needs no person.

Why: nothing lost and back within minutes means that the standby takes over by itself; at night a
person who must first be woken is the longest step. With `mode: confirm` level 5 is what is reached.
Clause: GB/T 20988-2025 level 6 (takes over seamlessly) against level 5 (switched by one action).
Fix: let the plan be `automatic`, or declare the RTO that a person on call can keep.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator
from datetime import timedelta

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import span, workloads

RULE = Rule(
    id="plan_mode_fits_level",
    clauses=(Clause("GB/T 20988-2025", "第6级"), Clause("GB/T 20988-2025", "第5级")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.PLAN,),
    scope=Scope.ESTATE,
    title=Text("预案启动方式与恢复等级相符", "A plan's mode fits the level that is claimed"),
    remedy=Text(
        "预案改为 mode: automatic，或如实填写值班人员能达到的 RTO",
        "set mode: automatic, or declare the RTO that a person on call can keep",
    ),
)

MINUTES = timedelta(minutes=30)  # how far "minutes" reaches; practice, in no standard
NOTHING = timedelta(0)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per workload that claims level 6 and waits for a person."""
    plan, known = resource.inputs["plan"], workloads(facts)
    for name in plan["workloads"] if plan["mode"] == "confirm" else ():
        workload = known.get(name)
        if not workload or span(workload["rpo"]) > NOTHING or span(workload["rto"]) > MINUTES:
            continue
        rto = workload["rto"]
        yield Text(
            f"{name} 声明 RPO 0、RTO {rto}（第6级），预案须人工确认，至多第5级",
            f"{name} claims level 6 (RPO 0, RTO {rto}); a plan that waits for a person reaches 5",
        )
