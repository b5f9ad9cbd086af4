"""Managed databases have no address on the Internet.

Why: a database is an inner zone; from the border it is one password away.
Clause: GB/T 22239-2019 8.1.2.1 d. `database_host_not_public` says it of declared hosts.
Fix: make the database private to its network.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_database_not_public",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 d"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("云数据库不对公网开放", "Managed databases are not public"),
    remedy=Text(
        "将数据库改为仅内网可达",
        "make the database private",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database that the world can reach."""
    yield from unread(resource, "databases", "云数据库")
    for base in each(resource, "databases"):
        if base["public"]:
            yield Text(
                f"云数据库 {base['name']} 可从公网访问", f"database {base['name']} is public"
            )
