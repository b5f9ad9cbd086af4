"""No role approves or signs certificates for the cluster.

Why: a client certificate is an identity. Who approves requests can become anybody, cluster
administrators included, and a certificate cannot be called back before it ends.
Clause: GB/T 22239-2019 8.1.4.1 a (identities are given, not taken), 8.1.4.2 d (least rights),
8.1.3.1 b (no unknown machine joins: a kubelet is known by its certificate).
Fix: remove the right; certificates are issued by the hospital's own authority.
Waiver: the security administrator, for the one component that approves nodes.
"""

from collections.abc import Iterator

from hospital.grants import granted
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="role_cannot_sign_certificates",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.1 a"),
        Clause("GB/T 22239-2019", "8.1.4.2 d"),
        Clause("GB/T 22239-2019", "8.1.3.1 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.OBJECT,),
    objects=("ClusterRole",),
    title=Text("角色不得批准或签发证书", "No role approves or signs certificates"),
    remedy=Text(
        "删除证书批准与签发权限，由医院证书机构统一签发",
        "remove the right; the hospital's own authority issues certificates",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

GROUP = "certificates.k8s.io"
APPROVAL = {"certificatesigningrequests/approval"}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per rule and right; Kubernetes asks for both, but each waits for the other."""
    item = resource.inputs["object"]
    rights = [
        *granted(item, APPROVAL, {"update", "patch"}, group=GROUP),
        *granted(item, {"signers"}, {"approve", "sign"}, group=GROUP),
    ]
    for what, verbs in rights:
        name = name_of(item)
        yield Text(f"集群角色 {name} 可 {verbs} {what}", f"cluster role {name} may {verbs} {what}")
