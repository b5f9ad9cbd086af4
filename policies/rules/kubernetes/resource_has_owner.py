"""Every namespace says to which system it belongs.

Why: at three in the morning somebody must know whose it is. Advisory: the list of assets may be
kept elsewhere.
Clause: GB/T 22239-2019 8.1.10.2 (a list of assets with whoever answers for them).
Fix: label it `app.kubernetes.io/part-of` or `app.kubernetes.io/name`, or with an `owner`.
Waiver: nobody; a label is free.
"""

from collections.abc import Iterator

from hospital.manifest import SYSTEM_NAMESPACES, name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="resource_has_owner",
    clauses=(Clause("GB/T 22239-2019", "8.1.10.2"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.OBJECT,),
    objects=("Namespace",),
    title=Text("命名空间标明归属", "A namespace says to which system it belongs"),
    remedy=Text(
        "添加标签 app.kubernetes.io/part-of、app.kubernetes.io/name 或 owner",
        "label it app.kubernetes.io/part-of, app.kubernetes.io/name or owner",
    ),
)

SYSTEM = ("app.kubernetes.io/name", "app.kubernetes.io/part-of")
NOBODYS = SYSTEM_NAMESPACES | {"default"}  # the cluster's own; nothing may live in the last


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if no label says it."""
    item = resource.inputs["object"]
    name, labels = name_of(item), item.get("metadata", {}).get("labels", {})
    told = any(
        value and (key in SYSTEM or key.rpartition("/")[2] == "owner")
        for key, value in labels.items()
    )
    if not told and name not in NOBODYS:
        yield Text(f"命名空间 {name} 未标明归属", f"namespace {name} names no owner")
