"""No role lets its holder give itself more than the role holds.

Why: `escalate` writes any right into a role, `bind` takes any role, `impersonate` acts as anybody;
the list of rights beside them no longer says what the holder can do.
Clause: GB/T 22239-2019 8.1.4.2 d (least rights), 8.1.4.2 e (who may set access policy).
Fix: remove the verb; let the security administrator change roles and bindings.
Waiver: the security administrator, for an operator whose work it is to hand out roles.
"""

from collections.abc import Iterator

from hospital.grants import ROLES, built_in
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="role_no_escalation_verb",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"), Clause("GB/T 22239-2019", "8.1.4.2 e")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.OBJECT,),
    objects=ROLES,
    title=Text("角色不含提权动词", "No role lets its holder take more rights"),
    remedy=Text(
        "删除 bind、escalate、impersonate，由安全管理员变更授权",
        "remove bind, escalate and impersonate; the security administrator changes rights",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

VERBS = ("bind", "escalate", "impersonate")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per rule and verb; a star for a verb is a finding of its own."""
    item = resource.inputs["object"]
    for rule in () if built_in(item) else item.get("rules", ()):
        for verb in VERBS:
            if verb in rule.get("verbs", ()):
                name, what = name_of(item), ", ".join(rule.get("resources", ()))
                yield Text(f"角色 {name} 可 {verb} {what}", f"role {name} may {verb} {what}")
