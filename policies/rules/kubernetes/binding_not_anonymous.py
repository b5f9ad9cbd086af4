"""No right is bound to callers without a name.

Why: what `system:anonymous` or `system:unauthenticated` may do, everybody on the network may do,
and no audit record says who it was.
Clause: GB/T 22239-2019 8.1.4.2 a (rights belong to users who logged in), 8.1.4.1 a.
Fix: bind the role to the users or service accounts that need it.
Waiver: nobody; of the cluster's own `system:public-info-viewer`, take the nameless subject away.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="binding_not_anonymous",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 a"), Clause("GB/T 22239-2019", "8.1.4.1 a")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.OBJECT,),
    objects=("RoleBinding", "ClusterRoleBinding"),
    title=Text("不向匿名用户授权", "No right is bound to anonymous callers"),
    remedy=Text(
        "改为绑定到确需该权限的用户或服务账号",
        "bind the role to the users or service accounts that need it",
    ),
)

NAMELESS = frozenset({"system:anonymous", "system:unauthenticated"})


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per subject without a name."""
    item = resource.inputs["object"]
    for subject in item.get("subjects", ()):
        if subject.get("name") in NAMELESS:
            role = item["roleRef"]["name"]
            yield Text(
                f"{name_of(item)} 将 {role} 授予 {subject['name']}",
                f"{name_of(item)} gives {role} to {subject['name']}",
            )
