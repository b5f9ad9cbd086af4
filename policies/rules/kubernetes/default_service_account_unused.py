"""A pod has a service account of its own, never its namespace's default one.

Why: `default` is shared by everything that named none: a right given to it is given to all, and the
audit record cannot tell which of them used it.
Clause: GB/T 22239-2019 8.1.4.2 a (rights belong to an account), 8.1.4.2 c (no shared account).
Fix: make a ServiceAccount for the workload and name it in `serviceAccountName`.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="default_service_account_unused",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 a"), Clause("GB/T 22239-2019", "8.1.4.2 c")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("不使用默认服务账号", "The default service account is not used"),
    remedy=Text(
        "为业务创建专用 ServiceAccount，并写入 serviceAccountName",
        "make a ServiceAccount for the workload and name it in serviceAccountName",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the pod names no account, or the default one."""
    item = resource.inputs["object"]
    pod = pod_of(item)
    # `serviceAccount` is the field's first name, which Kubernetes still reads.
    account = pod.get("serviceAccountName") or pod.get("serviceAccount") or "default"
    if account == "default":
        name = name_of(item)
        yield Text(f"{name} 使用默认服务账号", f"{name} runs under the default service account")
