"""A namespace refuses pods that ask for more than the restricted profile.

Why: the cluster's own admission is the fence that still stands when no other gate is asked. Exempt
are the namespaces that the control plane fills itself, with pods that must be privileged; `default`
is not exempt, for things land there by mistake.
Clause: GB/T 22239-2019 8.1.4.2 f (granularity of access control), 8.1.4.4 a (minimal).
Fix: label it `pod-security.kubernetes.io/enforce: restricted`.
Waiver: the security administrator, for agents of network, storage or monitoring.
"""

from collections.abc import Iterator

from hospital.manifest import SYSTEM_NAMESPACES, name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="namespace_pod_security_restricted",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 f"), Clause("GB/T 22239-2019", "8.1.4.4 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("Namespace",),
    title=Text(
        "命名空间执行 restricted 级 Pod 安全", "A namespace enforces the restricted profile"
    ),
    remedy=Text(
        "添加标签 pod-security.kubernetes.io/enforce: restricted",
        "label it pod-security.kubernetes.io/enforce: restricted",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

LABEL = "pod-security.kubernetes.io/enforce"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if another profile, or none, is enforced."""
    item = resource.inputs["object"]
    name, labels = name_of(item), item.get("metadata", {}).get("labels", {})
    if name not in SYSTEM_NAMESPACES and labels.get(LABEL) != "restricted":
        level = labels.get(LABEL, "privileged")  # Kubernetes' default
        yield Text(f"{name} 仅执行 {level} 级", f"{name} enforces {level}, not restricted")
