"""No role opens a shell, a console or a tunnel into pods.

Why: what is done there passes the service's own login, leaves no record in its audit, and is done
as the process that holds the patients' data. Ephemeral containers bring their own tools along.
Clause: GB/T 22239-2019 8.1.5.1 a (administration by a given interface, audited), 8.1.4.2 d.
Fix: remove the right; look at logs and metrics, and change what runs by a new declaration.
Waiver: the security administrator, for an emergency account with an end date.
"""

from collections.abc import Iterator

from hospital.grants import ROLES, granted
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="role_no_exec",
    clauses=(Clause("GB/T 22239-2019", "8.1.5.1 a"), Clause("GB/T 22239-2019", "8.1.4.2 d")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=ROLES,
    title=Text("角色不得进入容器", "No role opens a way into pods"),
    remedy=Text(
        "删除 pods/exec、pods/attach、pods/portforward 与 pods/ephemeralcontainers 权限",
        "remove the rights on exec, attach, portforward and ephemeralcontainers of pods",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

STREAMS = {"pods/exec", "pods/attach", "pods/portforward"}
OPENS = {"create", "get"}  # a WebSocket opens with GET, so `get` alone is enough


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per rule and way in."""
    item = resource.inputs["object"]
    ways = [
        *granted(item, STREAMS, OPENS),
        *granted(item, {"pods/ephemeralcontainers"}, {"update", "patch"}),
    ]
    for way, verbs in ways:
        name = name_of(item)
        yield Text(f"角色 {name} 可 {verbs} {way}", f"role {name} may {verbs} {way}")
