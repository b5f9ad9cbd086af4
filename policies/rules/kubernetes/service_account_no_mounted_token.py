"""A service account hands its token to no pod that does not ask.

Why: what a pod forgets to refuse is mounted into it. Advisory, for a pod can still refuse, and
`token_not_mounted` judges whether it does. `default` is exempt: the cluster makes it without asking
anybody, and no pod may use it. So is kube-system, whose accounts the control plane makes.
Clause: GB/T 22239-2019 8.1.4.2 d (the least rights that a task needs).
Fix: set `automountServiceAccountToken: false`, and true in the pods that do speak to the cluster.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator
from typing import Any

from hospital.manifest import SYSTEM_NAMESPACES, name_of, namespace_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="service_account_no_mounted_token",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.OBJECT,),
    objects=("ServiceAccount",),
    title=Text("服务账号默认不挂载令牌", "A service account mounts no token unasked"),
    remedy=Text(
        "设置 automountServiceAccountToken: false，确需访问集群的 Pod 单独开启",
        "set automountServiceAccountToken: false; turn it on in the pods that need it",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the account does not say no."""
    item = resource.inputs["object"]
    name = name_of(item)
    if name == "default" or namespace_of(item) in SYSTEM_NAMESPACES:
        return
    if item.get("automountServiceAccountToken") is not False:
        yield Text(
            f"服务账号 {name} 未设置 automountServiceAccountToken: false",
            f"service account {name} lacks automountServiceAccountToken: false",
        )


def fix(inputs: dict[str, Any]) -> None:
    """Say no where nothing is said."""
    inputs["object"].setdefault("automountServiceAccountToken", False)
