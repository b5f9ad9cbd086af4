"""No role changes what the cluster admits.

Why: admission is where these rules refuse. Who can change a webhook or an admission policy can
switch the refusal off, or rewrite every object on its way.
Clause: GB/T 22239-2019 8.1.5.3 a, b (security policy is set by the security administrator, by one
way), 8.1.4.2 e.
Fix: remove the verbs; keep the configuration with the security administrator's own account.
Waiver: the security administrator, for a component that renews its own webhook's certificate.
"""

from collections.abc import Iterator

from hospital.grants import WRITE, granted
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="role_cannot_change_admission",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.5.3 b"),
        Clause("GB/T 22239-2019", "8.1.4.2 e"),
        Clause("GB/T 22239-2019", "8.1.5.3 a"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.OBJECT,),
    objects=("ClusterRole",),
    title=Text("角色不得更改准入配置", "No role changes what the cluster admits"),
    remedy=Text(
        "删除对准入配置的写权限，由安全管理员专用账号维护",
        "remove the rights to write; the security administrator's account keeps them",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

GROUP = "admissionregistration.k8s.io"
GATES = {
    "validatingwebhookconfigurations",
    "mutatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per rule and kind of configuration."""
    item = resource.inputs["object"]
    for what, verbs in granted(item, GATES, WRITE, group=GROUP):
        name = name_of(item)
        yield Text(f"集群角色 {name} 可 {verbs} {what}", f"cluster role {name} may {verbs} {what}")
