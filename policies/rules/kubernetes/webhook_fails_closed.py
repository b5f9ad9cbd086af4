"""What a webhook should check is refused while it cannot.

Why: with `Ignore`, who makes the webhook slow or unreachable passes it. Advisory: a webhook that
only fills in defaults, or that would stop the cluster from starting, may well be left open.
Clause: GB/T 22239-2019 8.1.4.2 e (access policy holds for every access), 8.1.5.4 e.
Fix: set `failurePolicy: Fail`, run the webhook with replicas, and exempt kube-system by selector.
Waiver: the security administrator, for one webhook that decides nothing.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="webhook_fails_closed",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 e"), Clause("GB/T 22239-2019", "8.1.5.4 e")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    title=Text("准入回调失败时拒绝", "A webhook that does not answer refuses"),
    remedy=Text(
        "设置 failurePolicy: Fail，多副本部署并以选择器排除 kube-system",
        "set failurePolicy: Fail, run replicas, and exempt kube-system by selector",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per webhook that may be passed; what says nothing fails closed."""
    item = resource.inputs["object"]
    for webhook in item.get("webhooks", ()):
        if webhook.get("failurePolicy") == "Ignore":
            where = f"{name_of(item)}/{webhook['name']}"
            yield Text(f"{where} 失败时放行", f"{where} lets pass when it fails")
