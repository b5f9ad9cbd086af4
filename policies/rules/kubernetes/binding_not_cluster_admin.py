"""Nobody is cluster administrator but the sealed certificate's group.

Why: `cluster-admin` is every right at once: the three administrators that 等保 asks for become one,
and their audit can be deleted by whom it watches.
Clause: GB/T 22239-2019 8.1.4.2 d (least rights; administrators' duties are separate).
Fix: bind a role with the rights that the work needs. The group `system:masters` is built into the
API server and cannot be bound away; keep its certificate sealed.
Waiver: the security administrator, for an emergency account with an end date.
"""

from collections.abc import Iterator

from hospital.grants import BINDINGS
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="binding_not_cluster_admin",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.OBJECT,),
    objects=BINDINGS,
    title=Text("不授予 cluster-admin", "Nobody is bound to cluster-admin"),
    remedy=Text(
        "改为绑定仅含所需权限的角色",
        "bind a role with the rights that the work needs",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

BUILT_IN = ("Group", "system:masters")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per subject."""
    item = resource.inputs["object"]
    role = item["roleRef"]
    if (role.get("kind"), role["name"]) != ("ClusterRole", "cluster-admin"):
        return
    for subject in item.get("subjects", ()):
        if (subject.get("kind"), subject["name"]) != BUILT_IN:
            name, who = name_of(item), subject["name"]
            yield Text(f"{name} 授予 {who} cluster-admin", f"{name} makes {who} cluster-admin")
