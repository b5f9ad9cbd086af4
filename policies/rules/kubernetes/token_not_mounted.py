"""No pod carries a token for its cluster's API server.

Why: with the token an intruder in the pod speaks to the cluster in the pod's name; a hospital's
services never speak to it.
Clause: GB/T 22239-2019 8.1.4.2 d (no more rights than the task needs).
Fix: set `automountServiceAccountToken: false` in the pod; its service account alone does not show.
Waiver: the security administrator, for one workload that does speak to the API server.
"""

from collections.abc import Iterator
from typing import Any

from hospital.manifest import name_of, pod_of, writable_pod
from hospital.rule import PODS, Clause, Facts, Kind, Level, Plain, Resource, Rule, Severity, Text

RULE = Rule(
    id="token_not_mounted",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("不挂载服务账号令牌", "No service account's token is mounted"),
    remedy=Text(
        "在 Pod 中设置 automountServiceAccountToken: false，并删除令牌投射卷",
        "set automountServiceAccountToken: false in the pod; remove projected tokens",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if Kubernetes mounts the token; else one per volume that does."""
    item = resource.inputs["object"]
    pod, name = pod_of(item), name_of(item)
    if pod.get("automountServiceAccountToken") is not False:
        yield Text(
            f"{name} 未设置 automountServiceAccountToken: false",
            f"{name} lacks automountServiceAccountToken: false",
        )
        return  # what Kubernetes mounted into a living pod looks like a volume of its own
    for volume in pod.get("volumes", ()):
        if _is_token(volume):
            where = f"{name}/{volume['name']}"
            yield Text(f"卷 {where} 投射 API 令牌", f"volume {where} holds an API token")


def _is_token(volume: Plain) -> bool:
    """Without an audience a token is for the API server, with one for somebody else."""
    sources = volume.get("projected", {}).get("sources", ())
    tokens = [one["serviceAccountToken"] for one in sources if "serviceAccountToken" in one]
    return any(not token.get("audience") for token in tokens)


def fix(inputs: dict[str, Any]) -> None:
    """Say no where nothing is said; a projected token is there on purpose."""
    writable_pod(inputs["object"]).setdefault("automountServiceAccountToken", False)
