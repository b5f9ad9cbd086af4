"""The record of calls cannot be deleted for six months.

Why: a record that an administrator can delete protects nobody from administrators.
Clause: GB/T 22239-2019 8.1.3.5 c, 8.1.4.3 c; 29号文 logs are kept six months (Cybersecurity Law,
article 21).
Fix: write the trail to a bucket of the account with a lock that holds 180 days.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_record_kept",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.3.5 c"),
        Clause("GB/T 22239-2019", "8.1.4.3 c"),
        Clause("国卫规划发〔2022〕29号", "日志留存"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("云审计记录锁定保存六个月", "The record of calls is locked for six months"),
    remedy=Text(
        "写入本账户带对象锁、默认保留 180 天以上的存储桶",
        "write to a bucket with a lock of 180 days",
    ),
)

DAYS = 180  # not less than six months


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per trail whose bucket lets go too early, is unread, or is not the account's."""
    buckets = {bucket["name"]: bucket for bucket in each(resource, "buckets")}
    for trail in each(resource, "trails"):
        name, bucket = trail["name"], buckets.get(trail["bucket"])
        days = None if bucket is None else bucket.get("retentionDays")
        if days is None:
            yield Text(f"轨迹 {name} 的存储桶无从查看", f"bucket of {name}: could not be read")
        elif days < DAYS:
            yield Text(f"轨迹 {name} 锁定 {days} 天", f"trail {name} is locked for {days} days")
