"""No container is taken out of AppArmor.

Why: where the node has AppArmor every container is confined by default, so `Unconfined` is somebody
taking the wall down. A node without AppArmor (openEuler, Kylin) is not judged by its absence.
Clause: GB/T 22239-2019 8.1.4.2 f (control of files per process).
Fix: remove the profile, or set RuntimeDefault; remove the annotation of Kubernetes before 1.30.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator
from typing import Any

from hospital.manifest import containers, name_of, pod_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="apparmor_not_unconfined",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 f"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("不停用 AppArmor 约束", "No container is taken out of AppArmor"),
    remedy=Text(
        "删除 Unconfined 的 appArmorProfile 或注解，或改为 RuntimeDefault",
        "remove the Unconfined appArmorProfile or annotation, or set RuntimeDefault",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

LEGACY = "container.apparmor.security.beta.kubernetes.io/"  # and the container's name


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container: its own field counts first, its annotation next, its pod last."""
    item = resource.inputs["object"]
    annotations, pod = _annotations(item), pod_of(item).get("securityContext", {})
    for container in containers(item):
        own = container.get("securityContext", {}).get("appArmorProfile", {}).get("type")
        legacy = annotations.get(LEGACY + container["name"])
        said = own or legacy or pod.get("appArmorProfile", {}).get("type", "")
        if said.lower() == "unconfined":
            where = f"{name_of(item)}/{container['name']}"
            yield Text(f"容器 {where} 不受 AppArmor 约束", f"AppArmor does not confine {where}")


def _annotations(item: dict[str, Any]) -> dict[str, str]:
    """Those of the pods, which are not those of the object that makes them."""
    for holder in ("jobTemplate", "template"):
        item = item.get("spec", {}).get(holder, item)
    found: dict[str, str] = item.get("metadata", {}).get("annotations", {})
    return found
