"""No right is bound to callers without a name.

Why: what `system:anonymous` or `system:unauthenticated` may do, everybody on the network may do,
and no audit record says who it was. The API server itself binds one role to them, again at every
start: so that role is held to what is public, health and version, and its binding is let be.
Clause: GB/T 22239-2019 8.1.4.2 a (rights belong to users who logged in), 8.1.4.1 a.
Fix: bind the role to the users or service accounts that need it.
Waiver: nobody.
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
    objects=("RoleBinding", "ClusterRoleBinding", "ClusterRole"),
    title=Text("不向匿名用户授权", "No right is bound to anonymous callers"),
    remedy=Text(
        "改为绑定到确需该权限的用户或服务账号",
        "bind the role to the users or service accounts that need it",
    ),
)

NAMELESS = frozenset({"system:anonymous", "system:unauthenticated"})
ROLE = "system:public-info-viewer"
PUBLIC = frozenset({"/healthz", "/livez", "/readyz", "/version", "/version/"})


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per subject without a name; one per rule that makes the public role say more."""
    item = resource.inputs["object"]
    if item["kind"] == "ClusterRole":
        for rule in item.get("rules", ()) if name_of(item) == ROLE else ():
            if rule.get("resources") or not PUBLIC.issuperset(rule.get("nonResourceURLs", ())):
                yield Text(f"{ROLE} 被扩权", f"{ROLE} gives more than health and version")
    elif item["roleRef"]["name"] != ROLE or item["roleRef"].get("kind") != "ClusterRole":
        for subject in item.get("subjects", ()):
            if subject.get("name") in NAMELESS:
                name, role, who = name_of(item), item["roleRef"]["name"], subject["name"]
                yield Text(f"{name} 将 {role} 授予 {who}", f"{name} gives {role} to {who}")
