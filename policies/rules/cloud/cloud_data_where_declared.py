"""Everything in the cloud that holds data lies in the declared region.

Why: a region is one menu away; data in another country left the country, declared or not.
Clause: GB/T 22239-2019 8.2.1.1, 8.2.4.5 a, 8.2.4.6 b; 29号文 (data are stored in the country).
Fix: move it to the declared region, or declare a site for that one. The declared region itself is
judged by `cloud_in_china`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_data_where_declared",
    clauses=(
        Clause("GB/T 22239-2019", "8.2.1.1"),
        Clause("GB/T 22239-2019", "8.2.4.5 a"),
        Clause("GB/T 22239-2019", "8.2.4.6 b"),
        Clause("国卫规划发〔2022〕29号", "第18–22条"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("云上数据位于声明的区域", "Data in the cloud lie where it is declared"),
    remedy=Text(
        "迁移至声明的区域，或为该区域声明站点",
        "move it to the declared region, or declare a site there",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per thing in another region."""
    yield from unread(resource, "elsewhere", "其他区域")
    for one in each(resource, "elsewhere"):
        what, region = one["what"], one["region"]
        yield Text(f"{what} 位于未声明的区域 {region}", f"{what} is in {region}")
