"""The connections that the database really has over the network are encrypted.

Why: what pg_hba.conf asks for today does not end a session that came in before; only the sessions
show what goes over the wire.
Clause: GB/T 22239-2019 8.1.4.8 a; GB/T 39786-2021 8.4 d.
Fix: set `sslmode=verify-full` in the client of the role named here, and end its sessions.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_connections_encrypted",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.8 a"), Clause("GB/T 39786-2021", "8.4 d")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.DATABASE,),
    title=Text("数据库现有连接均已加密", "The connections that the database has are encrypted"),
    remedy=Text(
        "客户端设置 sslmode=verify-full 并断开其旧会话",
        "set sslmode=verify-full in the client, and end its old sessions",
    ),
)

GOOD = ("TLSv1.2", "TLSv1.3", "GSSAPI")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per role and protocol that is none of the good ones."""
    for clients in resource.inputs["facts"]["clients"]:
        role, count, protocol = clients["role"], clients["count"], clients["protocol"]
        if protocol not in GOOD:
            yield Text(
                f"角色 {role} 有 {count} 个连接使用{protocol or '明文'}",
                f"{count} connections of {role} use {protocol or 'no encryption'}",
            )
