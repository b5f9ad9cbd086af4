"""What a request asks of its database stays within its tier's bound, should the two be apart.

They are together after the move. Between starting pods at the target and handing the database over,
and again after a failover of either, they are not: a program that asks 200 times is then slow.
"""

from __future__ import annotations

from hospital.latency import CLASSES
from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    milliseconds,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    trips = known(facts.round_trips_per_request, "round_trips_per_request")
    latency = known(known(facts.path, "path").latency_seconds, "path.latency_seconds")
    bound = CLASSES[facts.workload.tier].added_seconds
    added = trips * latency
    zh = f"每请求 {trips:g} 次往返，相隔时增加 {milliseconds(added)}，上限 {milliseconds(bound)}"
    en = f"{trips:g} round trips a request add {milliseconds(added)}, bound {milliseconds(bound)}"
    return failed(zh, en) if added > bound else passed(zh, en)


CHECK = Precheck(
    id="chattiness",
    part=Part.NETWORK,
    title=Text("数据库往返次数", "How often a request asks its database"),
    severity=Severity.WARNING,
    remedy=Text(
        "合并查询，或确保系统与数据库同站点", "batch its queries, or keep the two at one site"
    ),
    function=check,
    database=True,
)
