"""A standby receives from its primary, at this moment.

Why: a standby that stopped receiving looks like one until it is needed; then it is as old as the
day on which it stopped.
Clause: GB/T 20988-2025 level 5 (in real time); GB/T 22239-2019 8.1.4.9 b.
Fix: see its log for why: certificate, pg_hba.conf, a segment that is gone (then build it again).
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_standby_receives",
    clauses=(Clause("GB/T 20988-2025", "第5级"), Clause("GB/T 22239-2019", "8.1.4.9 b")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("备库实时接收", "A standby receives in real time"),
    remedy=Text(
        "查看备库日志并恢复流复制，必要时重建",
        "see the standby's log and mend its replication, or build it again",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if a member in recovery receives nothing."""
    seen = resource.inputs["facts"]
    status = seen.get("receiver", {}).get("status", "")
    if seen["standby"] and status != "streaming":
        zh = f"备库接收状态为 {status or '无连接'}"
        yield Text(zh, f"the standby's receiver is {status or 'not connected'}")
