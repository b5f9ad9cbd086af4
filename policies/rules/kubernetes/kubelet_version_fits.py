"""No kubelet is newer than its API server, or more than three minor versions older.

Why: outside that window the two were never tested together: pods stop with fields that one of them
does not know, and no fix is promised. It is how a forgotten node shows after an upgrade.
Clause: GB/T 22239-2019 8.1.10.5 (flaws and risks are mended), 8.1.10.8 (versions are known).
Fix: upgrade the kubelet, or finish the upgrade of the API servers.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import minor, nodes, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="kubelet_version_fits",
    clauses=(Clause("GB/T 22239-2019", "8.1.10.5"), Clause("GB/T 22239-2019", "8.1.10.8")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("kubelet 与 API 服务器版本匹配", "Kubelets fit their API server"),
    remedy=Text(
        "升级 kubelet，或完成 API 服务器的升级",
        "upgrade the kubelet, or finish the API servers' upgrade",
    ),
)

WINDOW = 3  # minor versions, https://kubernetes.io/releases/version-skew-policy/


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per node outside the window; nothing of versions that another rule finds."""
    found, server = nodes(resource), resource.inputs["facts"]["version"]
    if found is None:
        yield unread("nodes")
    for node in found or ():
        ours, its = minor(server), minor(node["kubelet"])
        if ours is not None and its is not None and not ours - WINDOW <= its <= ours:
            yield Text(
                f"{node['name']} 的 kubelet {node['kubelet']} 与 API 服务器 {server} 不匹配",
                f"kubelet {node['kubelet']} of {node['name']} does not fit API server {server}",
            )
