"""A cluster writes down who did what.

Why: without a policy the API server records nothing at all, and without a place the policy is void:
nobody can tell later who opened a Secret or deleted a hospital's database claim.
Clause: GB/T 22239-2019 8.1.4.3 a (every user is audited), 8.1.5.1 a, 8.1.5.2 a, 8.1.5.3 a (acts of
the three administrators); GB/T 39725-2020, data of level 2 (access leaves a trace).
Fix: `--audit-policy-file` and `--audit-log-path`, or `--audit-webhook-config-file`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cluster_audited",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.3 a"),
        Clause("GB/T 22239-2019", "8.1.5.1 a"),
        Clause("GB/T 22239-2019", "8.1.5.2 a"),
        Clause("GB/T 22239-2019", "8.1.5.3 a"),
        Clause("GB/T 39725-2020", "第2级数据"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.CLUSTER,),
    title=Text("集群审计已开启", "Clusters are audited"),
    remedy=Text(
        "设置审计策略文件与日志路径（或审计 webhook）",
        "set an audit policy and a path or a webhook for its records",
    ),
)

PLACES = ("audit-log-path", "audit-webhook-config-file")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per half that is missing: what to record, and where."""
    values = [flag(resource, name) for name in ("audit-policy-file", *PLACES)]
    if None in values:
        yield unread("audit-policy-file, audit-log-path, audit-webhook-config-file")
        return
    policy, *places = values
    if not policy:
        yield Text("未设审计策略", "there is no audit policy")
    if not any(places):
        yield Text("审计记录无处存放", "audit records have no place")
