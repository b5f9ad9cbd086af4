"""Nothing of the hospital's lives in the namespace `default`.

Why: a namespace is a zone: its walls, its quota and its rights are set for it. `default` is where
things land that nobody assigned, and it cannot be deleted with them.
Clause: GB/T 22239-2019 8.1.2.1 c (systems are divided into zones).
Fix: give the object the namespace of its system.
Waiver: nobody; moving is free.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, namespace_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="not_in_default_namespace",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 c"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=(*PODS, "Service", "Secret", "ConfigMap", "RoleBinding"),
    title=Text("不使用 default 命名空间", "Nothing lives in the namespace default"),
    remedy=Text("移入所属系统的命名空间", "give it the namespace of its system"),
)

THE_CLUSTERS = {("Service", "kubernetes"), ("ConfigMap", "kube-root-ca.crt")}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the object is there and is not the cluster's own."""
    item = resource.inputs["object"]
    kind, name = item["kind"], name_of(item)
    if namespace_of(item) == "default" and (kind, name) not in THE_CLUSTERS:
        yield Text(
            f"{kind} {name} 位于 default 命名空间",
            f"{kind} {name} is in the namespace default",
        )
