"""A pod keeps the SELinux label of containers.

Why: a type such as `spc_t`, or another user or role, lifts the mandatory control that the node's
system (openEuler, Kylin, UOS) puts on every container.
Clause: GB/T 22239-2019 8.1.4.2 g (security labels on subjects and objects).
Fix: remove `seLinuxOptions`, or name one of the types made for containers; a `level` is free.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import containers, name_of, pod_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Plain, Resource, Rule, Severity, Text

RULE = Rule(
    id="selinux_type_allowed",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 g"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("SELinux 标记限于容器类型", "A pod keeps the SELinux label of containers"),
    remedy=Text(
        "删除 seLinuxOptions 中的 type、user 与 role，或改用容器专用类型",
        "remove type, user and role from seLinuxOptions, or use a type made for containers",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per pod or container and part of the label that it must not choose."""
    item = resource.inputs["object"]
    # The pod's own label counts though a container has another: its sandbox runs under it.
    yield from _chosen(name_of(item), pod_of(item))
    for container in containers(item):
        yield from _chosen(f"{name_of(item)}/{container['name']}", container)


def _chosen(where: str, holder: Plain) -> Iterator[Text]:
    options = holder.get("securityContext", {}).get("seLinuxOptions", {})
    for part, allowed in (("type", TYPES), ("user", ("",)), ("role", ("",))):
        value = options.get(part, "")
        if value not in allowed:
            yield Text(
                f"{where} 设置 SELinux {part} 为 {value}", f"{where} sets SELinux {part} {value}"
            )
