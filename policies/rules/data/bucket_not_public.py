"""An object bucket admits nobody who is not named, and keeps what was overwritten.

Why: buckets hold backups and evidence; public access is one wrong click, and a deleted evidence is
no evidence.
Clause: GB/T 39725-2020 (data above level 1 are not public); GB/T 22239-2019 8.1.4.2 a, 8.1.3.5 c,
8.1.4.11 b (nobody reaches personal data without a right).
Fix: block public access and turn versioning on.
Waiver: nobody; what is meant for everybody does not belong into the hospital's buckets.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="bucket_not_public",
    clauses=(
        Clause("GB/T 39725-2020", "第2级及以上"),
        Clause("GB/T 22239-2019", "8.1.4.2 a"),
        Clause("GB/T 22239-2019", "8.1.3.5 c"),
        Clause("GB/T 22239-2019", "8.1.4.11 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.BUCKET,),
    title=Text("存储桶禁止公开访问并保留版本", "Buckets are not public and keep versions"),
    remedy=Text(
        "设置 publicAccessBlocked: true 与 versioned: true",
        "set publicAccessBlocked and versioned to true",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per protection that is missing."""
    if not resource.inputs.get("publicAccessBlocked", False):
        yield Text("未阻止公开访问", "public access is not blocked")
    if not resource.inputs.get("versioned", False):
        yield Text("未启用版本保留", "versions are not kept")
