"""What a workload's objectives claim, every element of its recovery reaches.

Why: an RTO of minutes is written in a second; whether copies, standby, network and plan carry it is
what an assessor looks at, and the weakest of them is the level that the hospital really has.
Clause: GB/T 20988-2025, levels 2 to 6: a level is reached only with all of its elements.
Fix: bring up the element that is named, or declare the objectives that can be kept.
Waiver: the management of the hospital, with the day by which the element will be there.
"""

from collections.abc import Iterator

from hospital.resilience import standing
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import sites

RULE = Rule(
    id="claimed_level_is_reached",
    clauses=(
        *(Clause("GB/T 20988-2025", f"第{level}级") for level in (2, 3, 4, 5, 6)),
        Clause("GB/T 20988-2025", "数据备份系统"),
        Clause("GB/T 20988-2025", "备用数据处理系统"),
        Clause("GB/T 20988-2025", "备用网络系统"),
        Clause("GB/T 20988-2025", "灾难恢复预案"),
    ),
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    kinds=(Kind.WORKLOAD,),
    scope=Scope.ESTATE,
    title=Text("各要素达到声明的灾难恢复等级", "Every element reaches the level that is claimed"),
    remedy=Text(
        "补齐所列要素，或如实声明 RTO、RPO", "bring up the element, or declare what can be kept"
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per element that stays below the claim; told at the home site, once."""
    workload = resource.inputs["workload"]
    here = resource.inputs["site"]["name"]
    if here != workload["home"] or here not in sites(facts) or workload.get("rehearses"):
        return
    seen = standing(workload, facts)
    for element in seen.elements:
        if element.level < seen.claimed and element.lacks is not None:
            name, claim, level = workload["name"], seen.claimed, element.level
            yield Text(
                f"{name} 声明第{claim}级，{element.element}只达到第{level}级：{element.lacks.zh}",
                f"{name} claims level {claim}, one element reaches {level}: {element.lacks.en}",
            )
