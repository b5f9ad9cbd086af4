"""Buckets keep what was overwritten or deleted.

Why: ransomware with a stolen key overwrites the backups first.
Clause: GB/T 22239-2019 8.1.4.9 a, 8.1.3.5 c. `bucket_not_public` says it of declared buckets
before they are made.
Fix: turn on versioning.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_bucket_keeps_versions",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.9 a"),
        Clause("GB/T 22239-2019", "8.1.3.5 c"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("存储桶保留版本", "Buckets keep versions"),
    remedy=Text(
        "启用版本控制",
        "turn on versioning",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per bucket; those that are declared are judged before they are made, too."""
    yield from unread(resource, "buckets", "存储桶")
    for bucket in each(resource, "buckets"):
        said = Text(
            f"存储桶 {bucket['name']} 不保留版本", f"bucket {bucket['name']} keeps no versions"
        )
        yield from amiss(bucket.get("versioned"), said)
