"""The kernel holds programs to labels or profiles that root did not choose in passing.

Why: without it a flaw in one service reaches all that its account, often root, may touch.
Clause: GB/T 22239-2019 8.1.4.2 g.
Fix: `SELINUX=enforcing` on rpm systems, AppArmor with profiles in force on deb systems, KySec on
Kylin.
Waiver: nobody.
"""

import re
from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_access_control_mandatory",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 g"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("强制访问控制已启用", "Mandatory access control is on"),
    remedy=Text(
        "启用 SELinux enforcing、AppArmor 或 KySec", "enable SELinux (enforcing), AppArmor or KySec"
    ),
)

ON = re.compile(r"selinux enforcing|apparmor [1-9]|kysec status: *(normal|enabled?)")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if nothing is in force."""
    found = facts_of(resource).get("mandatoryAccess")
    if found is None:
        yield unread("强制访问控制状态", "mandatory access control")
    elif not ON.match(found):
        yield Text(
            f"强制访问控制未生效：{found}", f"mandatory access control is not in force: {found}"
        )
