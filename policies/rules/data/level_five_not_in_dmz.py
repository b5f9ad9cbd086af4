"""Data of level 5 do not stand in the DMZ.

Why: what harms a person most when it leaks is shown to those who treat that person only; the DMZ is
where the Internet may come.
Clause: GB/T 39725-2020 level 5 (a very small circle); GB/T 22239-2019 8.1.2.1 d.
Fix: keep the data in the internal zone, and let the DMZ ask for the one answer that it needs.
Waiver: the data security officer, for one workload.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="level_five_not_in_dmz",
    clauses=(Clause("GB/T 39725-2020", "第5级数据"), Clause("GB/T 22239-2019", "8.1.2.1 d")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.WORKLOAD,),
    title=Text("5 级数据不置于 DMZ", "Data of level 5 are not in the DMZ"),
    remedy=Text(
        "将 5 级数据留在内网，DMZ 仅按需查询",
        "keep the data in the internal zone and let the DMZ ask for what it needs",
    ),
    waived_by=Text("数据安全负责人", "the data security officer"),
)

HIGHEST = 5


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when a workload of the DMZ holds such data."""
    workload = resource.inputs["workload"]
    if workload["zone"] == "dmz" and workload["dataLevel"] >= HIGHEST:
        name = workload["name"]
        yield Text(
            f"{name} 位于 DMZ，却持有 5 级数据", f"{name} stands in the DMZ with level 5 data"
        )
