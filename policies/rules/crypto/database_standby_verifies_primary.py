"""A standby makes sure that it copies from its primary, and from nobody who stands between.

Why: without verification whoever sits on the line between two sites reads, and writes, the whole
database; encryption alone does not say with whom.
Clause: GB/T 39786-2021 8.2 a; GB/T 22239-2019 8.1.2.2 b.
Fix: `sslmode=verify-full` and `sslrootcert` in `primary_conninfo` (in Patroni `authentication`).
Waiver: nobody. Whether the certificate is SM2 stays with the assessment.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_standby_verifies_primary",
    clauses=(Clause("GB/T 39786-2021", "8.2 a"), Clause("GB/T 22239-2019", "8.1.2.2 b")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("备库验证主库身份", "A standby verifies its primary"),
    remedy=Text(
        "primary_conninfo 设置 sslmode=verify-full 与 sslrootcert",
        "set sslmode=verify-full and sslrootcert in primary_conninfo",
    ),
)

VERIFIED = ("verify-full", "verify-ca")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the receiver of write-ahead log takes any certificate, or none."""
    receiver = resource.inputs["facts"].get("receiver")
    if receiver is not None and receiver["sslmode"] not in VERIFIED:
        mode = receiver["sslmode"] or "?"
        yield Text(f"复制连接的 sslmode 为 {mode}", f"sslmode of the replication is {mode}")
