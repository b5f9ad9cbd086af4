"""The API server checks every custom resource against a schema.

Why: a definition whose root keeps unknown fields takes anything at all. A misspelt field is then
no error but silence, and the operator that reads the object is fed what nobody checked.
Clause: GB/T 22239-2019 8.1.4.4 d (input is validated).
Fix: write the fields into `openAPIV3Schema`; keep `x-kubernetes-preserve-unknown-fields` for the
one field below the root that needs it.
Waiver: the system's administrator, for an operator of somebody else's.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="custom_resource_validated",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 d"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=("CustomResourceDefinition",),
    title=Text("自定义资源按模式校验", "Custom resources are checked against a schema"),
    remedy=Text(
        "在 openAPIV3Schema 中写明字段，根上不保留未知字段",
        "write the fields into openAPIV3Schema; keep no unknown fields at its root",
    ),
    waived_by=Text("系统管理员", "the system's administrator"),
)

KEEPS = "x-kubernetes-preserve-unknown-fields"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per served version that takes fields which nobody declared."""
    item = resource.inputs["object"]
    spec = item.get("spec", {})
    for version in spec.get("versions", ()):
        if not version.get("served"):
            continue
        where = f"{name_of(item)}/{version['name']}"
        schema = version.get("schema", {}).get("openAPIV3Schema", {})
        if spec.get("preserveUnknownFields") or schema.get(KEEPS) or not schema.get("properties"):
            yield Text(f"{where} 接受任意字段", f"{where} takes any field")
