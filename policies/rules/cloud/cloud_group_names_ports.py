"""What comes in is let in by protocol and port.

Why: a rule for everything also lets in what is installed next year.
Clause: GB/T 22239-2019 8.1.3.2 c. What the world reaches on risky ports says
`cloud_management_not_public`.
Fix: name protocol and port in the rule.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_group_names_ports",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.2 c"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("安全组入向规则指明协议与端口", "Inbound rules name protocol and port"),
    remedy=Text(
        "在规则中写明协议与端口",
        "name protocol and port",
    ),
)

WORLD = {"0.0.0.0/0", "::/0"}
DEFAULT = "default"  # is judged by `cloud_default_group_closed`
ALL, PORTS = "-1", (0, 65535)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per inbound rule for all protocols or all ports, not from the whole world."""
    yield from unread(resource, "groups", "安全组")
    for group in each(resource, "groups"):
        for rule in group["inbound"] if group["name"] != DEFAULT else ():
            whole = rule["protocol"] == ALL or (rule["first"], rule["last"]) == PORTS
            if whole and rule["peer"] not in WORLD:
                peer = f"{group['name']} ({group['id']}): {rule['peer']}"
                yield Text(f"{peer} 可访问全部端口", f"{peer} reaches every port")
