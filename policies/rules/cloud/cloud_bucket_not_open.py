"""No bucket of the account is open to the world, as it is now.

Why: a bucket is opened by one wrong line, whoever made it; scanners find it within hours.
Clause: GB/T 39725-2020 (data above level 1 are not public); 8.1.4.2 a.
Fix: remove the statement or the grant that names everybody.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_bucket_not_open",
    clauses=(
        Clause("GB/T 39725-2020", "第2级及以上"),
        Clause("GB/T 22239-2019", "8.1.4.2 a"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("存储桶未向公众开放", "No bucket is open to the world"),
    remedy=Text(
        "删除指向所有人的策略语句或授权",
        "remove what names everybody from policy and grants",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per bucket; those that are declared are judged before they are made, too."""
    yield from unread(resource, "buckets", "存储桶")
    for bucket in each(resource, "buckets"):
        said = Text(
            f"存储桶 {bucket['name']} 对所有人开放", f"bucket {bucket['name']} is open to everybody"
        )
        yield from amiss(bucket.get("openToEverybody"), said, good=False)
