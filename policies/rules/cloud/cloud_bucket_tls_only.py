"""Buckets answer over TLS only.

Why: the cloud's own API answers in clear as well to whoever asks so.
Clause: GB/T 22239-2019 8.1.2.2 b, 8.1.4.8 a; GB/T 39786-2021 8.2 c.
Fix: deny every access with aws:SecureTransport false in the bucket's policy.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_bucket_tls_only",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
        Clause("GB/T 22239-2019", "8.1.4.8 a"),
        Clause("GB/T 39786-2021", "8.2 c"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("存储桶只接受加密传输", "Buckets answer over TLS only"),
    remedy=Text(
        "在桶策略中拒绝未加密的访问",
        "deny access without TLS in the policy",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per bucket; those that are declared are judged before they are made, too."""
    yield from unread(resource, "buckets", "存储桶")
    for bucket in each(resource, "buckets"):
        said = Text(
            f"存储桶 {bucket['name']} 接受明文访问", f"bucket {bucket['name']} answers in clear"
        )
        yield from amiss(bucket.get("tlsOnly"), said)
