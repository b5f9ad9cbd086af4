"""Every bucket of the account refuses to be opened.

Why: the block holds when somebody writes the wrong policy tomorrow. A block of the whole account
is not seen here: put it on the bucket.
Clause: GB/T 22239-2019 8.1.4.2 a, 8.2.3.1 a.
Fix: turn on all four blocks of public access on the bucket.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_bucket_blocks_public",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.2 a"),
        Clause("GB/T 22239-2019", "8.2.3.1 a"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("存储桶阻止公开", "Buckets refuse to be opened"),
    remedy=Text(
        "在存储桶上启用全部四项公开访问阻止",
        "turn on all four blocks on the bucket",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per bucket; those that are declared are judged before they are made, too."""
    yield from unread(resource, "buckets", "存储桶")
    for bucket in each(resource, "buckets"):
        said = Text(f"存储桶 {bucket['name']} 未阻止公开", f"bucket {bucket['name']} can be opened")
        yield from amiss(bucket.get("closed"), said)
