"""Health data that are not public stay at sites in China.

Why: collecting, storing and processing happen inside the country; data leave it only by the rule,
after an assessment, which no declaration can replace.
Clause: 国卫规划发〔2022〕29号 articles 18 to 22; GB/T 22239-2019 8.2.4.5 a, 8.2.1.1.
Fix: choose a site whose country is CN.
Waiver: the data security officer, with the number of the export assessment in the record.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="residency_in_china",
    clauses=(
        Clause("国卫规划发〔2022〕29号", "第18–22条"),
        Clause("GB/T 22239-2019", "8.2.4.5 a"),
        Clause("GB/T 22239-2019", "8.2.1.1"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.WORKLOAD,),
    title=Text("健康医疗数据存储在境内", "Health data stay in China"),
    remedy=Text("改用 country 为 CN 的站点", "choose a site whose country is CN"),
    waived_by=Text(
        "数据安全负责人（须附出境评估编号）",
        "the data security officer, with the number of the export assessment",
    ),
)

PUBLIC = 1  # GB/T 39725-2020: may be disclosed to anybody


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when data above the public level are at a site abroad."""
    workload, site = resource.inputs["workload"], resource.inputs["site"]
    level, country = workload["dataLevel"], site["country"]
    if level > PUBLIC and country != "CN":
        name, where = workload["name"], site["name"]
        yield Text(
            f"{name} 的 {level} 级数据位于境外站点 {where}（{country}）",
            f"{name} keeps data of level {level} at {where}, abroad ({country})",
        )
