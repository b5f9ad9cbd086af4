"""A volume outlives the claim that asked for it.

Why: with `Delete` one wrong `kubectl delete` takes the data along, before any backup is asked for.
Kept volumes are wiped by somebody who answers for it, which residual data need anyhow: a
provisioner that deletes does not show that it wiped.
Clause: GB/T 22239-2019 8.1.10.11 (recovery of data), 8.1.4.10 b (wiped before others get it).
Fix: set `Retain`; wipe and delete volumes on purpose, with a record.
Waiver: the head of operations, for scratch space that holds no data worth keeping.
"""

from collections.abc import Iterator
from typing import Any

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="volume_kept_after_claim",
    clauses=(Clause("GB/T 22239-2019", "8.1.10.11"), Clause("GB/T 22239-2019", "8.1.4.10 b")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=("StorageClass", "PersistentVolume"),
    title=Text("删除声明后保留存储卷", "A volume outlives its claim"),
    remedy=Text(
        "回收策略改为 Retain，清除数据后再删除存储卷并留存记录",
        "set Retain; wipe and delete volumes on purpose, with a record",
    ),
    waived_by=Text("运维负责人", "the head of operations"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the data go with the claim; a class that says nothing deletes."""
    item = resource.inputs["object"]
    if item["kind"] == "StorageClass":
        policy = item.get("reclaimPolicy", "Delete")
    else:
        policy = item.get("spec", {}).get("persistentVolumeReclaimPolicy", "Retain")
    if policy != "Retain":
        name = name_of(item)
        yield Text(f"{name} 的回收策略为 {policy}", f"the reclaim policy of {name} is {policy}")


def fix(inputs: dict[str, Any]) -> None:
    """Keep the data: what is kept by mistake can still be deleted."""
    item = inputs["object"]
    if item["kind"] == "StorageClass":
        item["reclaimPolicy"] = "Retain"
    else:
        item.setdefault("spec", {})["persistentVolumeReclaimPolicy"] = "Retain"
