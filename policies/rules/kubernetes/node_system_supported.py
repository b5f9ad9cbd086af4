"""Nodes run a system whose vendor still mends it.

Why: after the last day of a distribution no flaw of its kernel is closed, and all pods of a node
share that kernel.
Clause: GB/T 22239-2019 8.1.4.4 e (known flaws are found and closed), 8.1.10.5.
Fix: move the node to a supported system, of the 信创 catalogue where that is asked for.
Waiver: nobody.
"""

import re
from collections.abc import Iterator
from datetime import date

from hospital.control_plane import nodes, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="node_system_supported",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 e"), Clause("GB/T 22239-2019", "8.1.10.5")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.CLUSTER,),
    title=Text("节点操作系统仍获支持", "Nodes run a system that is still supported"),
    remedy=Text(
        "迁移到仍获维护的操作系统",
        "move the node to a system that is still supported",
    ),
)

# The vendors' own calendars, long-term support included and paid extensions not; what is not
# listed is taken as supported: https://www.centos.org/centos-linux-eol/,
# https://wiki.debian.org/LTS, https://ubuntu.com/about/release-cycle
LAST_DAY = {
    "CentOS Linux 6": date(2020, 11, 30),
    "CentOS Linux 7": date(2024, 6, 30),
    "CentOS Linux 8": date(2021, 12, 31),
    "Debian GNU/Linux 10": date(2024, 6, 30),
    "Debian GNU/Linux 11": date(2026, 8, 31),
    "Debian GNU/Linux 12": date(2028, 6, 30),
    "Ubuntu 18": date(2023, 5, 31),
    "Ubuntu 20": date(2025, 5, 31),
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per node whose system has had its last day, or says nothing of itself."""
    found = nodes(resource)
    if found is None or not all(node["image"] for node in found):
        yield unread("nodes[].osImage")
    for node in found or ():
        release = (re.match(r"\D+\d+", node["image"]) or [""])[0]
        if LAST_DAY.get(release, date.max) < facts.today:
            zh = f"{node['name']} 的 {node['image']} 已停止支持"
            yield Text(zh, f"{node['name']} runs {node['image']}, which is no longer supported")
