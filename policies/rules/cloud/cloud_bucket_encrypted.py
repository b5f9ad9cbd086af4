"""What lies in a bucket is encrypted, as it is now.

Why: objects that were put without asking for encryption lie in clear.
Clause: GB/T 22239-2019 8.1.4.8 b; GB/T 39786-2021 8.4 e. Declared buckets are judged by
`storage_encrypted`.
Fix: set the default encryption of the bucket.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_bucket_encrypted",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.8 b"),
        Clause("GB/T 39786-2021", "8.4 e"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("存储桶默认加密", "Buckets encrypt by default"),
    remedy=Text(
        "设置存储桶默认加密",
        "set the default encryption",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per bucket without encryption by default."""
    yield from unread(resource, "buckets", "存储桶")
    for bucket in each(resource, "buckets"):
        how = bucket.get("encryption")
        said = Text(f"存储桶 {bucket['name']} 未加密", f"bucket {bucket['name']} is not encrypted")
        yield from amiss(None if how is None else bool(how), said)
