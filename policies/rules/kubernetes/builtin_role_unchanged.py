"""What a role gives that Kubernetes makes itself, nobody else has written.

Why: those roles are not judged by what they give, for Kubernetes needs them. At each start an API
server adds what is missing in them and takes nothing away: what somebody added to one stays for
ever, where nobody looks. Who last wrote the rights stands in `managedFields`, by the name that the
writer gave himself: this finds who did not hide.
Clause: GB/T 22239-2019 8.1.4.2 d (least privilege), 8.1.4.2 e (who may set access rules).
Fix: delete the role, and start the API server again: it makes it anew. Rights of one's own belong
in a role of one's own.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.grants import built_in
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="builtin_role_unchanged",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.2 d"),
        Clause("GB/T 22239-2019", "8.1.4.2 e"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("ClusterRole",),
    title=Text("内置角色保持原样", "Roles that Kubernetes makes are as it made them"),
    remedy=Text(
        "删除该角色并重启 API 服务器以重建；自有权限写入自有角色",
        "delete it and start the API server again; put rights of your own in a role of your own",
    ),
)

MAKERS = {"kube-apiserver", "clusterrole-aggregation-controller"}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per other writer of what the role gives."""
    item = resource.inputs["object"]
    for entry in item["metadata"].get("managedFields", ()) if built_in(item) else ():
        if "f:rules" in entry.get("fieldsV1", {}) and entry.get("manager") not in MAKERS:
            name, who = name_of(item), entry.get("manager")
            yield Text(f"{who} 改写了内置角色 {name} 的权限", f"{who} wrote what {name} gives")
