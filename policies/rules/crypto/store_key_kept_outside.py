"""The key that encrypts Secrets is kept outside the server.

Why: a local key lies in a file beside the data that it protects: who steals the disk has both. A
key management service keeps it in a certified module. Advisory: the clause tells the life of keys,
not the place, and products are shown by certificates.
Clause: GB/T 39786-2021 第5章 密钥管理, GB/T 22239-2019 8.1.4.8 b.
Fix: a `kms` provider (v2) before the local one in the encryption configuration.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="store_key_kept_outside",
    clauses=(Clause("GB/T 39786-2021", "第5章 密钥管理"), Clause("GB/T 22239-2019", "8.1.4.8 b")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("Secret 加密密钥由外部托管", "The key of Secrets is kept outside"),
    remedy=Text(
        "在加密配置中使用 KMS v2 提供者",
        "use a provider kms (v2) in the encryption configuration",
    ),
)

OUTSIDE = "k8s:enc:kms:"
CIPHER = "k8s:enc:"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per local cipher that Secrets were written with since the start."""
    for writer in resource.inputs["facts"].get("secretWriters", ()):
        if writer.startswith(CIPHER) and not writer.startswith(OUTSIDE):
            name = writer.removeprefix(CIPHER).partition(":")[0]
            yield Text(f"{name} 的密钥存于服务器本地", f"the key of {name} lies on the server")
