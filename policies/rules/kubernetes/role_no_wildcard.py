"""No role is given with a star.

Why: `*` also gives what nobody thought of: every subresource, and every kind that an upgrade adds.
Clause: GB/T 22239-2019 8.1.4.2 d (the least rights that a task needs).
Fix: list the groups, resources and verbs that the work needs.
Waiver: the security administrator, for one workload's operator or one auditor.
"""

from collections.abc import Iterator

from hospital.grants import ROLES, built_in
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="role_no_wildcard",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=ROLES,
    title=Text("角色不使用通配符", "No role is given with a star"),
    remedy=Text(
        "逐项列出所需的 apiGroups、resources 与 verbs",
        "list the groups, resources and verbs that the work needs",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

STARS = {
    "apiGroups": ("*",),
    "resources": ("*",),
    "nonResourceURLs": ("*", "/*"),
    "verbs": ("*",),
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per list of a rule that holds a star."""
    item = resource.inputs["object"]
    for number, rule in enumerate(() if built_in(item) else item.get("rules", ())):
        for part, stars in STARS.items():
            if set(stars).intersection(rule.get(part, ())):
                where = f"{name_of(item)} rules[{number}].{part}"
                yield Text(f"{where} 使用通配符", f"{where} holds a star")
