"""A webhook is not waited for longer than ten seconds.

Why: every write that it watches waits for it, the writes of a failover included; a webhook that
died with its site would spend the recovery time, one object after the other.
Clause: GB/T 20988-2025 (the recovery time that was promised).
Fix: set `timeoutSeconds` to 10 or less; a few are enough.
Waiver: the head of operations, for a webhook that no recovery writes past.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.parameters import of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="webhook_answers_soon",
    clauses=(Clause("GB/T 20988-2025", "恢复时间目标"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.OBJECT,),
    objects=("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    title=Text("准入回调超时不超过 10 秒", "A webhook is waited for ten seconds at most"),
    remedy=Text("将 timeoutSeconds 设为 10 或以下", "set timeoutSeconds to 10 or less"),
    waived_by=Text("运维负责人", "the head of operations"),
    parameters=of("webhook_answers_soon"),
)

DEFAULT = 10  # seconds, of Kubernetes, which allows 30


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per webhook that is waited for too long."""
    item = resource.inputs["object"]
    longest = facts.parameter(RULE, "longestSeconds")
    for webhook in item.get("webhooks", ()):
        seconds = webhook.get("timeoutSeconds", DEFAULT)
        if seconds > longest:
            where = f"{name_of(item)}/{webhook['name']}"
            yield Text(f"{where} 超时为 {seconds} 秒", f"{where} is waited for {seconds} s")
