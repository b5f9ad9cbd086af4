"""A container runs as a plain user, with no capability, on a file system it cannot change.

Why: what a stolen process may do is what the container was given.
Clause: GB/T 22239-2019 8.1.4.2 f (granularity of access control), 8.1.4.4 a (minimal installation).
Fix: set the security context of the pod and of every container as the findings say.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator
from typing import Any

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="least_privilege_pod",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 f"), Clause("GB/T 22239-2019", "8.1.4.4 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.WORKLOAD,),
    needs=("objects",),
    title=Text("容器以最小权限运行", "Containers run with least privilege"),
    remedy=Text(
        "在 securityContext 中补齐所列字段，并关闭服务账号令牌自动挂载",
        "complete the securityContext as listed and do not mount the service account's token",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per Deployment and setting that is missing."""
    for item in resource.inputs["objects"]:
        if item["kind"] == "Deployment":
            pod = item["spec"]["template"]["spec"]
            for missing in _missing(pod):
                name = item["metadata"]["name"]
                yield Text(f"{name} 缺少 {missing}", f"{name} lacks {missing}")


def _missing(pod: dict[str, Any]) -> Iterator[str]:
    if pod.get("automountServiceAccountToken") is not False:
        yield "automountServiceAccountToken: false"
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        context = {**pod.get("securityContext", {}), **container.get("securityContext", {})}
        if context.get("runAsNonRoot") is not True:
            yield "runAsNonRoot: true"
        if context.get("readOnlyRootFilesystem") is not True:
            yield "readOnlyRootFilesystem: true"
        if context.get("privileged") or context.get("allowPrivilegeEscalation") is not False:
            yield "allowPrivilegeEscalation: false"
        if "ALL" not in context.get("capabilities", {}).get("drop", ()):
            yield "capabilities: {drop: [ALL]}"
        if context.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            yield "seccompProfile: {type: RuntimeDefault}"
