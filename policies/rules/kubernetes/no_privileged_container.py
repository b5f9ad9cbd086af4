"""No container is privileged.

Why: a privileged container is root on its node, and with it on every patient's data there.
Clause: GB/T 22239-2019 8.1.4.4 a (only what is needed is installed), 8.2.4.3 a (isolation).
Fix: remove `privileged: true`; ask for the one capability that is really needed, if any.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import containers, name_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_privileged_container",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 a"), Clause("GB/T 22239-2019", "8.2.4.3 a")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("禁止特权容器", "No container is privileged"),
    remedy=Text(
        "删除 privileged: true，仅添加确需的单项能力",
        "remove privileged: true; add the one capability that is needed",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per privileged container."""
    item = resource.inputs["object"]
    for container in containers(item):
        if container.get("securityContext", {}).get("privileged"):
            where = f"{name_of(item)}/{container['name']}"
            yield Text(f"容器 {where} 为特权容器", f"container {where} is privileged")
