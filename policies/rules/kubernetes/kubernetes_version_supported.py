"""Kubernetes is of a version that its community still mends.

Why: about fourteen months after its release a minor version gets no more fixes, and a flaw in the
API server or a kubelet is a flaw of every system that runs there.
Clause: GB/T 22239-2019 8.1.4.4 e (known flaws are found and closed), 8.1.10.5.
Fix: upgrade, API servers first, then kubelets.
Waiver: nobody.
"""

from collections.abc import Iterator
from datetime import date

from hospital.control_plane import minor, nodes, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="kubernetes_version_supported",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 e"), Clause("GB/T 22239-2019", "8.1.10.5")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.CLUSTER,),
    title=Text("Kubernetes 版本仍获支持", "Kubernetes' version is still supported"),
    remedy=Text(
        "升级到社区仍在维护的版本，先 API 服务器后 kubelet",
        "upgrade to a version that is supported, API servers first",
    ),
)

# https://kubernetes.io/releases/, read on 2026-11-25; a later version is taken as supported.
LAST_DAY = {
    34: date(2026, 10, 27),
    35: date(2027, 2, 28),
    36: date(2027, 6, 28),
    37: date(2027, 10, 28),
}
OLDEST = 34  # whatever is older has had its last day


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per API server or kubelet whose version has had its last day, or is unclear."""
    found = {"kube-apiserver": resource.inputs["facts"]["version"]}
    found |= {node["name"]: node["kubelet"] for node in nodes(resource) or ()}
    for name, version in found.items():
        number = minor(version)
        if number is None:
            yield unread(f"{name} {version}")
        elif number < OLDEST or LAST_DAY.get(number, date.max) < facts.today:
            zh = f"{name} 的 Kubernetes {version} 已停止支持"
            yield Text(zh, f"{name} runs Kubernetes {version}, which is no longer supported")
