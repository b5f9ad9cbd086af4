"""A site's nodes have the architectures that were declared for it.

Why: placement, images and the 信创 share of a site are computed from its declaration. A node of
another architecture runs nothing of ours, and the site is not what was reported.
Clause: 安全可靠测评 CPU、操作系统, GB/T 22239-2019 8.1.10.8 (configuration is as recorded).
Fix: declare the architecture at the site, or take the node out.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import nodes, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="node_architecture_declared",
    clauses=(
        Clause("安全可靠测评工作指南（试行）", "CPU、操作系统"),
        Clause("GB/T 22239-2019", "8.1.10.8"),
    ),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("节点架构与站点声明一致", "Nodes have the architectures of their site"),
    remedy=Text(
        "修正站点声明的 architectures，或移除该节点",
        "declare the architecture at the site, or take the node out",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per node of an architecture that was not declared."""
    found, declared = nodes(resource), resource.inputs["architectures"]
    if found is None:
        yield unread("nodes")
    for node in found or ():
        if node["architecture"] not in declared:
            yield Text(
                f"{node['name']} 为 {node['architecture']}，站点未声明",
                f"{node['name']} is {node['architecture']}, which its site does not declare",
            )
