"""A machine gives its role's keys only to who asks by token.

Why: a web page that fetches what a visitor names can be made to fetch the machine's own keys.
Clause: GB/T 22239-2019 8.1.4.1 c (credentials do not leak).
Fix: require tokens of the metadata service (version 2).
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_machine_guards_credentials",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 c"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("云主机元数据须凭令牌", "Metadata is given by token only"),
    remedy=Text(
        "要求元数据服务使用令牌",
        "require tokens of the metadata service",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per machine that gives credentials without a token."""
    yield from unread(resource, "machines", "云主机")
    for machine in each(resource, "machines"):
        if not machine["tokenRequired"]:
            name = machine["id"]
            yield Text(f"云主机 {name} 元数据无须令牌", f"machine {name} asks for no token")
