"""A site's nodes run the operating system that was declared for it.

Why: a declaration names the listed product; what a node reports shows whether it was installed.
Advisory: the name in `/etc/os-release` is no proof of a product, and a vendor may change it.
Clause: 安全可靠测评 CPU、操作系统, GB/T 22239-2019 8.1.10.8 (configuration is as recorded).
Fix: declare what is installed, or install what is declared.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import nodes
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="node_system_declared",
    clauses=(
        Clause("安全可靠测评工作指南（试行）", "CPU、操作系统"),
        Clause("GB/T 22239-2019", "8.1.10.8"),
    ),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("节点操作系统与站点声明一致", "Nodes run the system that was declared"),
    remedy=Text(
        "按实际安装修正声明，或安装所声明的操作系统",
        "declare what is installed, or install what is declared",
    ),
)

# Product of the catalogue: how its /etc/os-release begins, where that was seen.
NAMES = {
    "os-kylin-s": "Kylin Linux Advanced Server",
    "os-openeuler": "openEuler",
    "os-anolis": "Anolis OS",
    "os-uos-s": "UnionTech OS Server",
    "os-tencentos": "TencentOS Server",
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per node that reports none of the declared systems; none if none is declared."""
    wanted = tuple(NAMES[one] for one in resource.inputs["products"] if one in NAMES)
    for node in (nodes(resource) or ()) if wanted else ():
        if not node["image"].startswith(wanted):
            declared = ", ".join(wanted)
            yield Text(
                f"{node['name']} 运行 {node['image']}，声明为 {declared}",
                f"{node['name']} runs {node['image']}, declared is {declared}",
            )
