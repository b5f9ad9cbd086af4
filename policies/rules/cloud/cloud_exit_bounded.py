"""Nothing in the cloud may go out to everywhere.

Why: what was taken leaves by the way that nobody bounded; so do an intruder's orders come in.
Clause: GB/T 22239-2019 8.1.3.1 c.
Fix: let groups go out to the network and to named services only.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Plain, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_exit_bounded",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.1 c"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("云上出向受限", "Ways out of the cloud are bounded"),
    remedy=Text(
        "将安全组出向限定为本网络与指明的服务",
        "let groups go out to named peers only",
    ),
)

WORLD = {"0.0.0.0/0", "::/0"}
DEFAULT = "default"  # is judged by `cloud_default_group_closed`
ALL, PORTS = "-1", (0, 65535)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per group that lets everything out to the world."""
    yield from unread(resource, "groups", "安全组")
    for group in each(resource, "groups"):
        if group["name"] != DEFAULT and any(map(_unbounded, group["outbound"])):
            where = f"{group['name']} ({group['id']})"
            yield Text(f"安全组 {where} 出向不受限", f"{where} goes out to everywhere")


def _unbounded(rule: Plain) -> bool:
    return rule["peer"] in WORLD and (
        rule["protocol"] == ALL or (rule["first"], rule["last"]) == PORTS
    )
