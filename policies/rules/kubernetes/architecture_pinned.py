"""A pod says on which CPU architectures it runs.

Why: at a site with amd64, arm64 and loong64 nodes the scheduler may choose one that the image was
not built for; it fails at the start, and in a failover that is when nobody has time.
Clause: GB/T 20988-2025, standby processing system (seven resource elements).
Fix: require `kubernetes.io/arch` by `nodeSelector` or by node affinity with operator In. It is
advisory because an image built for all architectures of its site needs no pin.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Plain, Resource, Rule, Severity, Text

RULE = Rule(
    id="architecture_pinned",
    clauses=(Clause("GB/T 20988-2025", "备用数据处理系统"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("指明处理器架构", "The CPU architecture is pinned"),
    remedy=Text(
        "以 nodeSelector 或必需的节点亲和性限定 kubernetes.io/arch",
        "require kubernetes.io/arch by nodeSelector or required node affinity",
    ),
)

ARCHITECTURE = "kubernetes.io/arch"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if a node of any architecture would do."""
    item = resource.inputs["object"]
    pod = pod_of(item)
    if ARCHITECTURE not in pod.get("nodeSelector", {}) and not _required(pod):
        name = name_of(item)
        yield Text(f"{name} 未限定处理器架构", f"{name} pins no CPU architecture")


def _required(pod: Plain) -> bool:
    """Terms are alternatives, so each of them must name the architecture."""
    affinity = pod.get("affinity", {}).get("nodeAffinity", {})
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {})
    terms = required.get("nodeSelectorTerms", ())
    return bool(terms) and all(_names(term) for term in terms)


def _names(term: Plain) -> bool:
    wanted = term.get("matchExpressions", ())
    return any(one["key"] == ARCHITECTURE and one["operator"] == "In" for one in wanted)
