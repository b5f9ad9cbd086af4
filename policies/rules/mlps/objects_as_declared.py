"""What is in a cluster is what was declared, and nothing else is in a workload's namespace.

Why: a change made by hand is on no plan and in no rehearsal; the next recovery starts what was
declared, and the ward finds that last month's repair is gone. A stray object is nobody's.
Clause: GB/T 22239-2019 8.1.10.8 (the configuration is recorded and kept), 8.1.10.10 (changes go
their approved way), 8.1.5.1 b (administrators manage resources by it), 8.2.4.3 b (what nobody
approved is found); operators' own field, the number of replicas, is not compared.
Fix: `pulumi up` brings back what was declared; what shall stay is declared first.
Waiver: the system's administrator, until the change is declared.
"""

from collections.abc import Iterator

from hospital.drift import Departure, departures
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="objects_as_declared",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.10.8"),
        Clause("GB/T 22239-2019", "8.1.10.10"),
        Clause("GB/T 22239-2019", "8.1.5.1 b"),
        Clause("GB/T 22239-2019", "8.2.4.3 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.WORKLOAD,),
    title=Text("集群内对象与声明一致", "Objects in clusters are as declared"),
    remedy=Text(
        "执行 pulumi up 恢复声明，或先修改声明", "run pulumi up, or declare the change first"
    ),
    waived_by=Text("系统管理员", "the system's administrator"),
    needs=("objects", "declared"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per object that is gone or nobody's, and per field that differs."""
    inputs = resource.inputs
    for each in departures(inputs["declared"], inputs["objects"]):
        yield _said(each)


def _said(each: Departure) -> Text:
    subject = f"{each.kind}/{each.name}"
    if each.path:
        path, want, have = f"{subject}.{each.path}", f"{each.declared!r}", f"{each.found!r}"
        return Text(f"{path} 声明为 {want}，实为 {have}", f"{path} is {have}, declared {want}")
    if each.found is None:
        return Text(f"{subject} 已声明但不存在", f"{subject} is declared and not there")
    return Text(f"{subject} 未经声明", f"{subject} was declared by nobody")
