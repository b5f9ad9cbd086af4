"""Nobody on the Internet reaches a management or database port.

Why: these ports are tried by everybody's scanners within minutes, whoever opened them by hand.
Clause: GB/T 22239-2019 8.1.4.4 b and c, 8.1.3.1 a. `management_port_closed` says it of declared
networks.
Fix: name the bastion's addresses instead of the world.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_management_not_public",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.4 b"),
        Clause("GB/T 22239-2019", "8.1.4.4 c"),
        Clause("GB/T 22239-2019", "8.1.3.1 a"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("管理与数据库端口不对公网开放", "Management ports are closed to the world"),
    remedy=Text(
        "将来源改为堡垒机地址",
        "name the bastion's addresses instead of the world",
    ),
)

WORLD = {"0.0.0.0/0", "::/0"}
# Remote administration, databases and their kin that assessments scan for; practice.
RISKY = (22, 23, 135, 445, 1433, 1521, 2375, 2379, 3306, 3389, 5236, 5432, 6379, 9200, 27017)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per rule that lets the world reach such a port."""
    yield from unread(resource, "groups", "安全组")
    for group in each(resource, "groups"):
        for rule in group["inbound"]:
            risky = [port for port in RISKY if rule["first"] <= port <= rule["last"]]
            if rule["peer"] in WORLD and risky and rule["protocol"] in {"tcp", "6", "-1"}:
                where, first = f"{group['name']} ({group['id']})", risky[0]
                yield Text(
                    f"安全组 {where} 对公网开放 {first}", f"{where} opens {first} to the world"
                )
